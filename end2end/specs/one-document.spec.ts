import { AccountsList } from '../support/accounts-list.ts';
import { PagePanel } from '../support/panels.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

test.describe('one document', { tag: '@script' }, () => {
  // The language stays with the person, whom other tests expect in English.
  test.use({ ownServer: true });

  test('is all that is loaded between signing in and signing out', async ({ visitor }) => {
    const { page } = visitor;
    const documents: string[] = [];
    await visitor.open('/sign-in');
    page.on('request', (request) => {
      if (request.resourceType() === 'document') documents.push(request.url());
    });
    await visitor.signIn(people.partner.email);
    const list = new AccountsList(visitor);
    await expect(visitor.heading).toHaveText('Accounts');
    await list.search('rossi ceramiche');
    await visitor.follow(() => list.rows.first().getByRole('link').click());
    await expect(visitor.heading).toContainText('Rossi Ceramiche');
    await expect(visitor.heading).toBeFocused();
    const panel = new PagePanel(visitor, 'Call services');
    await panel.flip('Bandwidth optimisation');
    await panel.expectSaid('Bandwidth optimisation');
    await visitor.follow(() => page.goBack());
    await expect(list.searchField).toHaveValue('rossi ceramiche');
    await expect(list.rows.first()).toContainText('Rossi Ceramiche');
    const navigation = page.getByRole('navigation', { name: 'Main' });
    for (const name of ['Orders', 'Activity', 'Profile']) {
      await visitor.follow(() => navigation.getByRole('link', { name }).click());
      await expect(visitor.heading).toHaveText(name);
      await expect(page).toHaveTitle(`${name} · Tenantry`);
    }
    await page.getByRole('combobox', { name: 'Language', exact: true }).selectOption('it');
    await visitor.follow(() => page.getByRole('button', { name: 'Change', exact: true }).click());
    await expect(visitor.heading).toHaveText('Profilo');
    await visitor.follow(() => page.getByRole('link', { name: 'Ordini' }).click());
    await visitor.follow(() => page.getByRole('link', { name: /^E2E|^TN|^[A-Z]{2}-/ }).first().click());
    await visitor.follow(() => page.goBack());
    await expect(visitor.heading).toHaveText('Ordini');
    expect(documents).toEqual([]);
    await page.getByRole('button', { name: /^MB/ }).click();
    await visitor.leave(() => page.getByRole('button', { name: 'Esci' }).click());
    expect(documents.length).toBeGreaterThan(0);
  });
});
