import { AccountForm } from '../support/account-form.ts';
import { addAccount, freshName } from '../support/accounts.ts';
import { importOrder } from '../support/orders.ts';
import { PagePanel } from '../support/panels.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

/** Two have the same fresh account open. */
async function meet(visitor: Visitor, newcomer: () => Promise<Visitor>): Promise<Visitor> {
  const path = await addAccount(visitor);
  await visitor.open(path);
  const other = await newcomer();
  await other.enter(people.partner, path);
  return other;
}

test.describe('an open page', { tag: '@script' }, () => {
  test('shows what others switch and save', { tag: '@postgres' }, async ({ visitor, newcomer }) => {
    const other = await meet(visitor, newcomer);
    await new PagePanel(other, 'Integrations').flip('Mitel Voice Assist');
    await new PagePanel(visitor, 'Integrations').expectOn('Mitel Voice Assist', true);
    const form = new AccountForm(other);
    await form.fill({ 'Customer name': 'Quince Renamed', City: 'Carpi' });
    await form.save();
    await expect(visitor.heading).toHaveText('Quince Renamed');
    await expect(new AccountForm(visitor).text('City')).toHaveValue('Carpi');
    await expect(visitor.main.getByRole('region', { name: 'Activity', exact: true })).toContainText('Modena → Carpi');
  });

  test('keeps what is being typed, and brings the rest', async ({ visitor, newcomer }) => {
    const other = await meet(visitor, newcomer);
    const [mine, theirs] = [new AccountForm(visitor), new AccountForm(other)];
    const contact = visitor.page.getByLabel('Name or e-mail address');
    await contact.fill('half an addr');
    await mine.fill({ Address: 'Via Nuova 7' });
    await theirs.fill({ City: 'Carpi' });
    await theirs.save();
    await expect(mine.text('City')).toHaveValue('Carpi');
    await expect(mine.text('Address')).toHaveValue('Via Nuova 7');
    await expect(contact).toHaveValue('half an addr');
    await mine.save();
    await expect(mine.said(/^Saved/)).toBeVisible();
    await expect(theirs.text('Address')).toHaveValue('Via Nuova 7');
  });

  test('leaves a field alone that two are changing, until it is saved', async ({ visitor, newcomer, watch }) => {
    watch.expectStatus(409);
    const other = await meet(visitor, newcomer);
    const [mine, theirs] = [new AccountForm(visitor), new AccountForm(other)];
    await mine.fill({ City: 'Parma' });
    await theirs.fill({ City: 'Carpi' });
    await theirs.save();
    await expect(visitor.main.getByRole('region', { name: 'Activity', exact: true })).toContainText('Modena → Carpi');
    await expect(mine.text('City')).toHaveValue('Parma');
    await mine.save();
    await expect(mine.summary).toContainText('Someone else changed this field while you were editing');
  });

  test('keeps the focus and a question that is open', async ({ visitor, newcomer, watch }) => {
    watch.expectStatus(409);
    const other = await meet(visitor, newcomer);
    const integrations = new PagePanel(visitor, 'Integrations');
    await integrations.flip('MiCollab');
    await integrations.expectSaid('MiCollab: On.');
    await integrations.flip('MiCollab');
    await expect(visitor.page.getByRole('dialog')).toBeVisible();
    await new PagePanel(other, 'Call services').flip('Bandwidth optimisation');
    await new PagePanel(visitor, 'Call services').expectOn('Bandwidth optimisation', true);
    await expect(visitor.page.getByRole('dialog')).toBeVisible();
    await integrations.press('Confirm');
    await integrations.expectSaid('MiCollab: Off.');
    await expect(integrations.switch('MiCollab')).toBeFocused();
    await new PagePanel(other, 'Integrations').expectOn('MiCollab', false);
    await new PagePanel(other, 'Call services').flip('Bandwidth optimisation');
    await new PagePanel(visitor, 'Call services').expectOn('Bandwidth optimisation', false);
    await expect(integrations.switch('MiCollab')).toBeFocused();
  });

  test('comes up to date when it is looked at again', async ({ visitor, newcomer }) => {
    const other = await meet(visitor, newcomer);
    await visitor.lookAway();
    const panel = new PagePanel(other, 'Integrations');
    await panel.flip('Mitel Voice Assist');
    await panel.expectSaid('Mitel Voice Assist: On.');
    await visitor.lookBack();
    await new PagePanel(visitor, 'Integrations').expectOn('Mitel Voice Assist', true);
  });

  test('of lists shows what is added and assigned', async ({ visitor, newcomer }) => {
    const name = freshName();
    const order = await importOrder(visitor);
    await visitor.enter(people.partner, `/accounts?q=${encodeURIComponent(name)}`);
    await expect(visitor.main).toContainText('No accounts found');
    const other = await newcomer();
    await other.enter(people.partner, `/orders?q=${order}`);
    await expect(other.main.getByRole('table')).toContainText('Not assigned');
    const third = await newcomer();
    const path = await addAccount(third, { name });
    await expect(visitor.main.getByRole('link', { name })).toBeVisible();
    await third.open(`/orders/${order}?for=${path.split('/').pop()}`);
    await third.follow(() => third.main.getByRole('button', { name: 'Assign', exact: true }).click());
    await expect(other.main.getByRole('table').getByRole('link', { name })).toBeVisible();
  });
});
