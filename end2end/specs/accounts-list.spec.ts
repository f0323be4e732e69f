import { AccountsList, digits, folded, type Column } from '../support/accounts-list.ts';
import { addAccount } from '../support/accounts.ts';
import { people, ROSSI } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

/** How many accounts the list says there are. */
async function counted(list: AccountsList): Promise<number> {
  return Number(digits(await list.count.innerText()));
}

test.describe('searching', () => {
  test('by the beginnings of words of the name, in any order and spelling', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts');
    const list = new AccountsList(visitor);
    for (const typed of ['Rossi Ceramiche', 'CERAM ross', 'ròssi ceramiche s.p.a.']) {
      await list.search(typed);
      await expect(list.rows.getByRole('rowheader', { name: ROSSI })).toBeVisible();
      for (const name of await list.column('name')) expect(folded(name)).toMatch(/\bceram.*/);
      expect(await counted(list)).toBe(await list.rows.count());
    }
  });

  test('by Account ID, whole or begun, in groups or not', { tag: '@postgres' }, async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts?q=rossi+ceramiche+s');
    const list = new AccountsList(visitor);
    const row = list.rows.filter({ hasText: ROSSI });
    const grouped = (await row.getByRole('cell').first().innerText()).replace(/\s/g, ' ');
    expect(grouped).toMatch(/^\d{3} \d{3} \d{3}$/);
    for (const typed of [grouped, digits(grouped), grouped.replaceAll(' ', '-'), grouped.slice(0, 9)]) {
      await list.search(typed);
      await expect(list.rows).toHaveCount(1);
      await expect(list.rows).toContainText(ROSSI);
    }
  });

  test('by city, with or without its accents', { tag: '@postgres' }, async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts');
    const list = new AccountsList(visitor);
    for (const typed of ['München', 'munchen']) {
      await list.search(typed);
      await expect(list.rows.first()).toBeVisible();
      expect(new Set(await list.column('city'))).toEqual(new Set(['München']));
    }
  });

  test('finds a new account with the very next request', async ({ visitor }) => {
    await addAccount(visitor, { name: 'Zephyrine Observatory' });
    await visitor.open('/accounts');
    const list = new AccountsList(visitor);
    await list.search('zephy');
    await expect(list.rows).toHaveCount(1);
  });

  test('says when nothing matches, and how to get everything back', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts?status=active');
    const list = new AccountsList(visitor);
    await list.search('no such customer');
    await expect(visitor.main).toContainText('No accounts found');
    await visitor.follow(() => visitor.main.getByRole('link', { name: 'Clear search and filters' }).click());
    await expect(visitor.page).toHaveURL('/accounts');
    await expect(list.searchField).toHaveValue('');
    await expect(list.rows.first()).toBeVisible();
  });

  test('treats what is typed as text and nothing else', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts');
    const list = new AccountsList(visitor);
    for (const typed of ['<zz>"&\'', '%', "' OR 'zz' --", '\\ _ *']) {
      await list.search(typed);
      await expect(visitor.main).toContainText('No accounts found');
      await expect(list.searchField).toHaveValue(typed);
    }
  });

  test('tells the count to those who cannot see the list', { tag: '@script' }, async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts');
    const list = new AccountsList(visitor);
    const status = visitor.main.getByRole('region', { name: 'Accounts' }).getByRole('status');
    await list.search('rossi ceramiche');
    await expect(status).toHaveText(/^\d+ accounts?$/);
    await list.search('no such customer');
    await expect(status).toHaveText('No accounts found');
  });

  test('says that the server is out of reach, and goes on afterwards', { tag: '@script' }, async ({ visitor, watch }) => {
    watch.expectOffline();
    await visitor.enter(people.partner, '/accounts');
    const list = new AccountsList(visitor);
    await visitor.page.context().setOffline(true);
    await list.searchField.fill('rossi');
    await expect(visitor.main.getByRole('status').filter({ hasText: "couldn't be updated" })).toHaveCount(1);
    await visitor.page.context().setOffline(false);
    await list.search('rossi ceramiche');
    await expect(list.rows.filter({ hasText: ROSSI })).toBeVisible();
  });

  test('says when the session has ended meanwhile', { tag: '@script' }, async ({ visitor, watch }) => {
    watch.expectStatus(401);
    await visitor.open('/sign-in?next=/accounts');
    await visitor.signIn(people.partner.email);
    await visitor.page.request.post('/', { form: { _form: '/api/sign_out' } });
    await new AccountsList(visitor).searchField.fill('rossi');
    await expect(visitor.page.getByRole('dialog')).toContainText('Your session has ended');
    await expect(visitor.main.getByRole('table')).toBeVisible();
  });
});

test('the status filter lists what it says', async ({ visitor }) => {
  await visitor.enter(people.partner, '/accounts');
  const list = new AccountsList(visitor);
  const all = await counted(list);
  await list.filter('Deactivated');
  const deactivated = await counted(list);
  expect(new Set(await list.column('status'))).toEqual(new Set(['Deactivated']));
  await list.filter('Active');
  const active = await counted(list);
  expect(new Set(await list.column('status'))).toEqual(new Set(['Active']));
  expect(active + deactivated).toBe(all);
  await list.filter('All');
  expect(await counted(list)).toBe(all);
});

const columns: { header: string; column: Column; key: (text: string) => string }[] = [
  { header: 'Customer', column: 'name', key: folded },
  { header: 'Account ID', column: 'accountId', key: digits },
  { header: 'City', column: 'city', key: folded },
];

test.describe('sorting', { tag: '@postgres' }, () => {
  for (const { header, column, key } of columns) {
    test(`by ${header}, both ways`, async ({ visitor }) => {
      await visitor.enter(people.other, '/accounts?sort=country');
      const list = new AccountsList(visitor);
      await list.sortBy(header);
      await expect(list.header(header)).toHaveAttribute('aria-sort', 'ascending');
      await expect(list.header('Country')).not.toHaveAttribute('aria-sort');
      const rising = (await list.column(column)).map(key);
      expect(rising).toEqual(rising.toSorted());

      await list.sortBy(header);
      await expect(list.header(header)).toHaveAttribute('aria-sort', 'descending');
      const falling = (await list.column(column)).map(key);
      expect(falling).toEqual(rising.toReversed());
    });
  }

  test('by Country keeps a country together, both ways', async ({ visitor }) => {
    await visitor.enter(people.other, '/accounts');
    const list = new AccountsList(visitor);
    await list.sortBy('Country');
    await expect(list.header('Country')).toHaveAttribute('aria-sort', 'ascending');
    const rising = await list.column('country');
    // One run for each country, whatever their order is called.
    const runs = rising.filter((country, index) => country !== rising[index - 1]);
    expect(runs).toEqual([...new Set(rising)]);
    await list.sortBy('Country');
    await expect(list.header('Country')).toHaveAttribute('aria-sort', 'descending');
    expect(await list.column('country')).toEqual(rising.toReversed());
  });
});

test.describe('paging', { tag: '@postgres' }, () => {
  for (const query of ['', '?sort=city&order=desc']) {
    test(`shows every account once, there and back${query && ', sorted otherwise too'}`, async ({ visitor }) => {
      await visitor.enter(people.partner, `/accounts${query}`);
      const list = new AccountsList(visitor);
      const total = await counted(list);
      const pages = [await list.column('accountId')];
      await expect(list.pager.getByRole('link', { name: 'Previous' })).toHaveCount(0);
      await expect(list.pager.getByRole('link', { name: 'First' })).toHaveCount(0);
      while (await list.pager.getByRole('link', { name: 'Next' }).isVisible()) {
        await list.turnTo('Next');
        pages.push(await list.column('accountId'));
      }
      expect(new Set(pages.flat()).size).toBe(total);
      expect(pages.flat()).toHaveLength(total);

      await list.turnTo('Previous');
      expect(await list.column('accountId')).toEqual(pages.at(-2));
      await list.turnTo('First');
      expect(await list.column('accountId')).toEqual(pages[0]);
    });
  }
});

test.describe('the address', () => {
  test('keeps search, filter, order and page: reloading shows the same', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts');
    const list = new AccountsList(visitor);
    await list.sortBy('City');
    await list.sortBy('City');
    await list.filter('Active');
    await list.turnTo('Next');
    const rows = await list.column('accountId');
    await visitor.reload();
    expect(await list.column('accountId')).toEqual(rows);
    await expect(list.header('City')).toHaveAttribute('aria-sort', 'descending');
    await expect(list.statusFilter).toHaveValue('active');

    await list.search('s');
    const found = await list.column('accountId');
    await visitor.reload();
    await expect(list.searchField).toHaveValue('s');
    expect(await list.column('accountId')).toEqual(found);
    await expect(list.header('City')).toHaveAttribute('aria-sort', 'descending');
    expect(new Set(await list.column('status'))).toEqual(new Set(['Active']));
  });

  test('brings the list back as it was left after looking at an account', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts?sort=number');
    const list = new AccountsList(visitor);
    await list.search('modena');
    const rows = await list.column('accountId');
    await visitor.follow(() => list.rows.first().getByRole('link').click());
    await visitor.page.goBack();
    await expect(visitor.heading).toHaveText('Accounts');
    await expect(list.searchField).toHaveValue('modena');
    expect(await list.column('accountId')).toEqual(rows);
  });

  test('survives a change of language', { tag: '@script' }, async ({ visitor }) => {
    // Typing changes the address after the page was written.
    await visitor.enter(people.other, '/accounts');
    const list = new AccountsList(visitor);
    await list.search('vogel');
    const address = visitor.page.url();
    await visitor.follow(() => visitor.page.getByRole('button', { name: 'Change' }).click());
    await expect(visitor.page).toHaveURL(address);
  });

  test('with nonsense in it shows the list', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts?status=x&sort=y&order=z&after=1.%00&before=%ff&q=%20');
    await expect(new AccountsList(visitor).rows).toHaveCount(50);
  });
});

test('an account manager sees the assigned five, and why there is no adding', async ({ visitor }) => {
  await visitor.enter(people.manager, '/accounts');
  const list = new AccountsList(visitor);
  await expect(list.rows).toHaveCount(5);
  await expect(list.count).toHaveText('5 accounts');
  const add = visitor.main.getByRole('button', { name: 'Add account' });
  await expect(add).toBeDisabled();
  await expect(add).toHaveAccessibleDescription('Only a partner admin can add accounts.');
  await expect(visitor.main.getByRole('link', { name: 'Add account' })).toHaveCount(0);
  await list.search('rossi ceramiche');
  await expect(list.rows).toHaveCount(1);
});

test('each row leads to its account', async ({ visitor }) => {
  await visitor.enter(people.partner, '/accounts');
  const row = new AccountsList(visitor).rows.nth(7);
  const name = await row.getByRole('rowheader').innerText();
  const number = digits(await row.getByRole('cell').first().innerText());
  await visitor.follow(() => row.getByRole('link').click());
  await expect(visitor.page).toHaveURL(`/accounts/${number}`);
  await expect(visitor.heading).toHaveText(name);
});
