import { AccountForm } from '../support/account-form.ts';
import { AccountsList } from '../support/accounts-list.ts';
import { people, ROSSI } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

/** The words by which others find the controls, in each language. */
test.describe('the words', { tag: '@italian' }, () => {
  test('of signing in and out', async ({ visitor }) => {
    const { page, words } = visitor;
    await visitor.open('/sign-in');
    await expect(visitor.heading).toHaveText(words.signIn);
    await expect(page).toHaveTitle(`${words.signIn} · Tenantry`);
    await expect(page.getByRole('textbox', { name: words.email, exact: true })).toBeVisible();
    await expect(page.getByRole('textbox', { name: words.password, exact: true })).toBeVisible();
    await expect(page.getByRole('combobox', { name: words.language, exact: true })).toBeVisible();
    for (const name of [words.support, words.legal]) await expect(page.getByRole('link', { name })).toBeVisible();
    await visitor.signIn(people.user.email);
    await expect(visitor.heading).toHaveText(words.profile);
    await visitor.openMenu();
    await expect(page.getByRole('button', { name: words.signOut, exact: true })).toBeVisible();
  });

  test('of the list of accounts', async ({ visitor }) => {
    const { main, page, words } = visitor;
    await visitor.enter(people.partner, '/accounts');
    const list = new AccountsList(visitor);
    await expect(visitor.heading).toHaveText(words.accounts);
    const navigation = page.getByRole('navigation').first().getByRole('link');
    await expect(navigation).toHaveText([words.accounts, words.orders, words.activity, words.profile]);
    await expect(list.searchField).toBeVisible();
    await expect(main.getByRole('link', { name: words.addAccount, exact: true })).toBeVisible();
    for (const name of [words.accountId, words.city, words.country, words.status]) {
      await expect(main.getByRole('columnheader', { name, exact: true })).toBeVisible();
    }
    await expect(list.statusFilter.getByRole('option')).toHaveText([/./, words.active, words.deactivated, words.deleted]);
    await visitor.open('/accounts?status=deactivated');
    expect(new Set(await list.column('status'))).toEqual(new Set([words.deactivated]));
  });

  test('of the account page', async ({ visitor }) => {
    const { main, page, words } = visitor;
    await visitor.enter(people.admin, '/');
    const form = new AccountForm(visitor);
    await expect(page).toHaveTitle(`${ROSSI} · Tenantry`);
    await expect(page.getByRole('navigation').first().getByRole('link')).toHaveText([words.account, words.profile]);
    await expect(main).toContainText(words.accountInformation);
    await expect(main.getByText(words.active, { exact: true }).first()).toBeVisible();
    await expect(form.panel.getByRole('heading')).toHaveText(words.customerInformation);
    for (const name of [words.customerName, words.address, words.city, words.postalCode]) {
      await expect(form.text(name)).toBeVisible();
    }
    for (const name of [words.country, words.defaultLanguage, words.businessType]) {
      await expect(form.choice(name)).toBeVisible();
    }
    for (const name of [words.accountId, words.sapNumber, words.cloudLocation, words.pbxType]) {
      await expect(form.shown(name)).toBeVisible();
    }
    for (const name of [words.save, words.discard]) {
      await expect(form.panel.getByRole('button', { name, exact: true })).toBeVisible();
    }
  });

  test('of the panels of the account page', async ({ visitor }) => {
    const { page, words } = visitor;
    await visitor.enter(people.admin, '/');
    const region = (name: string) => page.getByRole('region', { name, exact: true });
    const switches = async (panel: string) =>
      await region(panel).getByRole('switch').evaluateAll((all) =>
        all.map((one) => document.getElementById(one.getAttribute('aria-labelledby') ?? '')?.textContent));
    await expect(region(words.supportContacts).getByRole('button', { name: words.addContact, exact: true })).toBeVisible();
    await expect(region(words.supportContacts).getByRole('button', { name: words.sendTestMessage })).toHaveCount(2);
    await expect(page.getByRole('button', { name: words.reportProblem, exact: true })).toBeVisible();
    for (const name of [words.subscriptions, words.activity]) await expect(region(name)).toBeVisible();
    expect(await switches(words.integrations)).toEqual([
      'CloudLink Gateway',
      'MiCC',
      'MiCollab',
      'Mitel One',
      'MiTeam Meetings',
      'Mitel Voice Assist',
      'MiVoice Business',
      'Single Sign-On',
      'Azure AD Sync',
      'Microsoft Office 365',
      'Microsoft Teams',
    ]);
    expect(await switches(words.privileges)).toEqual([words.delegatedAuthentication, words.guestAccess]);
    expect(await switches(words.callServices)).toEqual([words.bandwidthOptimisation]);
    const gateway = region(words.integrations).getByRole('switch', { name: 'CloudLink Gateway', exact: true });
    await expect(gateway).toHaveAccessibleDescription(new RegExp(`^${words.needsSetUp}`));
    const micollab = region(words.integrations).getByRole('switch', { name: 'MiCollab', exact: true });
    await expect(micollab).toHaveAccessibleDescription(new RegExp(`^${words.on}`));
    const meetings = region(words.integrations).getByRole('switch', { name: 'MiTeam Meetings', exact: true });
    await expect(meetings).toHaveAccessibleDescription(new RegExp(`^${words.off}`));
  });

  test('of copying the Account ID', { tag: '@script' }, async ({ visitor }) => {
    const { words } = visitor;
    await visitor.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await visitor.enter(people.admin, '/');
    const shown = new AccountForm(visitor).shown(words.accountId);
    await shown.getByRole('button', { name: words.copy, exact: true }).click();
    await expect(shown.getByRole('status')).toHaveText(words.copied);
  });

  test('of a country without a list of provinces, and of an account on MiCloud Connect', async ({ visitor }) => {
    const { words } = visitor;
    await visitor.enter(people.partner, '/accounts?q=leeds');
    await visitor.follow(() => new AccountsList(visitor).rows.first().getByRole('link').click());
    await expect(new AccountForm(visitor).text(words.subdivision)).toBeVisible();

    await visitor.enter(people.manager, '/accounts');
    const links = await new AccountsList(visitor).rows.getByRole('link').all();
    const paths = await Promise.all(links.map((link) => link.getAttribute('href')));
    const labels: string[] = [];
    for (const path of paths) {
      await visitor.open(path ?? '');
      labels.push(...(await visitor.main.getByRole('term').allInnerTexts()));
    }
    expect(labels).toContain(words.billingNumber);
  });

  test('of adding an account', async ({ visitor }) => {
    const { words } = visitor;
    await visitor.enter(people.partner, '/accounts/new');
    const form = new AccountForm(visitor);
    await expect(visitor.heading).toHaveText(words.addAccount);
    for (const name of [words.customerName, words.address, words.city, words.postalCode, words.subdivision]) {
      await expect(form.text(name)).toBeVisible();
    }
    for (const name of [words.country, words.defaultLanguage, words.cloudLocation]) {
      await expect(form.choice(name)).toBeVisible();
    }
    await expect(form.panel.getByRole('button', { name: words.addAccount, exact: true })).toBeVisible();
    await expect(form.panel.getByRole('link', { name: words.cancel, exact: true })).toBeVisible();
  });
});

test('the choices of customer information are complete', { tag: '@plain' }, async ({ visitor }) => {
  await visitor.enter(people.partner, '/accounts/new');
  const form = new AccountForm(visitor);
  const entries = async (name: string) => (await form.choice(name).getByRole('option').allInnerTexts()).slice(1);
  expect(await entries('Cloud location')).toEqual(['Canada', 'Europe', 'United Kingdom', 'United States']);
  expect(await entries('Business type')).toEqual(BUSINESS_TYPES);
  const languages = await entries('Default language');
  expect(languages).toEqual(expect.arrayContaining(['English', 'Italian', 'German', 'French', 'Spanish', 'Portuguese']));
  const countries = await entries('Country');
  // Those of ISO 3166-1, in the order in which people look for them.
  expect(countries).toHaveLength(252);
  expect(countries).toEqual(countries.toSorted(new Intl.Collator('en').compare));
});

const BUSINESS_TYPES = [
  'Agriculture',
  'Construction',
  'Education',
  'Energy and utilities',
  'Finance and insurance',
  'Government',
  'Healthcare',
  'Hospitality',
  'Legal',
  'Manufacturing',
  'Media',
  'Non-profit',
  'Professional services',
  'Real estate',
  'Retail',
  'Technology',
  'Telecommunications',
  'Transport and logistics',
  'Other',
];
