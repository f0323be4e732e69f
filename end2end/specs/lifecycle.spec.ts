import { addAccount, freshName } from '../support/accounts.ts';
import { PagePanel } from '../support/panels.ts';
import { people, PASSWORD } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

const PANEL = 'Deactivate and delete';

/** Opens a fresh account; gives its panel and what is asked on it. */
async function open(visitor: Visitor, name: string) {
  const path = await addAccount(visitor, { name });
  await visitor.open(path);
  const panel = new PagePanel(visitor, PANEL);
  const answer = async (button: string) => {
    await panel.send(() => visitor.page.getByRole('dialog').getByRole('button', { name: button, exact: true }).click());
  };
  return { path, panel, answer, question: visitor.page.getByRole('dialog') };
}

test('an account is deactivated and reactivated', { tag: '@postgres' }, async ({ visitor }) => {
  const name = freshName();
  const { panel, answer, question } = await open(visitor, name);
  await panel.press('Deactivate');
  await expect(question).toHaveAccessibleName(`Deactivate ${name}?`);
  await expect(question.getByRole('listitem')).toHaveText([
    'No users are affected.',
    'All settings and data are kept; Reactivate brings the account back.',
  ]);
  await answer('Cancel');
  await expect(question).toHaveCount(0);
  await panel.press('Deactivate');
  await answer('Deactivate');
  await panel.expectSaid('The account is deactivated.');
  await expect(visitor.main).toContainText("This account is deactivated. Its users can't sign in.");
  await panel.press('Reactivate');
  await panel.expectSaid('The account is active again.');
});

test('an account is deleted by its name, and restored', { tag: '@postgres' }, async ({ visitor, watch }) => {
  watch.expectStatus(422);
  const name = freshName();
  const { path, panel, answer, question } = await open(visitor, name);
  await panel.press('Delete');
  await expect(question).toContainText('You can restore it in full');
  const field = question.getByRole('textbox', { name: `To confirm, type the customer's name: ${name}` });
  await answer('Delete');
  await expect(field).toHaveAccessibleDescription('Enter a value.');
  await field.fill('Another');
  await answer('Delete');
  await expect(field).toHaveAccessibleDescription(/This isn't the customer's name/);
  await expect(field).toHaveValue('Another');
  await field.fill(name);
  await answer('Delete');
  await panel.expectSaid('The account is deleted.');
  await expect(visitor.main.getByRole('button', { name: 'Save', exact: true })).toHaveCount(0);

  await visitor.open(`/accounts?q=${encodeURIComponent(name)}`);
  await expect(visitor.main).toContainText('No accounts found');
  await visitor.open(`/accounts?q=${encodeURIComponent(name)}&status=deleted`);
  await visitor.follow(() => visitor.main.getByRole('link', { name }).click());
  await expect(visitor.page).toHaveURL(path);
  await panel.press('Restore');
  await panel.expectSaid('The account is restored as it was.');
  await visitor.open(`/accounts?q=${encodeURIComponent(name)}`);
  await expect(visitor.main.getByRole('link', { name })).toBeVisible();
});

test('only partner admins are offered it', async ({ visitor }) => {
  await visitor.enter(people.admin, '/');
  await expect(visitor.main.getByRole('region', { name: 'Activity', exact: true })).toBeVisible();
  await expect(visitor.main.getByRole('region', { name: PANEL })).toHaveCount(0);
  await visitor.enter(people.manager, '/accounts?status=deleted');
  await expect(visitor.main).toContainText('No accounts found');
});

test.describe('whoever works in a deactivated account', () => {
  // It is the account of the demo's account admin, on which other tests rely.
  test.use({ ownServer: true });

  test('is signed out of an open page at once', { tag: '@script' }, async ({ visitor, newcomer, watch }) => {
    watch.expectStatus(401);
    await visitor.enter(people.admin, '/');
    const path = new URL(visitor.page.url()).pathname;
    const partner = await newcomer();
    await partner.enter(people.partner, path);
    const panel = new PagePanel(partner, PANEL);
    await panel.press('Deactivate');
    await expect(partner.page.getByRole('dialog')).toContainText('2 users can no longer sign in');
    await partner.page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await panel.expectSaid('The account is deactivated.');
    const dialog = visitor.page.getByRole('dialog', { name: 'Sign in' });
    await expect(dialog).toContainText('Your session has ended.');
    await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await expect(dialog.getByRole('alert')).toBeVisible();
  });
});
