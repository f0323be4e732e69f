import { AccountForm } from '../support/account-form.ts';
import { AccountsList } from '../support/accounts-list.ts';
import { freshName } from '../support/accounts.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

/** What is said of a field that is empty. */
const REQUIRED = {
  'Customer name': 'Enter a customer name.',
  Country: 'Choose a country.',
  'Default language': 'Choose a default language.',
  'Cloud location': 'Choose a cloud location.',
  'Support contact': 'Enter the e-mail address of a support contact.',
} as const;

async function begin(visitor: Visitor): Promise<AccountForm> {
  await visitor.enter(people.partner, '/accounts/new');
  await expect(visitor.heading).toHaveText('Add account');
  return new AccountForm(visitor);
}

/** Fills in everything but the province, which has a test of its own. */
async function fillIn(form: AccountForm, name: string): Promise<void> {
  await form.choose({ Country: 'Portugal' });
  await form.fill({
    'Customer name': name,
    Address: 'Rua Augusta 3',
    'Address (line 2)': '2.º esq.',
    City: 'Lisboa',
    'Postal / ZIP code': '1100-053',
    'Support contact': 'help@example.net',
  });
  await form.choose({ 'Default language': 'Portuguese', 'Business type': 'Retail', 'Cloud location': 'Europe' });
}

async function expectFilledIn(form: AccountForm, name: string): Promise<void> {
  await expect(form.text('Customer name')).toHaveValue(name);
  await expect(form.text('Address')).toHaveValue('Rua Augusta 3');
  await expect(form.text('Address (line 2)')).toHaveValue('2.º esq.');
  await expect(form.text('City')).toHaveValue('Lisboa');
  await form.expectChosen('Country', 'Portugal');
  await form.expectChosen('Default language', 'Portuguese');
  await form.expectChosen('Business type', 'Retail');
}

test('a filled-in form adds the account and shows it', async ({ visitor }) => {
  const form = await begin(visitor);
  const name = freshName();
  await fillIn(form, name);
  await visitor.follow(() => form.panel.getByRole('button', { name: 'Add account' }).click());

  await expect(visitor.page).toHaveURL(/\/accounts\/\d{9}$/);
  await expect(visitor.main.getByRole('status').filter({ hasText: 'The account was added.' })).toBeVisible();
  await expect(visitor.heading).toHaveText(name);
  await expectFilledIn(form, name);
  await expect(form.text('Postal / ZIP code')).toHaveValue('1100-053');
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
  for (const name of ['Customer name', 'Support contact'] as const) {
    await form.expectWrong(form.text(name), REQUIRED[name]);
  }
  for (const name of ['Country', 'Default language', 'Cloud location'] as const) {
    await form.expectWrong(form.choice(name), REQUIRED[name]);
  }
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
  await form.expectWrong(form.text('Customer name'), REQUIRED['Customer name']);
  await form.fill({ 'Customer name': 'Something' });
  await expect(form.text('Customer name')).not.toHaveAttribute('aria-invalid', 'true');
  await expect(form.summary.getByRole('link', { name: 'Customer name' })).toHaveCount(0);
});

test('a refused form keeps all that was typed, and goes on from there', async ({ visitor, watch }) => {
  watch.expectStatus(422);
  const form = await begin(visitor);
  const name = freshName();
  await fillIn(form, name);
  await form.fill({ 'Postal / ZIP code': '1100', 'Support contact': 'nobody at home' });
  await form.send('Add account');

  await expect(form.summary).toContainText('2 fields need correcting');
  await form.expectWrong(form.text('Postal / ZIP code'), 'Not a valid postal code for this country.');
  await form.expectWrong(form.text('Support contact'), 'Enter a valid e-mail address, such as name@example.com.');
  await expect(form.text('Support contact')).toHaveValue('nobody at home');
  await expect(form.text('Postal / ZIP code')).toHaveValue('1100');
  await expectFilledIn(form, name);
  await form.expectChosen('Cloud location', 'Europe');

  await form.fill({ 'Postal / ZIP code': '1100-054', 'Support contact': 'help@example.net' });
  await visitor.follow(() => form.panel.getByRole('button', { name: 'Add account' }).click());
  await expect(visitor.heading).toHaveText(name);
});

test('a province is one of those of the country', async ({ visitor }) => {
  const form = await begin(visitor);
  const name = freshName();
  await fillIn(form, name);
  await form.chooseCountry('Ireland');
  await form.choose({ County: 'Co. Cork' });
  await form.fill({ 'Postal / ZIP code': 'T12 X4E2' });
  await visitor.follow(() => form.panel.getByRole('button', { name: 'Add account' }).click());
  await expect(visitor.heading).toHaveText(name);
  await form.expectChosen('County', 'Co. Cork');
});

test('the fields follow the country, and the rest of what was typed stays', async ({ visitor }) => {
  const form = await begin(visitor);
  const name = freshName();
  await fillIn(form, name);
  await form.chooseCountry('United States');
  await expect(form.choice('State').getByRole('option', { name: 'Oregon' })).toBeAttached();
  await form.chooseCountry('Japan');
  await expect(form.choice('Prefecture').getByRole('option', { name: 'Tokyo' })).toBeAttached();
  await form.chooseCountry('Germany');
  await expect(form.text('Province / State')).toBeVisible();
  await form.chooseCountry('United Arab Emirates');
  await expect(form.choice('Emirate').getByRole('option', { name: 'Dubai' })).toBeAttached();
  await expect(form.text('Postal / ZIP code')).toHaveCount(0);
  await form.chooseCountry('Portugal');
  await expect(form.text('Postal / ZIP code')).toBeVisible();
  await expectFilledIn(form, name);
  await expect(form.text('Support contact')).toHaveValue('help@example.net');
});

test('what was typed for a country comes back with it, and what goes is said', async ({ visitor }) => {
  const form = await begin(visitor);
  await fillIn(form, freshName());
  await form.chooseCountry('Italy');
  await form.choose({ Province: 'Bolzano' });
  await form.fill({ 'Postal / ZIP code': '39100' });
  await form.chooseCountry('Germany');
  await expect(form.text('Province / State')).toHaveValue('');
  const said = visitor.main.getByRole('status').filter({ hasText: 'belonged to the former country' });
  await expect(said).toContainText('Province / State');
  await form.chooseCountry('Hong Kong');
  await expect(form.text('Postal / ZIP code')).toHaveCount(0);
  await form.chooseCountry('Italy');
  await form.expectChosen('Province', 'Bolzano');
  await expect(form.text('Postal / ZIP code')).toHaveValue('39100');
});

test('the last country chosen counts, however late an answer comes', { tag: '@script' }, async ({ visitor }) => {
  const form = await begin(visitor);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await visitor.page.route('**/api/format_of_country*', async (route) => {
    if (route.request().postData()?.includes('JP')) await held;
    await route.continue();
  });
  const late = visitor.page.waitForResponse((answer) => answer.request().postData()?.includes('JP') ?? false);
  await form.choose({ Country: 'Japan' });
  await form.choose({ Country: 'Ireland' });
  await expect(form.choice('County')).toBeVisible();
  release();
  await (await late).finished();
  await expect(form.choice('County')).toBeVisible();
  await expect(form.choice('Prefecture')).toHaveCount(0);
});

test('a postal code is checked by the country that is chosen', async ({ visitor, watch }) => {
  watch.expectStatus(422);
  const form = await begin(visitor);
  await fillIn(form, freshName());
  await form.choose({ Country: 'United Kingdom' });
  if (visitor.scripts) await expect(form.text('Province / State')).toBeVisible();
  await form.send('Add account');
  await form.expectWrong(form.text('Postal / ZIP code'), 'Not a valid postal code for this country. Example:');

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

test('a country chosen before the page is awake brings its fields', { tag: '@script' }, async ({ visitor }) => {
  await visitor.begin(people.partner);
  const wake = await visitor.openAsleep('/accounts/new');
  const form = new AccountForm(visitor);
  await form.choose({ Country: 'United Arab Emirates' });
  await form.fill({ City: 'Dubai' });
  await wake();
  await expect(form.choice('Emirate').getByRole('option', { name: 'Dubai' })).toBeAttached();
  await expect(form.text('Postal / ZIP code')).toHaveCount(0);
  await expect(form.text('City')).toHaveValue('Dubai');
});

test('cancelling leads back to the list', async ({ visitor }) => {
  const form = await begin(visitor);
  await visitor.follow(() => form.panel.getByRole('link', { name: 'Cancel' }).click());
  await expect(visitor.page).toHaveURL('/accounts');
});
