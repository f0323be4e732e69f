import type { APIResponse } from '@playwright/test';
import { addAccount } from '../support/accounts.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

/** What a bad request is answered with: never a failure of the server, and something to read. */
async function expectClear(answer: APIResponse, what: string, ...statuses: number[]): Promise<void> {
  expect(statuses, `${what} was answered with ${answer.status()}`).toContain(answer.status());
  expect((await answer.text()).trim(), what).not.toBe('');
}

/** A form that saves an account as it is, but for `changes`. */
function saving(path: string, changes: Record<string, string>): Record<string, string> {
  return {
    _form: '/api/save_customer_information',
    number: path.split('/').at(-1) ?? '',
    version: '1',
    name: 'Untouched',
    country: 'IT',
    subdivision: 'IT-MO',
    address1: 'Via Emilia Est 1',
    city: 'Modena',
    postal_code: '41121',
    language: 'it',
    business_type: 'retail',
    ...changes,
  };
}

async function expectUntouched(visitor: Visitor, path: string): Promise<void> {
  await visitor.open(path);
  await expect(visitor.heading).toHaveText('Untouched');
  await expect(visitor.page.getByRole('textbox', { name: 'City' })).toHaveValue('Modena');
}

// Requests are made beside the page, so that one run of them is enough.
test.describe('bad requests', { tag: '@plain' }, () => {
  test('a form that does not exist, or is none, is refused', async ({ visitor }) => {
    await visitor.begin(people.partner);
    const { request } = visitor.page;
    const bodies = ['', '_form=', '_form=/api/no_such_thing', 'name=x', '_form=/api/rename&name[a][b][c][d][e][f]=1', '%ff%fe=&&&=%'];
    for (const data of bodies) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      await expectClear(await request.post('/profile', { headers, data }), `«${data}»`, 400);
    }
    await expectClear(await request.post('/profile', { data: { _form: '/api/rename' } }), 'JSON', 400, 415);
    const multipart = { _form: '/api/rename', name: 'x' };
    await expectClear(await request.post('/profile', { multipart }), 'multipart', 400, 415);
    const binary = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, data: Buffer.from([0xff, 0, 0xfe]) };
    await expectClear(await request.post('/profile', binary), 'bytes', 400);
    expect((await request.put('/profile', { data: '' })).status()).toBe(405);
    expect((await request.delete('/accounts')).status()).toBe(405);
  });

  test('a forged version changes nothing', async ({ visitor }) => {
    const path = await addAccount(visitor, { name: 'Untouched' });
    for (const version of ['999', '0', '-1', '9223372036854775807', '99999999999999999999', 'one', '']) {
      for (const to of [path, '/api/save_customer_information']) {
        const form = saving(path, { version, city: 'Carpi' });
        const answer = await visitor.page.request.post(to, { form, maxRedirects: 0 });
        await expectClear(answer, `version «${version}» to ${to}`, 400, 422);
      }
    }
    await expectUntouched(visitor, path);
  });

  test('a forged choice changes nothing', async ({ visitor }) => {
    const path = await addAccount(visitor, { name: 'Untouched' });
    for (const changes of [{ 'choice[city]': 'nonsense' }, { 'choice[no_such_field]': 'mine' }]) {
      const answer = await visitor.page.request.post(path, { form: saving(path, changes), maxRedirects: 0 });
      await expectClear(answer, JSON.stringify(changes), 400, 422);
    }
    await expectUntouched(visitor, path);
  });

  test('values that no field takes are refused', async ({ visitor }) => {
    const path = await addAccount(visitor, { name: 'Untouched' });
    const wrong: Record<string, string>[] = [
      { country: 'XX' },
      { country: 'IT\u0000' },
      { country: '' },
      { subdivision: 'US-OR' },
      { language: 'tlh' },
      { business_type: 'piracy' },
      { postal_code: 'x'.repeat(5000) },
      { name: '' },
      { name: 'x'.repeat(200_000) },
      { city: 'Ro\u0000ma' },
      { city: 'Ro\u202Ema' },
    ];
    for (const changes of wrong) {
      for (const to of [path, '/api/save_customer_information']) {
        const answer = await visitor.page.request.post(to, { form: saving(path, changes), maxRedirects: 0 });
        await expectClear(answer, JSON.stringify(changes).slice(0, 60), 422);
      }
    }
    await expectUntouched(visitor, path);
  });

  test('numbers of accounts that are none are not found', async ({ visitor }) => {
    const path = await addAccount(visitor, { name: 'Untouched' });
    for (const number of ['123456789', '100000008', '0', '-1', 'x', '']) {
      const answer = await visitor.page.request.post(path, { form: saving(path, { number }), maxRedirects: 0 });
      await expectClear(answer, `number «${number}»`, 400, 404);
    }
    for (const odd of ['/accounts/%00', '/accounts/%ff', '/accounts/%F0%9F%92%A5', `/accounts/${'9'.repeat(5000)}`, '/%2e%2e/etc']) {
      await expectClear(await visitor.page.request.get(odd), odd.slice(0, 30), 400, 404);
    }
  });

  test('addresses with nonsense in them show the page', async ({ visitor }) => {
    await visitor.begin(people.partner);
    const queries = ['?q=%ff%fe', `?q=${'x'.repeat(5000)}`, '?after=x&before=y', '?q=a&q=b', '?after=100000008.%00', '?%00=1', '?sort='];
    for (const query of queries) {
      await expectClear(await visitor.page.request.get(`/accounts${query}`), query.slice(0, 40), 200);
    }
    await expectClear(await visitor.page.request.get('/sign-in?next=%ff&next=/'), 'next', 200);
  });

  test('a broken session is none', async ({ visitor }) => {
    for (const session of ['x', '0'.repeat(64), 'g'.repeat(64), 'é'.repeat(32), '"', 'a'.repeat(4000)]) {
      const headers = { cookie: `tenantry_session=${encodeURIComponent(session)}; tenantry_locale=%00` };
      const answer = await visitor.page.request.get('/accounts', { headers, maxRedirects: 0 });
      expect([302, 303], session.slice(0, 20)).toContain(answer.status());
      expect(answer.headers()['location']).toBe('/sign-in?next=%2Faccounts');
    }
  });

  test('what another site sends is refused', async ({ visitor }) => {
    await visitor.begin(people.partner);
    const form = { _form: '/api/rename', name: 'Taken over' };
    for (const headers of [{ origin: 'https://elsewhere.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
      for (const path of ['/profile', '/api/rename']) {
        await expectClear(await visitor.page.request.post(path, { form, headers }), JSON.stringify(headers), 403);
      }
    }
    await visitor.open('/profile');
    await expect(visitor.page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue(people.partner.name);
  });

  test('a server function answers only what it is meant for', async ({ visitor }) => {
    await visitor.begin(people.partner);
    const { request } = visitor.page;
    expect((await request.get('/api/rename?name=x')).status()).toBe(405);
    await expectClear(await request.post('/api/no_such_thing', { form: {} }), 'unknown', 404, 405);
    await expectClear(await request.post('/api/format_of_country', { form: { country: 'XX' } }), 'country', 404, 422);
    await expectClear(await request.post('/api/format_of_country', { data: '{', headers: { 'content-type': 'application/json' } }), 'JSON', 400, 415, 422);
    await visitor.page.context().clearCookies();
    for (const name of ['find_accounts', 'format_of_country', 'rename', 'add_account', 'change_password']) {
      await expectClear(await request.post(`/api/${name}`, { form: { country: 'IT', name: 'x', language: 'it' } }), name, 401);
    }
  });
});

test('a form of ten megabytes is refused, and the server goes on', { tag: '@plain' }, async ({ visitor, watch }) => {
  watch.expectStatus(413);
  await visitor.enter(people.partner, '/profile');
  const name = visitor.page.getByRole('textbox', { name: 'Name', exact: true });
  // Typing it would take minutes, and showing it seconds.
  await name.evaluate((field: HTMLInputElement) => {
    field.type = 'hidden';
    field.value = 'x'.repeat(10_000_000);
  });
  const answered = visitor.page.waitForResponse((response) => response.request().method() === 'POST');
  await visitor.page.getByRole('button', { name: 'Save' }).click();
  expect((await answered).status()).toBe(413);
  await expect(visitor.page.locator('body')).not.toBeEmpty();
  await visitor.open('/profile');
  await expect(name).toHaveValue(people.partner.name);
});

test('names are text, whatever is in them', async ({ visitor }) => {
  const name = '</title><h1>&lt;</h1><script>alert(2)</script>"\'{{7*7}}<img src=x onerror=alert(1)>';
  const path = await addAccount(visitor, { name, city: "'; DROP TABLE account; --" });
  await visitor.open(path);
  await expect(visitor.heading).toHaveText(name);
  await expect(visitor.page.getByRole('textbox', { name: 'Customer name' })).toHaveValue(name);
  await expect(visitor.page).toHaveTitle(`${name} · Tenantry`);
  await visitor.open('/accounts?q=onerror');
  await expect(visitor.main.getByRole('link', { name })).toBeVisible();
});
