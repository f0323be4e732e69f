import { people, PASSWORD } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

// Names and passwords are what all other tests find people by.
test.use({ ownServer: true });

const NEW_PASSWORD = 'violet ladder seven rivers';

async function open(visitor: Visitor): Promise<void> {
  await visitor.open('/sign-in?next=/profile');
  await visitor.signIn(people.manager.email);
  await expect(visitor.heading).toHaveText('Profile');
}

async function changePassword(visitor: Visitor, present: string, next: string): Promise<void> {
  const { page } = visitor;
  await page.getByLabel('Current password', { exact: true }).fill(present);
  await page.getByLabel('New password', { exact: true }).fill(next);
  await visitor.follow(() => page.getByRole('button', { name: 'Change password' }).click());
}

test('a new name is kept and shown', async ({ visitor }) => {
  await open(visitor);
  const name = visitor.page.getByRole('textbox', { name: 'Name', exact: true });
  await expect(name).toHaveValue(people.manager.name);
  await expect(visitor.page.getByRole('textbox', { name: 'E-mail' })).toHaveValue(people.manager.email);
  await expect(visitor.page.getByRole('textbox', { name: 'E-mail' })).not.toBeEditable();
  await name.fill('Lucia Neri Bassi');
  await visitor.follow(() => visitor.page.getByRole('button', { name: 'Save' }).click());
  await expect(visitor.main.getByRole('status').filter({ hasText: 'Your profile was saved.' })).toBeVisible();
  await expect(visitor.page.getByRole('button', { name: 'Account menu, Lucia Neri Bassi' })).toHaveText('LB');
  await visitor.reload();
  await expect(name).toHaveValue('Lucia Neri Bassi');
});

test('a name that is none is refused, and stays as it was typed', async ({ visitor, watch }) => {
  watch.expectStatus(422);
  await open(visitor);
  const name = visitor.page.getByRole('textbox', { name: 'Name', exact: true });
  for (const [typed, message] of [
    ['', 'Enter a value.'],
    ['x'.repeat(121), 'Use at most 120 characters.'],
  ] as const) {
    await name.fill(typed);
    await visitor.follow(() => visitor.page.getByRole('button', { name: 'Save' }).click());
    await expect(name).toHaveAccessibleDescription(message);
    await expect(name).toHaveValue(typed);
  }
  await expect(visitor.page.getByRole('button', { name: `Account menu, ${people.manager.name}` })).toBeVisible();
});

test('a password is changed only by who knows the present one', async ({ visitor, watch }) => {
  watch.expectStatus(422);
  await open(visitor);
  await changePassword(visitor, 'not my password', NEW_PASSWORD);
  const present = visitor.page.getByLabel('Current password', { exact: true });
  await expect(present).toHaveAccessibleDescription("That isn't your current password.");
  // A password never comes back into the page.
  await expect(present).toHaveValue('');
});

test('a password that is too short is refused', async ({ visitor, watch }) => {
  watch.expectStatus(422);
  await open(visitor);
  await changePassword(visitor, PASSWORD, 'eleven char');
  const next = visitor.page.getByLabel('New password', { exact: true });
  await expect(next).toHaveAccessibleDescription(/Use at least 12 characters\./);
  await expect(next).toHaveAttribute('aria-invalid', 'true');
});

test('a new password ends all other sessions and is the one that counts', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(401);
  const elsewhere = await newcomer();
  await elsewhere.open('/sign-in');
  await elsewhere.signIn(people.manager.email);

  await open(visitor);
  await changePassword(visitor, PASSWORD, NEW_PASSWORD);
  const said = 'Your password was changed. You were signed out everywhere else.';
  await expect(visitor.main.getByRole('status').filter({ hasText: said })).toBeVisible();
  await visitor.open('/accounts');
  await expect(visitor.heading).toHaveText('Accounts');

  await elsewhere.open('/accounts');
  await expect(elsewhere.heading).toHaveText('Sign in');
  await elsewhere.signIn(people.manager.email);
  await expect(elsewhere.page.getByRole('alert')).toBeVisible();
  await elsewhere.signIn(people.manager.email, NEW_PASSWORD);
  await expect(elsewhere.heading).toHaveText('Accounts');
});
