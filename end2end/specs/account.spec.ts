import { AccountForm } from '../support/account-form.ts';
import { AccountsList, digits } from '../support/accounts-list.ts';
import { addAccount } from '../support/accounts.ts';
import { people, ROSSI } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

/** Opens an account that no other test touches. */
async function openOwn(visitor: Visitor): Promise<AccountForm> {
  await visitor.open(await addAccount(visitor));
  return new AccountForm(visitor);
}

test.describe('the page', () => {
  test('shows what is stored, in every field', async ({ visitor }) => {
    await visitor.enter(people.admin, '/');
    const form = new AccountForm(visitor);
    await expect(visitor.heading).toHaveText(ROSSI);
    await expect(visitor.main).toContainText('Active');
    await expect(form.panel.getByRole('heading', { level: 2 })).toHaveText('Customer information');
    await expect(form.text('Customer name')).toHaveValue(ROSSI);
    await form.expectChosen('Country', 'Italy');
    await form.expectChosen('Province', 'Modena');
    await expect(form.text('Address')).toHaveValue('Via Emilia Est 1180');
    await expect(form.text('Address (line 2)')).toHaveValue('Capannone 4');
    await expect(form.text('City')).toHaveValue('Modena');
    await expect(form.text('Postal / ZIP code')).toHaveValue('41121');
    await form.expectChosen('Default language', 'Italian');
    await form.expectChosen('Business type', 'Manufacturing');
    await expect(form.shown('Account ID')).toContainText(/^\d{3}\s\d{3}\s\d{3}/);
    await expect(form.shown('SAP customer number')).toHaveText(/^\d+$/);
    await expect(form.shown('Cloud location')).toHaveText('Europe');
    await expect(form.shown('PBX type')).toHaveText('Available when CloudLink Gateway onboarding is complete');
  });

  test('says in each state what there is to say', async ({ visitor }) => {
    await visitor.enter(people.manager, '/accounts');
    const links = await new AccountsList(visitor).rows.getByRole('link').all();
    const paths = await Promise.all(links.map((link) => link.getAttribute('href')));
    const sap: string[] = [];
    const pbx: string[] = [];
    for (const path of paths) {
      await visitor.open(path ?? '');
      const form = new AccountForm(visitor);
      const labels = ['SAP customer number', 'Billing customer number'];
      for (const label of labels) if (await form.shown(label).isVisible()) sap.push(label);
      pbx.push(await form.shown('PBX type').innerText());
    }
    // Some have no number yet, and none has both.
    expect(sap.length).toBeLessThan(paths.length);
    expect(new Set(sap)).toEqual(new Set(['SAP customer number', 'Billing customer number']));
    expect(pbx).toContain('Available when CloudLink Gateway onboarding is complete');
    expect(pbx.join()).toMatch(/MiVoice|MX-ONE/);
  });

  test('of a deactivated account says so', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts?status=deactivated');
    await visitor.follow(() => new AccountsList(visitor).rows.first().getByRole('link').click());
    await expect(visitor.main.getByText('Deactivated', { exact: true })).toBeVisible();
  });

  test('tells people of the partner where they are, and leads back', async ({ visitor }) => {
    await visitor.enter(people.manager, '/accounts?q=rossi+ceramiche');
    await visitor.follow(() => visitor.main.getByRole('link', { name: ROSSI }).click());
    await expect(visitor.page.getByRole('banner')).toContainText(`Working in ${ROSSI}`);
    await visitor.follow(() => visitor.main.getByRole('link', { name: 'Accounts' }).click());
    await expect(visitor.page).toHaveURL('/accounts');
  });
});

test.describe('the Account ID', () => {
  test('is copied as nine digits, and the button says so', { tag: '@script' }, async ({ visitor }) => {
    await visitor.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await visitor.enter(people.admin, '/');
    const shown = new AccountForm(visitor).shown('Account ID');
    const expected = digits((await shown.innerText()).split('\n')[0] ?? '');
    await shown.getByRole('button', { name: 'Copy' }).click();
    await expect(shown.getByRole('status')).toHaveText('Copied');
    expect(expected).toHaveLength(9);
    expect(await visitor.page.evaluate(() => navigator.clipboard.readText())).toBe(expected);
  });

  test('has no button that could not copy', { tag: '@plain' }, async ({ visitor }) => {
    await visitor.enter(people.admin, '/');
    await expect(visitor.page.getByRole('button', { name: 'Copy' })).toHaveCount(0);
  });
});

test.describe('saving', () => {
  test('keeps every field, and says that it did', async ({ visitor }) => {
    const form = await openOwn(visitor);
    await form.fill({
      Address: 'Corso Italia 9',
      'Address (line 2)': 'Scala C',
      City: 'Milano',
      'Postal / ZIP code': '20121',
    });
    await form.choose({ Province: 'Milano', 'Default language': 'German', 'Business type': 'Not specified' });
    await form.save();
    await expect(form.said('Saved.')).toBeVisible();

    await visitor.reload();
    await expect(form.text('Address')).toHaveValue('Corso Italia 9');
    await expect(form.text('Address (line 2)')).toHaveValue('Scala C');
    await expect(form.text('City')).toHaveValue('Milano');
    await expect(form.text('Postal / ZIP code')).toHaveValue('20121');
    await form.expectChosen('Province', 'Milano');
    await form.expectChosen('Default language', 'German');
    await form.expectChosen('Business type', 'Not specified');
    const activity = visitor.main.getByRole('region', { name: 'Activity', exact: true });
    for (const change of ['Modena → Milano', 'Italian → German', 'Retail']) await expect(activity).toContainText(change);
  });

  test('again and again goes on from what was saved', async ({ visitor }) => {
    const form = await openOwn(visitor);
    for (const city of ['Parma', 'Ferrara']) {
      await form.fill({ City: city });
      await form.save();
      await expect(form.said('Saved.')).toBeVisible();
      await expect(form.text('City')).toHaveValue(city);
    }
  });

  test('takes away what surrounds a text, and shows what is stored', async ({ visitor }) => {
    const form = await openOwn(visitor);
    await form.fill({ City: '  Reggio Emilia ' });
    await form.save();
    await expect(form.said('Saved.')).toBeVisible();
    await expect(form.text('City')).toHaveValue('Reggio Emilia');
  });

  test('moves the account to another country', async ({ visitor, watch }) => {
    watch.expectStatus(422);
    const form = await openOwn(visitor);
    await form.chooseCountry('United Arab Emirates');
    await form.choose({ Emirate: 'Dubai' });
    await expect(form.text('Postal / ZIP code')).toHaveCount(0);
    await form.save();
    await expect(form.said('Saved.')).toBeVisible();
    await visitor.reload();
    await form.expectChosen('Country', 'United Arab Emirates');
    await form.expectChosen('Emirate', 'Dubai');
  });

  test('shows a new name wherever the page has it', async ({ visitor }) => {
    const form = await openOwn(visitor);
    await form.fill({ 'Customer name': 'Renamed & <b>bold</b> GmbH' });
    await form.save();
    await expect(form.said('Saved.')).toBeVisible();
    await expect(visitor.heading).toHaveText('Renamed & <b>bold</b> GmbH');
    await expect(visitor.page).toHaveTitle('Renamed & <b>bold</b> GmbH · Tenantry');
    await expect(visitor.page.getByRole('banner')).toContainText('Working in Renamed & <b>bold</b> GmbH');
  });

  test('what is wrong says so at the field and in a summary, and keeps it', async ({ visitor, watch }) => {
    watch.expectStatus(422);
    const form = await openOwn(visitor);
    await form.fill({ 'Customer name': ' ', City: 'Carpi', 'Postal / ZIP code': '4112' });
    await form.save();
    await expect(form.summary).toContainText('2 fields need correcting');
    await expect(form.summary.getByRole('link')).toHaveText(['Customer name', 'Postal / ZIP code']);
    await form.expectWrong(form.text('Customer name'), 'Enter a customer name.');
    await form.expectWrong(form.text('Postal / ZIP code'), 'Not a valid postal code for this country. Example:');
    await expect(form.text('City')).toHaveValue('Carpi');
    await form.summary.getByRole('link', { name: 'Postal / ZIP code' }).click();
    await expect(form.text('Postal / ZIP code')).toBeFocused();

    await form.fill({ 'Customer name': 'Corrected', 'Postal / ZIP code': '41012' });
    await form.save();
    await expect(form.said('Saved.')).toBeVisible();
    await expect(form.summary).toHaveCount(0);
    await expect(visitor.heading).toHaveText('Corrected');
    await expect(form.text('City')).toHaveValue('Carpi');
  });

  test('what is wrong gets the focus', { tag: '@script' }, async ({ visitor }) => {
    const form = await openOwn(visitor);
    await form.fill({ 'Customer name': '' });
    await form.save();
    await expect(form.summary).toBeFocused();
  });

  test('works by Enter in a field', async ({ visitor }) => {
    const form = await openOwn(visitor);
    await form.fill({ City: 'Sassuolo' });
    const press = () => form.text('City').press('Enter');
    await (visitor.scripts ? press() : visitor.follow(press));
    await expect(form.said('Saved.')).toBeVisible();
  });

  test('does not wait for the form of a country just chosen', { tag: '@script' }, async ({ visitor }) => {
    const form = await openOwn(visitor);
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await visitor.page.route('**/api/format_of_country*', async (route) => {
      await held;
      await route.continue();
    });
    await form.fill({ 'Postal / ZIP code': '1011' });
    await form.choose({ Country: 'Switzerland' });
    await form.save();
    release();
    await expect(form.said('Saved.')).toBeVisible();
    await visitor.reload();
    await form.expectChosen('Country', 'Switzerland');
  });
});

test.describe('discarding', () => {
  test('returns to what is stored', async ({ visitor }) => {
    const form = await openOwn(visitor);
    await form.fill({ City: 'Carpi', Address: '' });
    await form.choose({ 'Default language': 'French' });
    await form.discard();
    await expect(form.text('City')).toHaveValue('Modena');
    await expect(form.text('Address')).toHaveValue('Via Emilia Est 1');
    await form.expectChosen('Default language', 'Italian');
  });

  test('returns to the country that is stored, with its province and postal code', async ({ visitor }) => {
    const form = await openOwn(visitor);
    await form.chooseCountry('United Arab Emirates');
    await expect(form.choice('Emirate')).toBeVisible();
    await form.discard();
    await form.expectChosen('Country', 'Italy');
    await form.expectChosen('Province', 'Modena');
    await expect(form.text('Postal / ZIP code')).toHaveValue('41121');
  });

  test('forgets what was wrong', async ({ visitor, watch }) => {
    watch.expectStatus(422);
    const form = await openOwn(visitor);
    const name = await form.text('Customer name').inputValue();
    await form.fill({ 'Customer name': '' });
    await form.save();
    await expect(form.summary).toBeVisible();
    await form.discard();
    await expect(form.summary).toHaveCount(0);
    await expect(form.text('Customer name')).toHaveValue(name);
  });
});
