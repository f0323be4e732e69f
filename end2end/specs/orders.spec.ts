import { addAccount, freshName } from '../support/accounts.ts';
import { freshNumber, importOrder } from '../support/orders.ts';
import { PagePanel } from '../support/panels.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

/** The rows of the table on the page, without its head. */
function rows({ main }: Visitor) {
  return main.getByRole('table').locator('tbody').getByRole('row');
}

async function search(visitor: Visitor, text: string): Promise<void> {
  await visitor.main.getByRole('searchbox', { name: 'Search orders' }).fill(text);
  await visitor.follow(() => visitor.main.getByRole('button', { name: 'Search' }).click());
}

test.describe('a file of orders', () => {
  test('is shown with what is wrong, and imported when confirmed', { tag: '@postgres' }, async ({ visitor }) => {
    const [good, bad] = [freshNumber(), freshNumber()];
    const csv =
      'Tracking number;Product;Plan;Quantity;Purchase date;End date;Purchase orders\n' +
      `${good};Mitel One;Premier;25;2026-01-10;2099-12-31;"PO-77, PO-78"\n` +
      `${bad};Unheard of;Premier;many;10.1.2026;;\n`;
    await visitor.enter(people.partner, '/orders');
    await visitor.follow(() => visitor.main.getByRole('link', { name: 'Import orders' }).click());
    const file = { name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) };
    await visitor.main.getByLabel('CSV file', { exact: true }).setInputFiles(file);
    await visitor.follow(() => visitor.main.getByRole('button', { name: 'Check the file' }).click());
    const wrong = visitor.main.getByRole('alert');
    await expect(wrong).toContainText("1 row has errors and won't be imported");
    await expect(wrong.getByRole('listitem')).toHaveText(
      `Line 3 (${bad}) – Product “Unheard of”: The catalogue has no application with this name. ` +
        'Quantity “many”: Enter a whole number from 1 to 1000000. ' +
        'Purchase date “10.1.2026”: Enter a date like 2026-11-22.',
    );
    await visitor.follow(() => visitor.main.getByRole('button', { name: 'Import 1 order' }).click());
    await expect(visitor.main.getByRole('status').filter({ hasText: '1 order was imported.' })).toBeVisible();
    await expect(rows(visitor)).toHaveCount(1);
    await expect(rows(visitor).first()).toContainText(good);
    await expect(rows(visitor).first()).toContainText('Not assigned');
    await visitor.follow(() => visitor.main.getByRole('link', { name: 'Show all orders' }).click());
    await search(visitor, good);
    await expect(rows(visitor)).toHaveCount(1);
    await search(visitor, bad);
    await expect(visitor.main).toContainText('No orders found');
  });

  test('that is none says so and keeps what was pasted', async ({ visitor, watch }) => {
    watch.expectStatus(422);
    await visitor.enter(people.partner, '/orders/import');
    await visitor.main.getByLabel('Or paste its content').fill('a,b\n1,2');
    await visitor.follow(() => visitor.main.getByRole('button', { name: 'Check the file' }).click());
    await expect(visitor.main.getByRole('alert')).toContainText('these columns are missing: Tracking number');
    await expect(visitor.main.getByLabel('Or paste its content')).toHaveValue('a,b\n1,2');
  });

  test('is for partner admins', async ({ visitor, watch }) => {
    watch.expectStatus(403);
    await visitor.enter(people.manager, '/orders');
    const button = visitor.main.getByRole('button', { name: 'Import orders' });
    await expect(button).toHaveAccessibleDescription('Only a partner admin can import orders.');
    await visitor.open('/orders/import');
    await expect(visitor.heading).toHaveText('Not allowed');
  });
});

test('an order goes to an account from its page, and back', { tag: ['@postgres', '@italian'] }, async ({ visitor }) => {
  const { words, main } = visitor;
  const path = await addAccount(visitor);
  const order = await importOrder(visitor, { sap_customer_number: '0009998877', sap_order: '4500012345' });
  await visitor.open(path);
  const panel = new PagePanel(visitor, words.subscriptions);
  await visitor.follow(() => panel.region.getByRole('link', { name: words.addOrder }).click());
  await visitor.follow(() => main.getByRole('link', { name: order }).click());
  await visitor.follow(() => main.getByRole('button', { name: words.assign, exact: true }).click());
  await expect(visitor.page).toHaveURL(new RegExp(`^${visitor.origin}${path}(?:\\?|#|$)`));
  await expect(panel.region.getByRole('status')).toContainText(order);
  const row = panel.region.getByRole('row').filter({ hasText: `${order}-1` });
  await expect(row.getByRole('cell')).toHaveText(['Mitel One', 'Premier', '10', '10', '0', /./, /./, words.active]);
  await expect(main.getByRole('region', { name: words.customerInformation })).toContainText('0009998877');
  await panel.press(`${order}-1`);
  await expect(panel.region).toContainText('4500012345');
  await expect(panel.region.getByRole('button', { name: `${order}-1` })).toHaveAttribute('aria-expanded', 'true');
  await visitor.reload();
  await expect(panel.region).toContainText('4500012345');
});

test('an order is split, and what was assigned is corrected', { tag: '@postgres' }, async ({ visitor, watch }) => {
  watch.expectStatus(409, 422);
  const [first, second] = [freshName(), freshName()];
  const paths = [await addAccount(visitor, { name: first }), await addAccount(visitor, { name: second })];
  const order = await importOrder(visitor);
  await visitor.open(`/orders/${order}`);
  const panel = new PagePanel(visitor, 'Assigned to accounts');
  const assign = async (account: string, licences: string) => {
    await panel.region.getByRole('combobox', { name: 'Account', exact: true }).fill(account);
    await visitor.page.keyboard.press('Escape');
    const form = panel.region.getByRole('button', { name: 'Assign', exact: true }).locator('..');
    await form.getByRole('textbox', { name: 'Licences' }).fill(licences);
    await panel.press('Assign');
  };
  await assign('nobody of that name', '99');
  await expect(panel.region).toContainText('None of your accounts has this ID or name.');
  await assign(first, '11');
  await expect(panel.region).toContainText('Enter a whole number from 1 to 10.');
  await assign(first, '6');
  await expect(panel.region.getByRole('link', { name: first })).toBeVisible();
  await assign(second, '4');
  await expect(panel.region).toContainText('All licences of this order are assigned.');

  // The first has two too many: they go back to the order.
  const own = panel.region.getByRole('listitem').filter({ hasText: first });
  await own.getByRole('textbox', { name: 'Licences' }).fill('4');
  await panel.press(`Save change for ${first}`);
  await expect(visitor.main.getByRole('region', { name: 'Order' })).toContainText('Remaining2');
  await panel.press(`Remove the assignment to ${second}`);
  const question = visitor.page.getByRole('dialog', { name: `Take back 4 licences from ${second}?` });
  const answer = (button: string) => panel.send(() => question.getByRole('button', { name: button }).click());
  await answer('Cancel');
  await expect(question).toHaveCount(0);
  await panel.press(`Remove the assignment to ${second}`);
  await answer('Remove');
  await panel.expectSaid(`4 licences taken back from ${second}.`);
  await panel.press('Undo');
  await panel.expectSaid(`4 licences given back to ${second}.`);
  await panel.press(`Remove the assignment to ${second}`);
  await answer('Remove');
  await expect(panel.region.getByRole('link', { name: second })).toHaveCount(0);
  await visitor.open(paths[0] ?? '');
  await expect(visitor.main.getByRole('region', { name: 'Subscriptions' })).toContainText(`${order}-1`);
  await visitor.open(paths[1] ?? '');
  await expect(visitor.main.getByRole('region', { name: 'Subscriptions' })).toContainText('No subscriptions yet');
});

test('of two who assign the same order one is told', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(409);
  const [mine, theirs] = [freshName(), freshName()];
  await addAccount(visitor, { name: mine });
  await addAccount(visitor, { name: theirs });
  const order = await importOrder(visitor);
  const other = await newcomer();
  await visitor.open(`/orders/${order}`);
  await other.enter(people.partner, `/orders/${order}`);
  // A page that nobody looks at does not follow what others do.
  await other.lookAway();
  const panels = [new PagePanel(visitor, 'Assigned to accounts'), new PagePanel(other, 'Assigned to accounts')];
  for (const [panel, name] of [[panels[0], mine], [panels[1], theirs]] as const) {
    await panel?.region.getByRole('combobox', { name: 'Account', exact: true }).fill(name);
  }
  await panels[0]?.press('Assign');
  await expect(panels[0]?.region.getByRole('link', { name: mine }) ?? visitor.main).toBeVisible();
  await panels[1]?.press('Assign');
  await expect(other.main.getByRole('alert')).toContainText('This changed while you were deciding, so nothing was done.');
});

test.describe('subscriptions', () => {
  test('are filtered and summed up, with the state in the address', async ({ visitor }) => {
    const path = await addAccount(visitor);
    const number = path.split('/').pop() ?? '';
    await importOrder(visitor, { quantity: '3', account: number });
    await importOrder(visitor, { quantity: '4', account: number, end_date: '2020-12-31', purchase_date: '2020-01-01' });
    await importOrder(visitor, { quantity: '5', account: number, product: 'MiTeam Meetings', end_date: '' });
    await visitor.open(path);
    const panel = new PagePanel(visitor, 'Subscriptions');
    const total = (product: string) => panel.region.getByRole('row').filter({ hasText: `Total ${product}` });
    await expect(total('Mitel One').getByRole('cell').first()).toHaveText('7');
    await expect(total('MiTeam Meetings').getByRole('cell').first()).toHaveText('5');
    await expect(panel.region).toContainText('3 Mitel One licences are assigned, but Mitel One is off.');
    const choose = async (label: string, option: string) => {
      const chosen = () => panel.region.getByLabel(label).selectOption({ label: option });
      await chosen();
      if (!visitor.scripts) await panel.press('Apply');
    };
    await choose('Product', 'Mitel One');
    await expect(total('MiTeam Meetings')).toHaveCount(0);
    await choose('Status', 'Expired');
    await expect(total('Mitel One').getByRole('cell').first()).toHaveText('4');
    await expect(visitor.page).toHaveURL(/product=mitel-one&status=expired/);
    await visitor.reload();
    await expect(total('Mitel One').getByRole('cell').first()).toHaveText('4');
    await choose('Status', 'Pending');
    await expect(panel.region).toContainText('No subscriptions match the filters.');
  });

  test('are seen by the account admin, but no orders', async ({ visitor, watch }) => {
    watch.expectStatus(404);
    await visitor.enter(people.admin, '/');
    const panel = visitor.main.getByRole('region', { name: 'Subscriptions' });
    await expect(panel.getByRole('row').nth(1)).toBeVisible();
    await expect(panel.getByRole('link', { name: 'Add order' })).toHaveCount(0);
    await visitor.open('/orders');
    await expect(visitor.heading).toHaveText('Page not found');
  });
});

test('the list of orders is filtered, searched and paged', async ({ visitor }) => {
  await visitor.enter(people.partner, '/orders');
  await expect(rows(visitor)).toHaveCount(50);
  await visitor.follow(() => visitor.main.getByRole('link', { name: 'Next' }).click());
  await expect(rows(visitor).first()).toBeVisible();
  const filters = visitor.main.getByRole('navigation', { name: 'Which orders' });
  for (const [name, status] of [['Expiring', 'Expiring'], ['Expired', 'Expired']] as const) {
    await visitor.follow(() => filters.getByRole('link', { name }).click());
    await expect(filters.getByRole('link', { name })).toHaveAttribute('aria-current', 'page');
    const cells = await rows(visitor).evaluateAll((all) => all.map((row) => row.lastElementChild?.textContent?.trim()));
    expect(new Set(cells)).toEqual(new Set([status]));
  }
  await visitor.open('/orders?show=nonsense&after=x.y&q=%00');
  await expect(visitor.heading).toHaveText('Orders');
});
