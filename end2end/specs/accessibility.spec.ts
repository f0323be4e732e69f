import AxeBuilder from '@axe-core/playwright';
import { AccountForm } from '../support/account-form.ts';
import { AccountsList } from '../support/accounts-list.ts';
import { addAccount } from '../support/accounts.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const WIDTHS = [360, 1350];

/** Looks at the page as it is now, light and dark, narrow and wide. */
async function expectAccessible({ page }: Visitor): Promise<void> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      // A page without frames needs none of what looking into frames takes.
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(RULES).analyze();
      for (const { id, nodes } of violations) {
        for (const { target, failureSummary } of nodes) {
          found.push(`${colorScheme} ${width}: ${id} at ${target.join(' ')}: ${failureSummary}`);
        }
      }
    }
  }
  expect(found).toEqual([]);
}

test.describe('everyone can use', { tag: '@script' }, () => {
  test('signing in', async ({ visitor }) => {
    await visitor.open('/sign-in');
    await expectAccessible(visitor);
  });

  test('a refused sign-in', async ({ visitor, watch }) => {
    watch.expectStatus(401);
    await visitor.open('/sign-in');
    await visitor.signIn('nobody@example.com', 'wrong');
    await expect(visitor.page.getByRole('alert')).toBeVisible();
    await expectAccessible(visitor);
  });

  test('choosing a membership', async ({ visitor }) => {
    await visitor.open('/sign-in');
    await visitor.signIn(people.several.email);
    await expectAccessible(visitor);
  });

  test('a question before a switch', async ({ visitor, watch }) => {
    watch.expectStatus(409);
    await visitor.enter(people.admin, '/');
    await visitor.page.getByRole('switch', { name: 'MiCollab', exact: true }).click();
    await expect(visitor.page.getByRole('dialog')).toBeVisible();
    await expectAccessible(visitor);
  });

  test('the panels with forms open and refused', async ({ visitor, watch }) => {
    watch.expectStatus(422);
    await visitor.enter(people.admin, '/');
    const { page } = visitor;
    await page.getByRole('button', { name: 'Report a problem' }).click();
    await page.getByRole('button', { name: 'Send report' }).click();
    await expect(page.getByText('Enter a value.')).toHaveCount(2);
    await page.getByRole('button', { name: 'Change set-up' }).click();
    await expect(page.getByLabel('Directory (tenant) ID')).toBeVisible();
    await page.getByLabel('Name or e-mail address').fill('no such person');
    await page.getByRole('button', { name: 'Add contact' }).click();
    await expect(page.getByText('Nobody at the partner has this name.')).toBeVisible();
    await expectAccessible(visitor);
  });

  test('the list of accounts', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts?sort=city');
    await expectAccessible(visitor);
  });

  test('the list of orders, an order and importing', async ({ visitor }) => {
    await visitor.enter(people.partner, '/orders');
    await expectAccessible(visitor);
    await visitor.page.setViewportSize({ width: 1350, height: 900 });
    await visitor.follow(() => visitor.main.getByRole('rowheader').first().getByRole('link').click());
    await expectAccessible(visitor);
    await visitor.open('/orders/import');
    await visitor.main.getByLabel('Or paste its content').fill(
      'tracking_number,product,plan,quantity,purchase_date\nAXE-1,Mitel One,A,5,2026-01-10\nAXE-2,,,,\n',
    );
    await visitor.follow(() => visitor.main.getByRole('button', { name: 'Check the file' }).click());
    await expectAccessible(visitor);
  });

  test('activity, and when nothing matches', async ({ visitor }) => {
    await visitor.enter(people.partner, '/activity?kind=attempt_refused');
    await expectAccessible(visitor);
    await visitor.open('/activity?until=2001-01-01');
    await expectAccessible(visitor);
  });

  test('an account about to be deleted, deleted, and a subscription that is open', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts?status=deleted');
    await visitor.follow(() => visitor.main.getByRole('rowheader').first().getByRole('link').click());
    await expectAccessible(visitor);
    await visitor.enter(people.admin, '/');
    const { page } = visitor;
    await page.getByRole('region', { name: 'Subscriptions' }).getByRole('button', { name: /^TN-/ }).first().click();
    await expect(page.getByText('Term', { exact: true })).toBeVisible();
    await page.getByRole('switch', { name: 'Bandwidth optimisation' }).click();
    await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
    await expectAccessible(visitor);
    await page.getByRole('button', { name: 'Undo' }).click();
    const path = new URL(page.url()).pathname;
    await visitor.enter(people.partner, `${path}?open=delete`);
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectAccessible(visitor);
  });

  test('the list of an account manager', async ({ visitor }) => {
    await visitor.enter(people.manager, '/accounts');
    await expectAccessible(visitor);
  });

  test('an empty list', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts?q=no-such-customer&status=deactivated');
    await expect(visitor.main).toContainText('No accounts found');
    await expectAccessible(visitor);
  });

  test('the account switcher with what it found', async ({ visitor }) => {
    await visitor.enter(people.partner, '/profile');
    const field = visitor.page.getByRole('combobox', { name: 'Switch account' });
    await field.fill('rossi');
    await expect(visitor.page.getByRole('listbox')).toBeVisible();
    await field.press('ArrowDown');
    await expectAccessible(visitor);
  });

  test('the account switcher that found nothing', async ({ visitor }) => {
    await visitor.enter(people.partner, '/profile');
    await visitor.page.getByRole('combobox', { name: 'Switch account' }).fill('no such customer');
    await expect(visitor.page.getByRole('banner').getByRole('status')).toHaveText('No accounts found');
    await expectAccessible(visitor);
  });

  test('the menu under the name', async ({ visitor }) => {
    await visitor.open('/sign-in');
    await visitor.signIn(people.several.email);
    await visitor.follow(() => visitor.page.getByRole('button', { name: /^Open Alpenblick/ }).click());
    await visitor.openMenu();
    await expectAccessible(visitor);
  });

  test('adding an account, with errors', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts/new');
    const form = new AccountForm(visitor);
    await form.send('Add account');
    await expect(form.summary).toBeVisible();
    await expectAccessible(visitor);
  });

  test('an account', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts?q=consorzio');
    await visitor.follow(() => new AccountsList(visitor).rows.first().getByRole('link').click());
    await expectAccessible(visitor);
  });

  test('a deactivated account', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts?status=deactivated');
    await visitor.follow(() => new AccountsList(visitor).rows.first().getByRole('link').click());
    await expectAccessible(visitor);
  });

  test('an account with errors', async ({ visitor }) => {
    await visitor.open(await addAccount(visitor));
    const form = new AccountForm(visitor);
    await form.fill({ 'Customer name': '', 'Postal / ZIP code': '1' });
    await form.save();
    await expect(form.summary).toBeVisible();
    await expectAccessible(visitor);
  });

  test('an account that was just saved', async ({ visitor }) => {
    await visitor.open(await addAccount(visitor));
    const form = new AccountForm(visitor);
    await form.fill({ City: 'Carpi' });
    await form.save();
    await expect(form.said('Saved.')).toBeVisible();
    await expectAccessible(visitor);
  });

  test('the choice between two values', async ({ visitor, newcomer, watch }) => {
    watch.expectStatus(409);
    const path = await addAccount(visitor);
    await visitor.open(path);
    const other = await newcomer();
    await other.enter(people.partner, path);
    const [mine, theirs] = [new AccountForm(visitor), new AccountForm(other)];
    await mine.fill({ City: 'Vignola' });
    await theirs.fill({ City: 'Carpi' });
    await theirs.save();
    await expect(theirs.said('Saved.')).toBeVisible();
    await mine.save();
    await expect(mine.summary).toBeVisible();
    await expectAccessible(visitor);
  });

  test('the profile, with errors', async ({ visitor, watch }) => {
    watch.expectStatus(422);
    await visitor.enter(people.user, '/profile');
    await visitor.page.getByLabel('New password', { exact: true }).fill('short');
    await visitor.follow(() => visitor.page.getByRole('button', { name: 'Change password' }).click());
    await expectAccessible(visitor);
  });

  for (const path of ['/profile', '/support', '/legal']) {
    test(`the page ${path}`, async ({ visitor }) => {
      await visitor.enter(people.partner, path);
      await expectAccessible(visitor);
    });
  }

  test('the page that is not there', async ({ visitor, watch }) => {
    watch.expectStatus(404);
    await visitor.enter(people.partner, '/no/such/page');
    await expectAccessible(visitor);
  });

  test('what is not allowed', async ({ visitor, watch }) => {
    watch.expectStatus(403);
    await visitor.enter(people.manager, '/accounts/new');
    await expectAccessible(visitor);
  });
});
