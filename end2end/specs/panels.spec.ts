import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addAccount } from '../support/accounts.ts';
import { PagePanel } from '../support/panels.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

/** Opens an account that no other test touches. */
async function openOwn(visitor: Visitor): Promise<string> {
  const path = await addAccount(visitor);
  await visitor.open(path);
  return path;
}

test.describe('switches', () => {
  test('act, are kept and say so', { tag: '@postgres' }, async ({ visitor }) => {
    await openOwn(visitor);
    const integrations = new PagePanel(visitor, 'Integrations');
    await integrations.flip('Mitel Voice Assist');
    await integrations.expectSaid('Mitel Voice Assist: On.');
    await integrations.expectOn('Mitel Voice Assist', true);
    const callServices = new PagePanel(visitor, 'Call services');
    await callServices.flip('Bandwidth optimisation');
    await callServices.expectSaid('Bandwidth optimisation: On.');
    await visitor.reload();
    await integrations.expectOn('Mitel Voice Assist', true);
    await callServices.expectOn('Bandwidth optimisation', true);
  });

  test('ask before what they cause elsewhere, and do that', { tag: '@postgres' }, async ({ visitor, watch }) => {
    watch.expectStatus(409);
    await openOwn(visitor);
    const integrations = new PagePanel(visitor, 'Integrations');
    const privileges = new PagePanel(visitor, 'Privileges');
    // What only turns more on is done at once, and said.
    await integrations.flip('MiCollab');
    await integrations.expectSaid('MiCollab: On. Delegated authentication was turned on.');
    await integrations.flip('MiCollab');
    const question = visitor.page.getByRole('dialog', { name: 'Switch MiCollab off?' });
    await expect(question.getByRole('listitem')).toHaveText([/^Delegated authentication will be turned off/]);
    await integrations.press('Cancel');
    await expect(question).toHaveCount(0);
    await integrations.expectOn('MiCollab', true);
    await privileges.expectOn('Delegated authentication', true);
    await expect(privileges.region).toContainText('On: required by MiCollab.');

    // Another that wants it too changes nothing elsewhere, so it does not ask.
    await integrations.flip('Mitel One');
    await integrations.expectSaid('Mitel One: On.');
    await privileges.flip('Delegated authentication');
    await expect(visitor.page.getByRole('dialog')).toContainText('MiCollab, Mitel One will no longer have it.');
    await privileges.press('Confirm');
    await privileges.expectSaid('Delegated authentication: Off.');
    await expect(integrations.region).toContainText('MiCollab requires Delegated authentication, which is off.');
  });

  test('by two people at once do what both wanted', async ({ visitor, newcomer }) => {
    const path = await openOwn(visitor);
    const other = await newcomer();
    await other.enter(people.partner, path);
    await other.lookAway();
    const [mine, theirs] = [new PagePanel(visitor, 'Integrations'), new PagePanel(other, 'Integrations')];
    await mine.flip('Mitel Voice Assist');
    await mine.expectSaid('Mitel Voice Assist: On.');
    // Their page still shows it off; they want it on as well.
    await theirs.flip('Mitel Voice Assist');
    await theirs.expectSaid('Mitel Voice Assist: On.');
    await theirs.expectOn('Mitel Voice Assist', true);
  });

  test('move at once and come back with the reason', { tag: '@script' }, async ({ visitor, watch }) => {
    watch.expectOffline();
    await openOwn(visitor);
    const integrations = new PagePanel(visitor, 'Integrations');
    await visitor.page.context().setOffline(true);
    await integrations.flip('Mitel Voice Assist');
    await expect(integrations.region.getByRole('alert')).toContainText("Can't reach the server");
    await integrations.expectOn('Mitel Voice Assist', false);
    await visitor.page.context().setOffline(false);
    await integrations.flip('Mitel Voice Assist');
    await integrations.expectSaid('Mitel Voice Assist: On.');
  });

  test('keep the focus, and give it back after a question', { tag: '@script' }, async ({ visitor, watch }) => {
    watch.expectStatus(409);
    await openOwn(visitor);
    const integrations = new PagePanel(visitor, 'Integrations');
    await integrations.switch('Mitel Voice Assist').focus();
    await visitor.page.keyboard.press('Space');
    await integrations.expectSaid('Mitel Voice Assist: On.');
    await expect(integrations.switch('Mitel Voice Assist')).toBeFocused();
    await integrations.switch('MiCC').focus();
    await visitor.page.keyboard.press('Enter');
    await integrations.expectSaid('MiCC: On.');
    await visitor.page.keyboard.press('Enter');
    await expect(visitor.page.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await visitor.page.keyboard.press('Escape');
    await expect(visitor.page.getByRole('dialog')).toHaveCount(0);
    await expect(integrations.switch('MiCC')).toBeFocused();
    await integrations.expectOn('MiCC', true);
  });

  test('leave alone what is being typed elsewhere on the page', { tag: '@script' }, async ({ visitor }) => {
    await openOwn(visitor);
    const contact = visitor.page.getByLabel('Name or e-mail address');
    await contact.fill('half an addr');
    await visitor.page.getByRole('button', { name: 'Report a problem' }).click();
    await expect(visitor.page.getByLabel('Subject')).toBeFocused();
    await visitor.page.getByLabel('Subject').fill('Half a subject');
    const integrations = new PagePanel(visitor, 'Integrations');
    await integrations.flip('Mitel Voice Assist');
    await integrations.expectSaid('Mitel Voice Assist: On.');
    await expect(contact).toHaveValue('half an addr');
    await expect(visitor.page.getByLabel('Subject')).toHaveValue('Half a subject');

    // A second form is opened, and both hold what is typed in them, whatever is switched.
    await integrations.flip('Microsoft Teams');
    await integrations.expectSaid('Microsoft Teams: Needs set-up.');
    await integrations.press('Set up');
    const tenant = visitor.page.getByLabel('Directory (tenant) ID');
    await tenant.fill('half an id');
    await integrations.flip('Mitel Voice Assist');
    await integrations.expectSaid('Mitel Voice Assist: Off.');
    await expect(tenant).toHaveValue('half an id');
    await expect(visitor.page.getByLabel('Subject')).toHaveValue('Half a subject');
    await expect(visitor.page).toHaveURL(/\?open=microsoft-teams$/);
  });
});

test.describe('set-ups', () => {
  test('of the gateway end when it presents its code', async ({ visitor, site }) => {
    await openOwn(visitor);
    const integrations = new PagePanel(visitor, 'Integrations');
    await integrations.flip('CloudLink Gateway');
    await integrations.expectSaid('CloudLink Gateway: Needs set-up.');
    const code = await integrations.region.getByRole('code').innerText();
    expect(code).toMatch(/^(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
    const answer = await fetch(`${site.address}/api/v1/gateway/onboarding`, {
      method: 'POST',
      body: JSON.stringify({ code, pbx_type: 'MX-ONE', serial: 'SN 1' }),
    });
    expect(answer.status).toBe(200);
    await visitor.reload();
    await expect(integrations.switch('CloudLink Gateway')).toHaveAccessibleDescription(/^On/);
    await expect(visitor.page.getByRole('region', { name: 'Customer information' })).toContainText('MX-ONE');
    await integrations.flip('CloudLink Gateway');
    await integrations.expectSaid('CloudLink Gateway: Paused.');
  });

  test('that discard something ask first', async ({ visitor, watch }) => {
    watch.expectStatus(409);
    const path = await openOwn(visitor);
    const integrations = new PagePanel(visitor, 'Integrations');
    await integrations.flip('CloudLink Gateway');
    await integrations.expectSaid('CloudLink Gateway: Needs set-up.');
    const code = await integrations.region.getByRole('code').innerText();
    await fetch(new URL('/api/v1/gateway/onboarding', visitor.origin), {
      method: 'POST',
      body: JSON.stringify({ code, pbx_type: 'MX-ONE', serial: 'SN 2' }),
    });
    await visitor.open(path);
    await integrations.press('Remove CloudLink Gateway');
    await expect(visitor.page.getByRole('dialog')).toContainText('It can be restored for 30 days.');
    await integrations.press('Remove');
    await integrations.expectSaid('CloudLink Gateway: Off.');
  });

  test('that do not exist yet say so', async ({ visitor }) => {
    await openOwn(visitor);
    const integrations = new PagePanel(visitor, 'Integrations');
    await integrations.flip('Single Sign-On');
    await integrations.expectSaid('Single Sign-On: Needs set-up.');
    await expect(integrations.region).toContainText("The set-up isn't available in this version.");
  });

  test('of Teams say what is wrong and keep what was typed', async ({ visitor, watch }) => {
    watch.expectStatus(422);
    await openOwn(visitor);
    const integrations = new PagePanel(visitor, 'Integrations');
    await integrations.flip('Microsoft Teams');
    await integrations.expectSaid('Microsoft Teams: Needs set-up.');
    await integrations.press('Set up');
    await integrations.region.getByLabel('Name of the registration').fill('Tenantry');
    await integrations.region.getByLabel('Directory (tenant) ID').fill('contoso');
    await integrations.press('Save');
    await expect(integrations.region.getByLabel('Directory (tenant) ID')).toHaveAccessibleDescription(/Enter the directory \(tenant\) ID/);
    await expect(integrations.region.getByLabel('Client secret')).toHaveAccessibleDescription(/Enter a value/);
    await expect(integrations.region.getByLabel('Name of the registration')).toHaveValue('Tenantry');
  });
});

test.describe('support contacts', () => {
  test('are added, tested and removed, but for the last', { tag: '@postgres' }, async ({ visitor, watch }) => {
    watch.expectStatus(422);
    await openOwn(visitor);
    const panel = new PagePanel(visitor, 'Support contacts');
    const field = visitor.page.getByLabel('Name or e-mail address');
    const add = async (text: string) => {
      await field.fill(text);
      await panel.press('Add contact');
    };
    await expect(panel.region.getByRole('button', { name: 'Remove' })).toBeDisabled();
    await add('help@example.org');
    await panel.expectSaid('help@example.org was added.');
    await expect(field).toHaveValue('');
    await add('HELP@example.org');
    await expect(field).toHaveAccessibleDescription(/This address is already a contact/);
    await add('nobody of that name');
    await expect(field).toHaveAccessibleDescription(/Nobody at the partner has this name/);
    await add('lucia');
    await panel.expectSaid('manager@example.com was added.');
    await panel.press('Send a test message to help@example.org');
    await panel.expectSaid('A test message to help@example.org is on its way.');
    await panel.press('Remove partner@example.com');
    await panel.expectSaid('partner@example.com was removed.');
    await panel.press('Remove manager@example.com');
    await panel.expectSaid('manager@example.com was removed.');
    await expect(panel.region.getByRole('button', { name: 'Remove' })).toBeDisabled();
  });

  test('are offered while a name is typed', { tag: '@script' }, async ({ visitor }) => {
    await openOwn(visitor);
    const field = visitor.page.getByRole('combobox', { name: 'Name or e-mail address' });
    await field.pressSequentially('luc');
    await expect(visitor.page.getByRole('option', { name: 'Lucia Neri' })).toBeVisible();
    await field.press('ArrowDown');
    await field.press('Enter');
    await expect(field).toHaveValue('manager@example.com');
    await field.press('Enter');
    await new PagePanel(visitor, 'Support contacts').expectSaid('manager@example.com was added.');
  });

  test('that several have the name of are chosen among them', { tag: '@plain' }, async ({ visitor, watch }) => {
    watch.expectStatus(422);
    await openOwn(visitor);
    const panel = new PagePanel(visitor, 'Support contacts');
    await visitor.page.getByLabel('Name or e-mail address').fill('example');
    await panel.press('Add contact');
    await panel.press('Lucia Neri (manager@example.com)');
    await panel.expectSaid('manager@example.com was added.');
  });

  test('get a mail of each report', async ({ visitor, site, watch }) => {
    watch.expectStatus(422);
    const path = await openOwn(visitor);
    const panel = new PagePanel(visitor, 'Problem reports');
    await expect(panel.region).toContainText('No problems reported.');
    await panel.press('Report a problem');
    await panel.region.getByLabel('Subject').fill('No dial tone');
    await panel.press('Send report');
    await expect(panel.region.getByLabel('Description')).toHaveAccessibleDescription(/Enter a value/);
    await expect(panel.region.getByLabel('Subject')).toHaveValue('No dial tone');
    await panel.region.getByLabel('Description').fill('Since noon,\non every phone.');
    await panel.press('Send report');
    await panel.expectSaid('The report is saved and goes to every support contact. The list shows which mails were sent.');
    await expect(async () => {
      await visitor.open(path);
      await expect(panel.region).toContainText('partner@example.com delivered');
    }).toPass();
    const folder = join(site.folder, 'demo', 'mail');
    const mails = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
    expect(mails.filter((mail) => mail.includes('No dial tone') && mail.includes('To: partner@example.com'))).toHaveLength(1);
  });
});

test('the partner’s own account takes no integrations, and says why', async ({ visitor }) => {
  await visitor.enter(people.partner, '/accounts?q=northwind+telecom');
  await visitor.follow(() => visitor.main.getByRole('link', { name: 'Northwind Telecom' }).click());
  const integrations = new PagePanel(visitor, 'Integrations');
  await expect(integrations.region).toContainText('This is the partner\'s own account. It takes no integrations.');
  await expect(integrations.switch('MiCollab')).toBeDisabled();
  const lifecycle = visitor.page.getByRole('region', { name: 'Deactivate and delete' });
  await expect(lifecycle).toContainText('It can\'t be deactivated or deleted.');
  await expect(lifecycle.getByRole('button')).toHaveCount(0);
  await expect(new PagePanel(visitor, 'Privileges').switch('Allow guest access')).toBeEnabled();
});
