import { AccountForm } from '../support/account-form.ts';
import { AccountsList, digits } from '../support/accounts-list.ts';
import { addAccount } from '../support/accounts.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';

/** A partner's day in one piece, on either database. */
test.describe('the main path', { tag: '@postgres' }, () => {
  test('signing in, finding an account, editing it, finding it under its new name', async ({ visitor }) => {
    await addAccount(visitor, { name: 'Oboe and Bassoon Repairs' });
    await visitor.page.context().clearCookies();

    await visitor.open('/');
    await expect(visitor.heading).toHaveText('Sign in');
    await visitor.signIn(people.partner.email);
    const list = new AccountsList(visitor);
    await list.search('oboe bass');
    await expect(list.rows).toHaveCount(1);
    const number = digits((await list.column('accountId'))[0] ?? '');
    await visitor.follow(() => list.rows.getByRole('link').click());

    const form = new AccountForm(visitor);
    await form.fill({ 'Customer name': 'Clarinet Repairs', City: 'Cremona', 'Postal / ZIP code': '26100' });
    await form.choose({ Province: 'Cremona', 'Business type': 'Manufacturing' });
    await form.save();
    await expect(form.said('Saved.')).toBeVisible();
    await expect(visitor.heading).toHaveText('Clarinet Repairs');
    await visitor.reload();
    await form.expectChosen('Province', 'Cremona');

    await visitor.follow(() => visitor.main.getByRole('link', { name: 'Accounts' }).click());
    await list.search('oboe');
    await expect(visitor.main).toContainText('No accounts found');
    await list.search('clarinet');
    await expect(list.rows).toHaveCount(1);
    expect(digits((await list.column('accountId'))[0] ?? '')).toBe(number);
    await list.search('cremona');
    await expect(list.rows.filter({ hasText: 'Clarinet Repairs' })).toBeVisible();
    await visitor.signOut();
  });

  test('two people editing at once lose nothing', async ({ visitor, newcomer, watch }) => {
    watch.expectStatus(409);
    const path = await addAccount(visitor);
    await visitor.open(path);
    const other = await newcomer();
    await other.enter(people.partner, path);
    const [mine, theirs] = [new AccountForm(visitor), new AccountForm(other)];
    await theirs.fill({ City: 'Carpi', Address: 'Via Prima 1' });
    await mine.fill({ City: 'Vignola', 'Address (line 2)': 'Interno 3' });
    await theirs.save();
    await expect(theirs.said('Saved.')).toBeVisible();
    await mine.save();
    await mine.panel.getByRole('radio', { name: 'Your value: Vignola' }).check();
    await mine.save();
    await expect(mine.said(/^Saved/)).toBeVisible();
    await visitor.reload();
    await expect(mine.text('City')).toHaveValue('Vignola');
    await expect(mine.text('Address')).toHaveValue('Via Prima 1');
    await expect(mine.text('Address (line 2)')).toHaveValue('Interno 3');
  });
});
