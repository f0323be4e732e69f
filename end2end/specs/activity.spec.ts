import { readFile } from 'node:fs/promises';
import { addAccount, freshName } from '../support/accounts.ts';
import { PagePanel } from '../support/panels.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

function rows({ main }: Visitor) {
  return main.getByRole('table').locator('tbody').getByRole('row');
}

async function apply(visitor: Visitor, fill: () => Promise<unknown>): Promise<void> {
  await fill();
  await visitor.follow(() => visitor.main.getByRole('button', { name: visitor.words.apply }).click());
}

test('a change stands on the page and among all activity', { tag: ['@postgres', '@italian'] }, async ({ visitor }) => {
  const { main, words } = visitor;
  const name = freshName();
  const path = await addAccount(visitor, { name });
  await visitor.open(path);
  await new PagePanel(visitor, words.callServices).flip(words.bandwidthOptimisation);
  const panel = main.getByRole('region', { name: words.activity, exact: true });
  await expect(panel.getByRole('listitem').first()).toContainText(`${words.bandwidthOptimisation}: ${words.off} → ${words.on}`);
  await expect(panel).toContainText('Marta Bianchi');
  await visitor.follow(() => panel.getByRole('link').click());
  await expect(visitor.page).toHaveURL(`${path}/activity`);
  await expect(rows(visitor)).toHaveCount(2);
  await visitor.open('/activity');
  await apply(visitor, () => main.getByRole('searchbox').fill(name));
  await expect(rows(visitor)).toHaveCount(2);
  await expect(rows(visitor).first().getByRole('link')).toHaveAttribute('href', path);
});

test('what was refused is there, with who tried', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(403);
  await visitor.enter(people.manager, '/accounts');
  const link = visitor.main.getByRole('table').getByRole('link', { name: 'Rossi Ceramiche S.p.A.' });
  const path = (await link.getAttribute('href')) ?? '';
  const form = { number: path.split('/').pop() ?? '', name: 'Rossi Ceramiche S.p.A.' };
  expect((await visitor.page.request.post('/api/delete_account', { form })).status()).toBe(403);
  const partner = await newcomer();
  await partner.enter(people.partner, `${path}/activity`);
  const row = rows(partner).first();
  await expect(row).toContainText('Lucia Neri');
  await expect(row).toContainText('Refused attempt');
  await expect(row).toContainText('Delete the account: Only a partner admin can change this.');
});

test('activity is filtered by person, kind and day, and the address keeps it', async ({ visitor }) => {
  const { main } = visitor;
  await visitor.enter(people.partner, '/activity');
  await apply(visitor, async () => {
    await main.getByLabel('Who').fill('neri');
    await main.getByLabel('What', { exact: true }).selectOption('Refused attempt');
  });
  await expect(visitor.page).toHaveURL(/person=neri&kind=attempt_refused/);
  const texts = await rows(visitor).allInnerTexts();
  expect(texts.length).toBeGreaterThan(0);
  expect(texts.every((text) => text.includes('Lucia Neri') && text.includes('Refused attempt'))).toBe(true);
  await visitor.open('/activity?until=2001-01-01');
  await expect(main).toContainText('No results');
  await visitor.follow(() => main.getByRole('link', { name: 'Clear search and filters' }).click());
  await expect(rows(visitor)).toHaveCount(50);
  await visitor.follow(() => main.getByRole('link', { name: 'Next' }).click());
  await visitor.follow(() => main.getByRole('link', { name: 'Previous' }).click());
  await expect(rows(visitor)).toHaveCount(50);
  await visitor.open('/activity?kind=nonsense&from=x&after=1.&person=%00');
  await expect(visitor.heading).toHaveText('Activity');
});

test('what is filtered is exported', async ({ visitor }) => {
  await visitor.enter(people.partner, '/activity?kind=attempt_refused');
  for (const [name, ending] of [['Export as CSV', 'csv'], ['Export as JSON Lines', 'jsonl']] as const) {
    const download = visitor.page.waitForEvent('download');
    await visitor.main.getByRole('link', { name }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(new RegExp(`^activity-\\d{4}-\\d\\d-\\d\\d\\.${ending}$`));
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\n');
    const records = ending === 'csv' ? lines.slice(1) : lines;
    expect(records.length).toBeGreaterThan(5);
    expect(records.every((line) => line.includes('attempt_refused'))).toBe(true);
  }
});

test('an account admin sees that of their account', async ({ visitor, watch }) => {
  watch.expectStatus(404);
  await visitor.enter(people.admin, '/');
  await visitor.follow(() => visitor.main.getByRole('link', { name: 'All activity' }).click());
  await expect(rows(visitor).first()).toBeVisible();
  await visitor.open('/activity');
  await expect(visitor.heading).toHaveText('Page not found');
});
