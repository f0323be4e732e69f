import { people, PASSWORD, ROSSI } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

const REFUSED = 'The e-mail address or the password is wrong.';

const starts = [
  { person: people.partner, path: /\/accounts$/, heading: 'Accounts' },
  { person: people.manager, path: /\/accounts$/, heading: 'Accounts' },
  { person: people.admin, path: /\/accounts\/\d{9}$/, heading: ROSSI },
  { person: people.user, path: /\/profile$/, heading: 'Profile' },
];

test('everyone arrives where their work begins, and leaves by signing out', async ({ visitor }) => {
  for (const { person, path, heading } of starts) {
    await visitor.open('/sign-in');
    await visitor.signIn(person.email);
    await expect(visitor.page).toHaveURL(path);
    await expect(visitor.heading).toHaveText(heading);
    await expect(visitor.page.getByRole('button', { name: `Account menu, ${person.name}` })).toBeVisible();
    await visitor.signOut();
    await expect(visitor.page).toHaveURL(/\/sign-in$/);
  }
});

test('a wrong password and an unknown address get the identical answer', async ({ visitor, watch }) => {
  watch.expectStatus(401);
  const answers: string[] = [];
  for (const email of [people.partner.email, 'nobody@example.com']) {
    await visitor.open('/sign-in');
    await visitor.signIn(email, 'not the password');
    await expect(visitor.page.getByRole('alert')).toHaveText(REFUSED);
    await expect(visitor.page.getByRole('textbox', { name: 'E-mail' })).toHaveValue(email);
    await expect(visitor.page.getByLabel('Password', { exact: true })).toHaveValue('');
    answers.push((await visitor.main.ariaSnapshot()).replace(email, 'the address'));
  }
  expect(answers[0]).toBe(answers[1]);
});

test('who was refused signs in on the same page', async ({ visitor, watch }) => {
  watch.expectStatus(401);
  await visitor.open('/sign-in?next=/support');
  await visitor.signIn(people.partner.email, 'not the password');
  await expect(visitor.page.getByRole('alert')).toHaveText(REFUSED);
  await visitor.signIn(people.partner.email);
  await expect(visitor.page).toHaveURL(/\/support$/);
});

test('the address may be typed in capitals and with spaces around it', async ({ visitor }) => {
  await visitor.open('/sign-in');
  await visitor.signIn('  Partner@Example.COM ');
  await expect(visitor.heading).toHaveText('Accounts');
});

test('signing out ends the session for good', async ({ visitor }) => {
  await visitor.open('/sign-in');
  await visitor.signIn(people.partner.email);
  const session = await visitor.session();
  await visitor.signOut();
  expect(await visitor.session()).toBeUndefined();

  await visitor.page.context().addCookies([{ name: 'tenantry_session', value: session ?? '', url: visitor.origin }]);
  await visitor.open('/accounts');
  await expect(visitor.page).toHaveURL(/\/sign-in\?next=/);
});

test('a page that asks for a session leads to sign-in and back', async ({ visitor }) => {
  const wanted = '/accounts?q=rossi+ceramiche&status=active&sort=city&order=desc';
  await visitor.open(wanted);
  await expect(visitor.page).toHaveURL(/\/sign-in\?next=/);
  await expect(visitor.main).toContainText('Your session has ended. Sign in to continue.');
  await visitor.signIn(people.partner.email);
  await expect(visitor.page).toHaveURL(wanted);
});

test('the way back never leaves the site', async ({ visitor }) => {
  await visitor.open(`/sign-in?next=${encodeURIComponent('//elsewhere.example/accounts')}`);
  await visitor.signIn(people.partner.email);
  await expect(visitor.page).toHaveURL('/accounts');

  const nexts = ['https://elsewhere.example/', '//elsewhere.example', '/\\elsewhere.example', '/\t/elsewhere.example'];
  for (const next of [...nexts, 'javascript:alert(1)', 'elsewhere.example', '/\r\nX: y', '']) {
    const form = { _form: '/api/sign_in', email: people.partner.email, password: PASSWORD, next };
    const answer = await visitor.page.request.post('/sign-in', { form, maxRedirects: 0 });
    expect(answer.status(), next).toBe(303);
    const target = new URL(answer.headers()['location'] ?? 'none:', visitor.origin);
    expect(target.href, next).toBe(`${visitor.origin}/accounts`);
  }
});

test('who is signed in has no need of the sign-in page', async ({ visitor }) => {
  await visitor.enter(people.partner, '/sign-in');
  await expect(visitor.page).toHaveURL('/accounts');
});

test.describe('with several memberships', () => {
  const account = /\/accounts\/\d{9}$/;

  async function arrive(visitor: Visitor) {
    await visitor.open('/sign-in');
    await visitor.signIn(people.several.email);
    await expect(visitor.heading).toHaveText('Choose an organisation');
  }

  test('one is chosen first, and nothing else opens before', async ({ visitor }) => {
    await arrive(visitor);
    await visitor.open('/accounts');
    await expect(visitor.heading).toHaveText('Choose an organisation');
    await visitor.follow(() =>
      visitor.page.getByRole('button', { name: 'Open Alpenblick Kommunikation' }).click(),
    );
    await expect(visitor.page).toHaveURL('/accounts');
    await expect(visitor.page.getByRole('banner')).toContainText('Alpenblick Kommunikation · Account manager');
  });

  test('the other is reached from the menu under the name, and the way back', async ({ visitor }) => {
    await arrive(visitor);
    await visitor.follow(() =>
      visitor.page.getByRole('button', { name: 'Open Alpenblick Kommunikation' }).click(),
    );
    await visitor.openMenu();
    const other = visitor.page.getByRole('button', { name: /Account admin$/ });
    await visitor.leave(() => other.click());
    await expect(visitor.page).toHaveURL(account);

    await visitor.openMenu();
    const first = visitor.page.getByRole('button', { name: /^Alpenblick Kommunikation/ });
    await visitor.leave(() => first.click());
    await expect(visitor.page).toHaveURL('/accounts');
  });

  test('a membership of somebody else cannot be chosen', async ({ visitor }) => {
    await arrive(visitor);
    const form = { _form: '/api/choose_membership', membership: '1' };
    const answer = await visitor.page.request.post('/memberships', { form, maxRedirects: 0 });
    expect(answer.status()).toBe(404);
    await visitor.open('/accounts');
    await expect(visitor.heading).toHaveText('Choose an organisation');
  });
});

test.describe('on a server of its own', () => {
  test.use({ ownServer: true });

  test('guessing is stopped for a while, and others still sign in', async ({ visitor, watch }) => {
    watch.expectStatus(401, 429);
    await visitor.open('/sign-in');
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await visitor.signIn(people.partner.email, `guess ${attempt}`);
      await expect(visitor.page.getByRole('alert')).toHaveText(REFUSED);
    }
    await visitor.signIn(people.partner.email);
    await expect(visitor.page.getByRole('alert')).toHaveText(/^Too many attempts\. Try again in \d+ minutes\.$/);
    await visitor.signIn(people.other.email);
    await expect(visitor.heading).toHaveText('Accounts');
  });
});
