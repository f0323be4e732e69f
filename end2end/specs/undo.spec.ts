import { AccountForm } from '../support/account-form.ts';
import { addAccount } from '../support/accounts.ts';
import { PagePanel } from '../support/panels.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

test('a switch is undone with all it caused', { tag: ['@postgres', '@italian'] }, async ({ visitor }) => {
  const { words } = visitor;
  await visitor.open(await addAccount(visitor));
  const integrations = new PagePanel(visitor, words.integrations);
  const privileges = new PagePanel(visitor, words.privileges);
  await integrations.flip('MiCollab');
  await privileges.expectOn(words.delegatedAuthentication, true);
  await integrations.press(words.undo);
  await integrations.expectOn('MiCollab', false);
  await privileges.expectOn(words.delegatedAuthentication, false);
  await visitor.reload();
  await integrations.expectOn('MiCollab', false);
});

test('a privilege and a call service are undone, and that too', async ({ visitor }) => {
  await visitor.open(await addAccount(visitor));
  for (const [name, label] of [['Privileges', 'Allow guest access'], ['Call services', 'Bandwidth optimisation']] as const) {
    const panel = new PagePanel(visitor, name);
    await panel.flip(label);
    await panel.expectOn(label, true);
    await panel.press('Undo');
    await panel.expectSaid('Undone.');
    await panel.expectOn(label, false);
    await panel.press('Undo');
    await panel.expectOn(label, true);
  }
});

test('a Save is undone', { tag: '@postgres' }, async ({ visitor }) => {
  await visitor.open(await addAccount(visitor));
  const form = new AccountForm(visitor);
  await form.fill({ City: 'Carpi' });
  await form.save();
  await expect(form.said(/^Saved/)).toBeVisible();
  await form.send('Undo');
  await expect(form.text('City')).toHaveValue('Modena');
  await visitor.reload();
  await expect(form.text('City')).toHaveValue('Modena');
});

test('what somebody else has changed since is not undone', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(409);
  const path = await addAccount(visitor);
  await visitor.open(path);
  const panel = new PagePanel(visitor, 'Call services');
  await panel.flip('Bandwidth optimisation');
  await panel.expectSaid('Bandwidth optimisation: On.');
  const other = await newcomer();
  await other.enter(people.partner, path);
  const theirs = new PagePanel(other, 'Call services');
  await theirs.flip('Bandwidth optimisation');
  await theirs.expectSaid('Bandwidth optimisation: Off.');
  await panel.press('Undo');
  await expect(panel.region.getByRole('alert')).toContainText('This changed while you were deciding, so nothing was done.');
  await panel.expectOn('Bandwidth optimisation', false);
});
