import { AccountForm } from '../support/account-form.ts';
import { AccountsList } from '../support/accounts-list.ts';
import { freshName } from '../support/accounts.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

const REQUIRED = 'Fill in this field.';

async function begin(visitor: Visitor): Promise<AccountForm> {
  await visitor.enter(people.partner, '/accounts/new');
  await expect(visitor.heading).toHaveText('Add account');
  return new AccountForm(visitor);
}

/** Fills in everything that must be, and something everywhere else. */
async function fillIn(form: AccountForm, name: string): Promise<void> {
  await form.chooseCountry('Italy');
  await form.fill({
    'Customer name': name,
    Address: 'Piazza Mazzini 3',
    'Address, second line': 'Scala A',
    City: 'Bologna',
    'Postal / ZIP code': '40121',
    'Support contact': 'help@example.net',
  });
  await form.choose({
    Province: 'Bologna',
    'Default language': 'Italian',
    'Business type': 'Retail',
    'Cloud location': 'Europe',
  });
}

async function expectFilledIn(form: AccountForm, name: string): Promise<void> {
  await expect(form.text('Customer name')).toHaveValue(name);
  await expect(form.text('Address')).toHaveValue('Piazza Mazzini 3');
  await expect(form.text('Address, second line')).toHaveValue('Scala A');
  await expect(form.text('City')).toHaveValue('Bologna');
  await form.expectChosen('Country', 'Italy');
  await form.expectChosen('Province', 'Bologna');
  await form.expectChosen('Default language', 'Italian');
  await form.expectChosen('Business type', 'Retail');
}

test('a filled-in form adds the account and shows it', async ({ visitor }) => {
  const form = await begin(visitor);
  const name = freshName();
  await fillIn(form, name);
  await visitor.follow(() => form.panel.getByRole('button', { name: 'Add account' }).click());

  await expect(visitor.page).toHaveURL(/\/accounts\/\d{9}\?done=added$/);
  await expect(visitor.main.getByRole('status').filter({ hasText: 'The account was added.' })).toBeVisible();
  await expect(visitor.heading).toHaveText(name);
  await expectFilledIn(form, name);
  await expect(form.text('Postal / ZIP code')).toHaveValue('40121');
  await expect(form.shown('Cloud location')).toHaveText('Europe');
  await expect(form.shown('Account ID')).toContainText(/\d{3}\s\d{3}\s\d{3}/);

  await visitor.open('/accounts');
  const list = new AccountsList(visitor);
  await list.search(name);
  await expect(list.rows).toHaveCount(1);
});

test('an empty form says what is missing, at each field and in a summary', async ({ visitor, watch }) => {
  watch.expectStatus(422);
  const form = await begin(visitor);
  // The contact is filled in beforehand with who adds the account.
  await expect(form.text('Support contact')).toHaveValue(people.partner.email);
  await form.fill({ 'Support contact': '' });
  await form.send('Add account');

  await expect(form.summary).toContainText('5 fields need correcting');
  for (const name of ['Customer name', 'Support contact']) await form.expectWrong(form.text(name), REQUIRED);
  for (const name of ['Country', 'Cloud location']) await form.expectWrong(form.choice(name), REQUIRED);
  await form.expectWrong(form.choice('Default language'), 'Choose one of the entries.');
  await expect(form.summary.getByRole('link')).toHaveText([
    'Customer name',
    'Country',
    'Default language',
    'Cloud location',
    'Support contact',
  ]);
  await form.summary.getByRole('link', { name: 'Cloud location' }).click();
  await expect(form.choice('Cloud location')).toBeFocused();
});

test('the focus goes to the summary of what is wrong', { tag: '@script' }, async ({ visitor }) => {
  const form = await begin(visitor);
  await form.send('Add account');
  await expect(form.summary).toBeFocused();
});

test('a mistake is forgotten as soon as it is put right', { tag: '@script' }, async ({ visitor }) => {
  const form = await begin(visitor);
  await form.send('Add account');
  await form.expectWrong(form.text('Customer name'), REQUIRED);
  await form.fill({ 'Customer name': 'Something' });
  await expect(form.text('Customer name')).not.toHaveAttribute('aria-invalid', 'true');
  await expect(form.summary.getByRole('link', { name: 'Customer name' })).toHaveCount(0);
});

test('a refused form keeps all that was typed, and goes on from there', async ({ visitor, watch }) => {
  watch.expectStatus(422);
  const form = await begin(visitor);
  const name = freshName();
  await fillIn(form, name);
  await form.fill({ 'Postal / ZIP code': '4012', 'Support contact': 'nobody at home' });
  await form.send('Add account');

  await expect(form.summary).toContainText('2 fields need correcting');
  await form.expectWrong(form.text('Postal / ZIP code'), 'Not a postal code of this country.');
  await form.expectWrong(form.text('Support contact'), 'Enter an e-mail address such as name@example.com.');
  await expect(form.text('Support contact')).toHaveValue('nobody at home');
  await expect(form.text('Postal / ZIP code')).toHaveValue('4012');
  await expectFilledIn(form, name);
  await form.expectChosen('Cloud location', 'Europe');

  await form.fill({ 'Postal / ZIP code': '40122', 'Support contact': 'help@example.net' });
  await visitor.follow(() => form.panel.getByRole('button', { name: 'Add account' }).click());
  await expect(visitor.heading).toHaveText(name);
});

test('the fields follow the country', async ({ visitor }) => {
  const form = await begin(visitor);
  await form.fill({ 'Customer name': 'Wanderer', City: 'Somewhere' });

  await form.chooseCountry('United States');
  await form.choose({ State: 'Oregon' });
  await form.chooseCountry('Japan');
  await form.choose({ Prefecture: 'Tokyo' });
  await form.chooseCountry('Germany');
  await form.fill({ 'Province / State': 'Hessen' });
  await form.chooseCountry('United Arab Emirates');
  await form.choose({ Emirate: 'Dubai' });
  await expect(form.text('Postal / ZIP code')).toHaveCount(0);
  await form.chooseCountry('Ireland');
  await form.choose({ County: 'Cork' });
  await expect(form.text('Postal / ZIP code')).toBeVisible();

  await expect(form.text('Customer name')).toHaveValue('Wanderer');
  await expect(form.text('City')).toHaveValue('Somewhere');
});

test('a postal code is checked by the country that is chosen', async ({ visitor, watch }) => {
  watch.expectStatus(422);
  const form = await begin(visitor);
  await fillIn(form, freshName());
  await form.chooseCountry('United Kingdom');
  await form.send('Add account');
  await form.expectWrong(form.text('Postal / ZIP code'), 'Not a postal code of this country. Example:');

  await form.fill({ 'Postal / ZIP code': 'ls1 4ap' });
  await visitor.follow(() => form.panel.getByRole('button', { name: 'Add account' }).click());
  // It is stored as that country writes it.
  await expect(form.text('Postal / ZIP code')).toHaveValue('LS1 4AP');
});

test('text that is too long or deceives the eye is refused', async ({ visitor, watch }) => {
  watch.expectStatus(422);
  const form = await begin(visitor);
  await fillIn(form, 'x'.repeat(121));
  await form.fill({ City: 'Rom\u202Ea' });
  await form.send('Add account');
  await form.expectWrong(form.text('Customer name'), 'Use at most 120 characters.');
  await form.expectWrong(form.text('City'), 'Remove hidden or control characters.');
});

test('cancelling leads back to the list', async ({ visitor }) => {
  const form = await begin(visitor);
  await visitor.follow(() => form.panel.getByRole('link', { name: 'Cancel' }).click());
  await expect(visitor.page).toHaveURL('/accounts');
});

test('what was typed is not left without asking', { tag: '@script' }, async ({ visitor }) => {
  const form = await begin(visitor);
  await form.fill({ 'Customer name': 'Half an account' });
  const asked = visitor.page.waitForEvent('dialog');
  const leaving = visitor.page.getByRole('link', { name: 'Profile' }).click();
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await leaving;
  await expect(form.text('Customer name')).toHaveValue('Half an account');
});
