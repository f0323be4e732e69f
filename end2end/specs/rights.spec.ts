import { AccountForm } from '../support/account-form.ts';
import { AccountsList } from '../support/accounts-list.ts';
import { people, ROSSI } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

/** A number with a right check digit that no account of the demo has. */
const NOBODYS = '/accounts/100000008';

/** The address of the first account in somebody's list. */
async function firstAccountOf(visitor: Visitor): Promise<string> {
  const link = new AccountsList(visitor).rows.first().getByRole('link');
  return (await link.getAttribute('href')) ?? '';
}

/** The page that says that there is nothing, as a reader hears it. */
async function openMissing(visitor: Visitor, path: string): Promise<string> {
  const answer = await visitor.open(path);
  expect(answer.status(), path).toBe(404);
  await expect(visitor.heading).toHaveText('Page not found');
  await expect(visitor.page).toHaveTitle('Page not found · Tenantry');
  return await visitor.page.locator('body').ariaSnapshot();
}

test('what somebody may not see answers exactly as what is not there', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(404);
  const other = await newcomer();
  await other.enter(people.other, '/accounts');
  const foreign = await firstAccountOf(other);
  expect((await other.open(foreign)).status()).toBe(200);

  await visitor.begin(people.partner);
  const answers = new Set<string>();
  for (const path of [foreign, NOBODYS, '/accounts/123456789', '/accounts/12', '/accounts/rossi', '/no/such/page']) {
    answers.add(await openMissing(visitor, path));
  }
  expect(answers.size).toBe(1);
});

test('an account manager reaches the assigned accounts and no others', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(403, 404);
  await visitor.enter(people.manager, '/accounts');
  const assigned = await new AccountsList(visitor).column('accountId');
  const partner = await newcomer();
  await partner.enter(people.partner, '/accounts');
  const rows = new AccountsList(partner).rows;
  const others = (await rows.getByRole('link').all()).map((link) => link.getAttribute('href'));
  const foreign = (await Promise.all(others)).find((path) => !assigned.some((id) => path?.endsWith(id.replace(/\D/g, ''))));
  await openMissing(visitor, foreign ?? '');

  expect((await visitor.open('/accounts/new')).status()).toBe(403);
  await expect(visitor.heading).toHaveText('Not allowed');
  await expect(visitor.main).toContainText('Only a partner admin');
});

test('an account admin has the one account, and no list', async ({ visitor, watch }) => {
  watch.expectStatus(404);
  await visitor.enter(people.admin, '/');
  await expect(visitor.heading).toHaveText(ROSSI);
  const navigation = visitor.page.getByRole('navigation', { name: 'Main' });
  await expect(navigation.getByRole('link')).toHaveText(['Account', 'Profile']);
  await expect(navigation.getByRole('link', { name: 'Account' })).toHaveAttribute('aria-current', 'page');
  await expect(visitor.page.getByRole('combobox', { name: 'Switch account' })).toHaveCount(0);
  await expect(visitor.page.getByRole('banner')).not.toContainText('Working in');
  await expect(new AccountForm(visitor).panel.getByRole('button', { name: 'Save' })).toBeVisible();
  for (const path of ['/accounts', '/accounts/new', NOBODYS]) await openMissing(visitor, path);
});

test('a plain user has a profile and nothing else', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(404);
  const admin = await newcomer();
  await admin.enter(people.admin, '/');
  const account = new URL(admin.page.url()).pathname;

  await visitor.enter(people.user, '/');
  await expect(visitor.page).toHaveURL('/profile');
  const navigation = visitor.page.getByRole('navigation', { name: 'Main' });
  await expect(navigation.getByRole('link')).toHaveText(['Profile']);
  for (const path of ['/accounts', '/accounts/new', account, NOBODYS]) await openMissing(visitor, path);
});

test('who is not signed in sees nothing of what is there', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(404);
  const partner = await newcomer();
  await partner.enter(people.partner, '/accounts');
  const existing = await firstAccountOf(partner);
  for (const path of ['/accounts', '/accounts/new', '/profile', '/memberships', existing, NOBODYS]) {
    await visitor.open(path);
    await expect(visitor.page).toHaveURL(`/sign-in?next=${encodeURIComponent(path)}`);
  }
  await openMissing(visitor, '/no/such/page');
  for (const path of ['/support', '/legal']) expect((await visitor.open(path)).status()).toBe(200);
});

test('nothing is changed where nothing may be seen', async ({ newcomer }) => {
  const other = await newcomer();
  await other.enter(people.other, '/accounts');
  const foreign = await firstAccountOf(other);
  await other.open(foreign);
  const name = await other.heading.innerText();

  const form = {
    _form: '/api/save_customer_information',
    number: foreign.split('/').at(-1) ?? '',
    version: '1',
    name: 'Taken over',
    country: 'IT',
    language: 'it',
  };
  for (const person of [people.partner, people.manager, people.admin, people.user]) {
    const intruder = await newcomer();
    await intruder.begin(person);
    for (const path of [foreign, '/profile', '/api/save_customer_information']) {
      const answer = await intruder.page.request.post(path, { form, maxRedirects: 0 });
      expect(answer.status(), `${person.email} to ${path}`).toBe(404);
    }
  }
  await other.reload();
  await expect(other.heading).toHaveText(name);
});
