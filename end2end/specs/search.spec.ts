import { AccountsList } from '../support/accounts-list.ts';
import { people, ROSSI } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

test('the arrow down and Enter take the only account found, however quickly', { tag: '@script' }, async ({ visitor }) => {
  await visitor.enter(people.partner, '/profile');
  const field = visitor.page.getByRole('combobox', { name: 'Switch account' });
  await field.fill('301 205 180');
  await field.press('ArrowDown');
  await expect(visitor.page.getByRole('option').filter({ hasText: ROSSI })).toHaveAttribute('aria-selected', 'true');
  await visitor.follow(() => field.press('Enter'));
  await expect(visitor.heading).toHaveText(ROSSI);
});

test('what nearly matches is shown and said to be such', async ({ visitor }) => {
  await visitor.enter(people.partner, '/accounts');
  const list = new AccountsList(visitor);
  await list.search('spdition');
  await expect(visitor.main).toContainText('No exact match.');
  for (const name of await list.column('name')) expect(name).toContain('Spedition');
});

test('the word of a filter is searched for like any other', async ({ visitor }) => {
  await visitor.enter(people.partner, '/accounts');
  const list = new AccountsList(visitor);
  await list.search('all');
  await expect(visitor.main).not.toContainText('156 accounts');
  await expect(list.searchField).toHaveValue('all');
});
