import { AccountsList } from '../support/accounts-list.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

/** Changes the language by the footer; `present` are the words of the page as it is. */
async function choose(visitor: Visitor, label: string, present: { language: string; change: string }): Promise<void> {
  const footer = visitor.page.getByRole('contentinfo').or(visitor.page.getByRole('complementary'));
  await footer.getByRole('combobox', { name: present.language }).selectOption({ label });
  await visitor.follow(() => footer.getByRole('button', { name: present.change, exact: true }).click());
}

const english = { language: 'Language', change: 'Change' };
const italian = { language: 'Lingua', change: 'Cambia' };

async function expectLanguage(visitor: Visitor, tag: 'en' | 'it'): Promise<void> {
  await expect(visitor.page.locator('html')).toHaveAttribute('lang', tag);
}

test('the browser says which language it is, until somebody chooses', async ({ newcomer }) => {
  for (const [locale, tag, heading] of [
    ['it-IT', 'it', 'Accedi'],
    ['it-CH', 'it', 'Accedi'],
    ['en-US', 'en', 'Sign in'],
    ['ja-JP', 'en', 'Sign in'],
  ] as const) {
    const visitor = await newcomer({ locale });
    await visitor.open('/sign-in');
    await expectLanguage(visitor, tag);
    await expect(visitor.heading).toHaveText(heading);
  }
});

test('the footer changes it before signing in, and the browser remembers', async ({ visitor }) => {
  await visitor.open('/sign-in?next=%2Faccounts%3Fq%3Drossi');
  await choose(visitor, 'Italiano', english);
  await expect(visitor.heading).toHaveText('Accedi');
  await expect(visitor.page).toHaveURL('/sign-in?next=%2Faccounts%3Fq%3Drossi');
  await visitor.open('/support');
  await expect(visitor.heading).toHaveText('Assistenza');
  await choose(visitor, 'English', italian);
  await expect(visitor.heading).toHaveText('Support');
});

test('a language that does not exist is refused', { tag: '@plain' }, async ({ visitor }) => {
  const form = { _form: '/api/choose_locale', locale: 'tlh', return_to: '/support' };
  const answer = await visitor.page.request.post('/support', { form, maxRedirects: 0 });
  expect(answer.status()).toBe(400);
});

test.describe('of a person', () => {
  // The choice stays with the person, whom other tests expect in English.
  test.use({ ownServer: true });

  test('it is kept, in whatever browser they sign in', async ({ visitor, newcomer }) => {
    await visitor.enter(people.partner, '/accounts?q=rossi&status=active&sort=city');
    await choose(visitor, 'Italiano', english);
    await expect(visitor.page).toHaveURL('/accounts?q=rossi&status=active&sort=city');
    await expect(visitor.main.getByRole('searchbox', { name: 'Cerca account' })).toHaveValue('rossi');

    const elsewhere = await newcomer();
    await elsewhere.open('/sign-in');
    await expectLanguage(elsewhere, 'en');
    await elsewhere.signIn(people.partner.email);
    await expectLanguage(elsewhere, 'it');
    await elsewhere.open('/profile');
    await expect(elsewhere.heading).toHaveText('Profilo');
  });

  test('what the page says later is in it too', { tag: '@script' }, async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts');
    await choose(visitor, 'Italiano', english);
    await visitor.main.getByRole('searchbox', { name: 'Cerca account' }).fill('nessuno si chiama così');
    await expect(visitor.main.getByRole('status').filter({ hasText: 'Nessun account trovato' })).toHaveCount(1);
    await visitor.main.getByRole('searchbox', { name: 'Cerca account' }).fill('');
    await expect(visitor.main.getByRole('status').filter({ hasText: /^\d+ account$/ })).toHaveCount(1);
    expect(await new AccountsList(visitor).column('country')).toContain('Emirati Arabi Uniti');
  });
});
