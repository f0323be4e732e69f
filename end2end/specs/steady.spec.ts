import { AccountForm } from '../support/account-form.ts';
import { addAccount } from '../support/accounts.ts';
import { PagePanel } from '../support/panels.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Locator } from '@playwright/test';
import type { Visitor } from '../support/visitor.ts';

/** Presses `button` with the pointer; gives what is under the pointer then, by name. */
async function press(visitor: Visitor, panel: PagePanel, button: Locator): Promise<() => Promise<string | null>> {
  await button.scrollIntoViewIfNeeded();
  const box = await button.boundingBox();
  if (!box) throw new Error('the button is not shown');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await panel.send(() => visitor.page.mouse.click(x, y));
  return async () =>
    await visitor.page.evaluate(([x, y]) => {
      const control = document.elementFromPoint(x!, y!)?.closest('button, a, label, input') ?? null;
      return control && (control.getAttribute('aria-label') ?? control.id);
    }, [x, y]);
}

test.describe('what is under the pointer stays there', { tag: '@script' }, () => {
  test('when a switch is pressed', async ({ visitor, watch }) => {
    watch.expectStatus(409);
    await visitor.open(await addAccount(visitor));
    const integrations = new PagePanel(visitor, 'Integrations');
    for (const name of ['MiCC', 'Mitel Voice Assist', 'CloudLink Gateway', 'Microsoft Teams']) {
      const control = integrations.switch(name);
      const pointed = await press(visitor, integrations, control);
      await integrations.expectSaid(`${name}: `);
      expect(await pointed()).toBe(await control.getAttribute('id'));
    }
    // What is switched off is missing above.
    const privileges = new PagePanel(visitor, 'Privileges');
    const control = privileges.switch('Allow guest access');
    await privileges.flip('Allow guest access');
    await privileges.press('Confirm');
    await privileges.expectSaid('Allow guest access: Off.');
    await expect(integrations.region).toContainText('requires Allow guest access, which is off');
    const pointed = await press(visitor, privileges, control);
    await privileges.expectSaid('Allow guest access: On.');
    expect(await pointed()).toBe(await control.getAttribute('id'));
  });

  test('when contacts are removed and added', async ({ visitor }) => {
    await visitor.open(await addAccount(visitor));
    const panel = new PagePanel(visitor, 'Support contacts');
    const add = panel.region.getByRole('button', { name: 'Add contact' });
    for (const email of ['one@b.example', 'two@b.example', 'three@b.example', 'four@b.example']) {
      await visitor.page.getByLabel('Name or e-mail address').fill(email);
      const pointed = await press(visitor, panel, add);
      await panel.expectSaid(`${email} was added.`);
      expect(await pointed()).toBe(await add.evaluate((button) => button.getAttribute('aria-label') ?? button.id));
    }
    for (const email of ['one@b.example', 'two@b.example']) {
      const pointed = await press(visitor, panel, panel.region.getByRole('button', { name: `Remove ${email}` }));
      await panel.expectSaid(`${email} was removed.`);
      expect(await pointed()).toBeNull();
    }
    const pointed = await press(visitor, panel, panel.region.getByRole('button', { name: 'Remove four@b.example' }));
    await panel.expectSaid('four@b.example was removed.');
    expect(await pointed()).toBeNull();
    await panel.press('Undo');
    await panel.expectSaid('Undone.');
    await expect(panel.region.getByRole('button', { name: 'Remove four@b.example' })).toBeVisible();
  });
});

test('a switch that is on is told from one that is off without colours', async ({ visitor }) => {
  await visitor.page.emulateMedia({ forcedColors: 'active' });
  await visitor.open(await addAccount(visitor));
  const panel = new PagePanel(visitor, 'Call services');
  const control = panel.switch('Bandwidth optimisation');
  const mark = () => control.evaluate((button) => getComputedStyle(button, '::after').content);
  const ground = () => control.evaluate((button) => getComputedStyle(button).backgroundColor);
  await panel.flip('Bandwidth optimisation');
  await panel.expectOn('Bandwidth optimisation', true);
  const on = [await mark(), await ground()];
  await panel.flip('Bandwidth optimisation');
  await panel.expectOn('Bandwidth optimisation', false);
  const off = [await mark(), await ground()];
  expect(on[0]).not.toBe(off[0]);
  expect(on[1]).not.toBe(off[1]);
});

test('what was typed and left is not put back over what others saved meanwhile', async ({ visitor, newcomer }) => {
  const path = await addAccount(visitor);
  await visitor.open(path);
  const form = new AccountForm(visitor);
  await form.fill({ City: 'Modena Est' });
  visitor.page.on('dialog', (dialog) => void dialog.accept());
  await visitor.page.goto('/profile');
  const other = await newcomer();
  await other.enter(people.partner, path);
  const theirs = new AccountForm(other);
  await theirs.fill({ City: 'Carpi' });
  await theirs.save();
  await expect(theirs.said(/^Saved/)).toBeVisible();
  await visitor.page.goBack();
  await visitor.awake();
  await expect(form.text('City')).toHaveValue('Carpi');
});

test('an integration is not removed by pressing Enter again, and is restored', async ({ visitor, watch }) => {
  watch.expectStatus(409);
  const path = await addAccount(visitor);
  await visitor.open(path);
  const integrations = new PagePanel(visitor, 'Integrations');
  await integrations.flip('CloudLink Gateway');
  await integrations.expectSaid('CloudLink Gateway: Needs set-up.');
  const code = await integrations.region.getByRole('code').innerText();
  const body = JSON.stringify({ code, pbx_type: 'MX-ONE', serial: 'SN 7' });
  await fetch(new URL('/api/v1/gateway/onboarding', visitor.origin), { method: 'POST', body });
  await visitor.open(path);
  const dialog = visitor.page.getByRole('dialog');
  await integrations.send(() => integrations.region.getByRole('button', { name: 'Remove CloudLink Gateway' }).press('Enter'));
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await integrations.send(() => visitor.page.keyboard.press('Enter'));
  await expect(dialog).toHaveCount(0);
  await expect(integrations.switch('CloudLink Gateway')).toHaveAccessibleDescription(/^On/);
  await integrations.press('Remove CloudLink Gateway');
  await integrations.send(() => dialog.getByRole('button', { name: 'Remove', exact: true }).click());
  await integrations.expectSaid('CloudLink Gateway: Off. Its configuration can be restored for 30 days.');
  await visitor.open(path);
  await integrations.press('Restore configuration of CloudLink Gateway');
  await expect(integrations.switch('CloudLink Gateway')).toHaveAccessibleDescription(/^On/);
});
