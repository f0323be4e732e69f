import type { Locator, Page } from '@playwright/test';
import { AccountForm } from '../support/account-form.ts';
import { addAccount } from '../support/accounts.ts';
import { people, PASSWORD, ROSSI } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

/** More stops than any page has before what the tests look for. */
const MOST_STOPS = 60;

/** Goes on by Tab until `target` has the focus, and sees that it shows. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) {
      await expect(target).toBeInViewport();
      return;
    }
  }
  throw new Error(`${target} is not reached by Tab`);
}

test('the whole way goes by Tab and Enter alone', async ({ visitor }) => {
  const { page, main } = visitor;
  await addAccount(visitor, { name: 'Ukulele Keyworks' });
  await page.context().clearCookies();

  await visitor.open('/sign-in');
  await tabTo(page, page.getByRole('textbox', { name: 'E-mail' }));
  await page.keyboard.type(people.partner.email);
  await tabTo(page, page.getByLabel('Password', { exact: true }));
  await page.keyboard.type(PASSWORD);
  await visitor.follow(() => page.keyboard.press('Enter'));

  await tabTo(page, main.getByRole('searchbox', { name: 'Search accounts' }));
  await page.keyboard.type('ukulele');
  if (!visitor.scripts) await visitor.follow(() => page.keyboard.press('Enter'));
  await expect(main.getByRole('row')).toHaveCount(2);
  await tabTo(page, main.getByRole('link', { name: 'Ukulele Keyworks' }));
  await visitor.follow(() => page.keyboard.press('Enter'));

  const form = new AccountForm(visitor);
  await tabTo(page, form.text('City'));
  await page.keyboard.type('Carpi');
  await tabTo(page, form.panel.getByRole('button', { name: 'Save' }));
  const press = () => page.keyboard.press('Enter');
  await (visitor.scripts ? press() : visitor.follow(press));
  await expect(form.said('Saved.')).toBeVisible();
  await expect(form.text('City')).toHaveValue('Carpi');
});

test('the menu under the name opens by Enter and closes by Escape', async ({ visitor }) => {
  const { page } = visitor;
  await visitor.enter(people.partner, '/accounts');
  const button = page.getByRole('button', { name: 'Account menu, Marta Bianchi' });
  const signOut = page.getByRole('button', { name: 'Sign out' });
  await tabTo(page, button);
  await expect(signOut).toBeHidden();
  await page.keyboard.press('Enter');
  await expect(signOut).toBeVisible();
  await tabTo(page, signOut);
  await page.keyboard.press('Escape');
  await expect(signOut).toBeHidden();
  await expect(button).toBeFocused();
});

test.describe('the account switcher', () => {
  test('offers what matches, moves by arrows and goes there by Enter', { tag: '@script' }, async ({ visitor }) => {
    const { page } = visitor;
    await visitor.enter(people.partner, '/profile');
    const field = page.getByRole('combobox', { name: 'Switch account' });
    const options = page.getByRole('listbox').getByRole('option').filter({ hasText: 'Rossi' });
    await expect(field).toHaveAttribute('aria-expanded', 'false');
    await tabTo(page, field);
    await page.keyboard.type('rossi');
    await expect(page.getByRole('listbox', { name: 'Accounts' })).toBeVisible();
    await expect(field).toHaveAttribute('aria-expanded', 'true');
    await expect(options).not.toHaveCount(0);
    await expect(page.getByRole('banner').getByRole('status')).toHaveText(/^\d+ accounts? found$/);
    const last = (await options.count()) - 1;
    expect(last).toBeGreaterThan(0);
    for (const [key, place] of [
      ['ArrowDown', 0],
      ['ArrowDown', 1],
      ['ArrowUp', 0],
      ['ArrowUp', last],
      ['ArrowDown', 0],
    ] as const) {
      await page.keyboard.press(key);
      const active = options.nth(place);
      await expect(active).toHaveAttribute('aria-selected', 'true');
      await expect(field).toHaveAttribute('aria-activedescendant', (await active.getAttribute('id')) ?? 'none');
      await expect(page.getByRole('listbox').getByRole('option', { selected: true })).toHaveCount(1);
    }
    await expect(field).toBeFocused();
    const name = (await options.first().innerText()).split('\n')[0] ?? '';
    await visitor.follow(() => page.keyboard.press('Enter'));
    await expect(visitor.heading).toHaveText(name);
  });

  test('closes by Escape and opens again with the next letter', { tag: '@script' }, async ({ visitor }) => {
    const { page } = visitor;
    await visitor.enter(people.partner, '/profile');
    const field = page.getByRole('combobox', { name: 'Switch account' });
    await field.pressSequentially('rossi');
    await expect(page.getByRole('listbox')).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('listbox')).toBeHidden();
    await expect(field).toHaveAttribute('aria-expanded', 'false');
    await expect(field).not.toHaveAttribute('aria-activedescendant');
    await expect(field).toBeFocused();
    await page.keyboard.type('con');
    await expect(page.getByRole('listbox')).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(page.getByRole('listbox')).toBeHidden();
  });

  test('finds by Account ID, says when there is nothing, and works by mouse', { tag: '@script' }, async ({ visitor }) => {
    const { page } = visitor;
    await visitor.enter(people.partner, '/profile');
    const field = page.getByRole('combobox', { name: 'Switch account' });
    await field.fill('no such customer');
    await expect(page.getByRole('banner').getByRole('status')).toHaveText('No accounts found');
    await field.fill('rossi ceramiche s.p');
    await visitor.follow(() => page.getByRole('listbox').getByRole('option', { name: ROSSI }).click());
    await expect(visitor.heading).toHaveText(ROSSI);
    const number = page.url().split('/').at(-1) ?? '';
    await field.fill(`${number.slice(0, 3)} ${number.slice(3, 6)} ${number.slice(6)}`);
    await expect(page.getByRole('listbox').getByRole('option')).toHaveCount(1);
    await expect(page.getByRole('listbox').getByRole('option')).toContainText(ROSSI);
  });

  test('without a choice searches the list', async ({ visitor }) => {
    const { page } = visitor;
    await visitor.enter(people.partner, '/profile');
    await page.getByRole('combobox', { name: 'Switch account' }).fill('rossi ceramiche');
    await visitor.follow(() => page.keyboard.press('Enter'));
    await expect(page).toHaveURL('/accounts?q=rossi+ceramiche');
    await expect(visitor.main.getByRole('link', { name: ROSSI })).toBeVisible();
  });
});
