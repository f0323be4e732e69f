import { AccountForm } from '../support/account-form.ts';
import { addAccount } from '../support/accounts.ts';
import { people, PASSWORD } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

/** Nothing typed is ever lost: what stands between typing and saving. */

async function openOwn(visitor: Visitor): Promise<AccountForm> {
  await visitor.open(await addAccount(visitor));
  return new AccountForm(visitor);
}

test.describe('leaving with unsaved changes', { tag: '@script' }, () => {
  /** Loads the document anew as its reader would, by the browser's own button. */
  const reload = async (visitor: Visitor) => await visitor.page.evaluate(() => location.reload());

  test('for another page keeps them', async ({ visitor }) => {
    const form = await openOwn(visitor);
    await form.fill({ City: 'Carpi' });
    await form.choose({ Country: 'United Arab Emirates' });
    await expect(form.choice('Emirate')).toBeVisible();
    await visitor.follow(() => visitor.page.getByRole('link', { name: 'Profile' }).click());
    await expect(visitor.heading).toHaveText('Profile');
    await visitor.follow(() => visitor.page.goBack());
    await expect(form.text('City')).toHaveValue('Carpi');
    await form.expectChosen('Country', 'United Arab Emirates');
    await form.choose({ Emirate: 'Dubai' });
    await form.save();
    await expect(form.said('Saved.')).toBeVisible();
    await visitor.follow(() => visitor.page.getByRole('link', { name: 'Profile' }).click());
    await visitor.follow(() => visitor.page.goBack());
    await expect(form.said(/changed/)).toHaveCount(0);
  });

  test('for another language keeps them', async ({ visitor }) => {
    const form = await openOwn(visitor);
    await form.fill({ City: 'Carpi' });
    const { page } = visitor;
    await page.getByRole('combobox', { name: 'Language', exact: true }).selectOption('it');
    await visitor.follow(() => page.getByRole('button', { name: 'Change' }).click());
    await expect(visitor.page.locator('html')).toHaveAttribute('lang', 'it');
    const city = visitor.page.getByRole('textbox', { name: 'Città', exact: true });
    await expect(city).toHaveValue('Carpi');
    await expect(visitor.page.getByRole('combobox', { name: 'Lingua', exact: true })).toBeFocused();
    await page.getByRole('combobox', { name: 'Lingua', exact: true }).selectOption('en');
    await visitor.follow(() => page.getByRole('button', { name: 'Cambia' }).click());
    await expect(form.text('City')).toHaveValue('Carpi');
  });

  test('for good asks, and stays if told so', async ({ visitor }) => {
    const form = await openOwn(visitor);
    await form.fill({ City: 'Carpi' });
    const asked = visitor.page.waitForEvent('dialog');
    const leaving = reload(visitor);
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    await leaving;
    await expect(form.text('City')).toHaveValue('Carpi');
  });

  for (const end of ['saved', 'discarded', 'typed back'] as const) {
    test(`does not ask once they are ${end}`, async ({ visitor }) => {
      const form = await openOwn(visitor);
      await form.fill({ City: 'Carpi' });
      await expect(form.said('1 field changed')).toBeVisible();
      if (end === 'saved') await form.save();
      if (end === 'discarded') await form.discard();
      if (end === 'typed back') await form.fill({ City: 'Modena' });
      await expect(form.said('1 field changed')).toHaveCount(0);
      if (end === 'saved') await expect(form.said('Saved.')).toBeVisible();
      const dialogs: string[] = [];
      visitor.page.on('dialog', (dialog) => {
        dialogs.push(dialog.type());
        void dialog.accept();
      });
      await visitor.leave(() => reload(visitor));
      expect(dialogs).toEqual([]);
    });
  }
});

test.describe('before the page is awake', { tag: '@script' }, () => {
  async function openAsleep(visitor: Visitor): Promise<{ form: AccountForm; wake: () => Promise<void> }> {
    const wake = await visitor.openAsleep(await addAccount(visitor));
    return { form: new AccountForm(visitor), wake };
  }

  test('what is typed stays, and counts as changed', async ({ visitor }) => {
    const { form, wake } = await openAsleep(visitor);
    await form.fill({ City: 'Carpi', Address: 'Via Nuova 2' });
    await form.choose({ 'Default language': 'French' });
    await wake();
    await expect(form.said('3 fields changed')).toBeVisible();
    await expect(form.text('City')).toHaveValue('Carpi');
    await form.expectChosen('Default language', 'French');
    await form.save();
    await expect(form.said('Saved.')).toBeVisible();
    await visitor.reload();
    await expect(form.text('City')).toHaveValue('Carpi');
    await form.expectChosen('Default language', 'French');
  });

  test('a country that is chosen brings its fields once the page wakes', async ({ visitor }) => {
    const { form, wake } = await openAsleep(visitor);
    await form.choose({ Country: 'United Arab Emirates' });
    await wake();
    await form.expectChosen('Country', 'United Arab Emirates');
    await expect(form.choice('Emirate').getByRole('option', { name: 'Dubai' })).toBeAttached();
    await expect(form.text('Postal / ZIP code')).toHaveCount(0);
  });

  test('saving works already', async ({ visitor }) => {
    const { form, wake } = await openAsleep(visitor);
    await form.fill({ City: 'Carpi' });
    const answered = visitor.page.waitForResponse((response) => response.request().method() === 'POST');
    await form.panel.getByRole('button', { name: 'Save' }).click();
    expect((await answered).status()).toBe(303);
    await wake();
    await expect(form.said('Saved.')).toBeVisible();
    await expect(form.text('City')).toHaveValue('Carpi');
  });

  test('the list is searched already', async ({ visitor }) => {
    await visitor.begin(people.partner);
    const wake = await visitor.openAsleep('/accounts');
    const field = visitor.main.getByRole('searchbox', { name: 'Search accounts' });
    await field.fill('rossi ceramiche');
    await wake();
    await expect(field).toHaveValue('rossi ceramiche');
    await field.press('Enter');
    await expect(visitor.main.getByRole('link', { name: /^Rossi Ceramiche/ }).first()).toBeVisible();
    await expect(visitor.page).toHaveURL(/q=rossi/);
  });
});

test.describe('when saving cannot be done', () => {
  test('the server being out of reach loses nothing', { tag: '@script' }, async ({ visitor, watch }) => {
    watch.expectOffline();
    const form = await openOwn(visitor);
    await form.fill({ City: 'Carpi' });
    await visitor.page.context().setOffline(true);
    await form.save();
    await expect(form.panel.getByRole('alert')).toContainText("Can't reach the server");
    await expect(form.text('City')).toHaveValue('Carpi');
    await visitor.page.context().setOffline(false);
    await form.save();
    await expect(form.said('Saved.')).toBeVisible();
    await expect(form.panel.getByRole('alert')).toHaveCount(0);
  });

  test('a session that ended loses nothing', { tag: '@script' }, async ({ visitor, watch }) => {
    watch.expectStatus(401);
    const path = await addAccount(visitor);
    // This session ends; the one that other tests go on with does not.
    await visitor.page.context().clearCookies();
    await visitor.open(`/sign-in?next=${path}`);
    await visitor.signIn(people.partner.email);
    const form = new AccountForm(visitor);
    await form.fill({ City: 'Carpi' });
    await visitor.page.request.post('/', { form: { _form: '/api/sign_out' } });
    await form.save();
    const dialog = visitor.page.getByRole('dialog', { name: 'Sign in' });
    await expect(dialog).toContainText('Your session has ended. Sign in to continue.');
    await dialog.getByLabel('Password', { exact: true }).fill('not the password');
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await expect(dialog.getByRole('alert')).toContainText('The e-mail address or the password is wrong.');
    await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(form.panel.getByRole('alert')).toHaveCount(0);
    await expect(form.text('City')).toHaveValue('Carpi');
    await form.save();
    await expect(form.said('Saved.')).toBeVisible();
  });

  test('a session that ended leads to sign-in and back to the page', { tag: '@plain' }, async ({ visitor }) => {
    const path = await addAccount(visitor);
    await visitor.page.context().clearCookies();
    await visitor.open(`/sign-in?next=${path}`);
    await visitor.signIn(people.partner.email);
    const form = new AccountForm(visitor);
    await form.fill({ City: 'Carpi' });
    await visitor.page.request.post('/', { form: { _form: '/api/sign_out' } });
    await form.save();
    await expect(visitor.page).toHaveURL(/\/sign-in\?next=/);
    await visitor.signIn(people.partner.email);
    await expect(visitor.page).toHaveURL(path);
  });
});
