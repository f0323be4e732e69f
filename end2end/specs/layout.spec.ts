import { AccountForm } from '../support/account-form.ts';
import { AccountsList } from '../support/accounts-list.ts';
import { addAccount } from '../support/accounts.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

const WIDTHS = [320, 360, 768, 1350];

/** What reaches beyond the right edge of the page, at each width; nothing should. */
async function sticksOut({ page }: Visitor): Promise<string[]> {
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    const names = await page.evaluate(() => {
      const root = document.documentElement;
      if (root.scrollWidth <= root.clientWidth) return [];
      const wide = [...document.querySelectorAll('body *')].filter(
        (element) => element.getBoundingClientRect().right > root.clientWidth + 1,
      );
      return ['the page', ...wide.map((element) => `${element.localName}.${element.className}`)];
    });
    if (names.length > 0) found.push(`${width} px: ${names.slice(0, 6).join(', ')}`);
  }
  return found;
}

async function expectToFit(visitor: Visitor, what: string): Promise<void> {
  expect(await sticksOut(visitor), what).toEqual([]);
}

// Italian words are longer than English ones.
test.describe('nothing has to be scrolled sideways', { tag: '@italian' }, () => {
  test('before signing in', async ({ visitor, watch }) => {
    watch.expectStatus(401, 404);
    for (const path of ['/sign-in', '/sign-in?next=/accounts', '/support', '/legal', '/no/such/page']) {
      await visitor.open(path);
      await expectToFit(visitor, path);
    }
    await visitor.open('/sign-in');
    await visitor.signIn('nobody@example.com', 'wrong');
    await expectToFit(visitor, 'refused');
  });

  test('when choosing a membership', async ({ visitor }) => {
    await visitor.open('/sign-in');
    await visitor.signIn(people.several.email);
    await expectToFit(visitor, '/memberships');
  });

  test('for a partner', async ({ visitor, watch }) => {
    watch.expectStatus(404);
    await visitor.begin(people.partner);
    const lists = ['/accounts', '/accounts?sort=city&order=desc', '/accounts?q=no-such-customer', '/accounts/new'];
    for (const path of [...lists, '/profile', '/support', '/legal', '/no/such/page']) {
      await visitor.open(path);
      await expectToFit(visitor, path);
    }
  });

  test('for an account manager', async ({ visitor, watch }) => {
    watch.expectStatus(403);
    for (const path of ['/accounts', '/accounts/new']) {
      await visitor.enter(people.manager, path);
      await expectToFit(visitor, path);
    }
  });

  test('on the pages of accounts, however long their names', async ({ visitor }) => {
    await visitor.enter(people.partner, '/accounts?q=consorzio');
    await visitor.follow(() => new AccountsList(visitor).rows.first().getByRole('link').click());
    await expectToFit(visitor, 'the longest name of the demo');
    await visitor.open(await addAccount(visitor, { name: 'W'.repeat(120), city: 'M'.repeat(120), address1: 'm'.repeat(120) }));
    await expectToFit(visitor, 'a name of one word');
    await visitor.open('/accounts?q=wwww');
    await expectToFit(visitor, 'a name of one word in the list');
    await visitor.enter(people.admin, '/');
    await expectToFit(visitor, 'an account admin');
  });

  test('with errors', async ({ visitor, watch }) => {
    watch.expectStatus(422);
    await visitor.enter(people.partner, '/accounts/new');
    const form = new AccountForm(visitor);
    await form.send(visitor.words.addAccount);
    await expect(form.summary).toBeVisible();
    await expectToFit(visitor, 'a new account with errors');
  });

  test('with the menu under the name open', async ({ visitor }) => {
    await visitor.enter(people.admin, '/profile');
    for (const width of WIDTHS) {
      await visitor.page.setViewportSize({ width, height: 800 });
      await visitor.reload();
      await visitor.openMenu();
      const menu = visitor.page.getByRole('button', { name: visitor.words.signOut });
      await expect(menu).toBeInViewport({ ratio: 1 });
    }
    await expectToFit(visitor, 'the menu');
  });
});

test('the first stop of the keyboard leads past everything to the content', async ({ visitor }) => {
  await visitor.enter(people.partner, '/accounts');
  const skip = visitor.page.getByRole('link', { name: 'Skip to content' });
  await expect(skip).not.toBeInViewport();
  await visitor.page.keyboard.press('Tab');
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport({ ratio: 1 });
  await visitor.page.keyboard.press('Enter');
  await expect(visitor.main).toBeFocused();
  await visitor.page.keyboard.press('Tab');
  await expect(visitor.main.getByRole('link', { name: 'Add account' })).toBeFocused();
});

test('what has the focus is not hidden behind the header', { tag: '@script' }, async ({ visitor }) => {
  await visitor.page.setViewportSize({ width: 360, height: 480 });
  await visitor.enter(people.admin, '/');
  const fields = new AccountForm(visitor).panel.getByRole('textbox');
  await fields.last().focus();
  // Going back upwards brings fields in from behind the header, which stays on top.
  for (let step = 0; step < 8; step += 1) {
    await visitor.page.keyboard.press('Shift+Tab');
    const hidden = await visitor.page.evaluate(() => {
      const focused = document.activeElement;
      const { left, top, bottom, width } = focused?.getBoundingClientRect() ?? new DOMRect();
      // Hidden is what shows neither its upper edge nor its lower one.
      const inFront = [top + 2, bottom - 2].map((y) => document.elementFromPoint(left + width / 2, y));
      return inFront.includes(focused) ? '' : (focused?.id ?? 'nothing');
    });
    expect(hidden).toBe('');
  }
});
