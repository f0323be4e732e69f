import { AccountForm } from '../support/account-form.ts';
import { people } from '../support/people.ts';
import { expect, test } from '../support/test.ts';
import type { Visitor } from '../support/visitor.ts';

// Both edit the account of the demo's account admin, on which other tests rely.
test.use({ ownServer: true });

interface Editor {
  readonly visitor: Visitor;
  readonly form: AccountForm;
}

/** Marta and Paolo have the same account open. */
async function meet(visitor: Visitor, newcomer: () => Promise<Visitor>): Promise<{ marta: Editor; paolo: Editor }> {
  await visitor.enter(people.admin, '/');
  const other = await newcomer();
  await other.enter(people.partner, new URL(visitor.page.url()).pathname);
  return {
    paolo: { visitor, form: new AccountForm(visitor) },
    marta: { visitor: other, form: new AccountForm(other) },
  };
}

async function save({ form }: Editor): Promise<void> {
  await form.save();
  await expect(form.said(/^Saved/)).toBeVisible();
}

/** The choice that is offered for a field. */
function choice(form: AccountForm, field: string) {
  const group = form.panel.getByRole('group', { name: field, exact: true });
  return {
    stored: (value: string) => group.getByRole('radio', { name: `Stored value: ${value}`, exact: true }),
    mine: (value: string) => group.getByRole('radio', { name: `Your value: ${value}`, exact: true }),
  };
}

test('different fields come together', async ({ visitor, newcomer }) => {
  const { marta, paolo } = await meet(visitor, newcomer);
  await marta.form.fill({ City: 'Carpi' });
  await paolo.form.fill({ Address: 'Via Nuova 7' });
  await paolo.form.choose({ 'Default language': 'German' });
  await save(marta);
  await save(paolo);

  for (const { visitor, form } of [paolo, marta]) {
    await visitor.reload();
    await expect(form.text('City')).toHaveValue('Carpi');
    await expect(form.text('Address')).toHaveValue('Via Nuova 7');
    await form.expectChosen('Default language', 'German');
  }
});

test('who saves last is told of what came from others', { tag: '@script' }, async ({ visitor, newcomer }) => {
  const { marta, paolo } = await meet(visitor, newcomer);
  // A page that nobody looks at does not follow what others do.
  await paolo.visitor.lookAway();
  await marta.form.fill({ City: 'Carpi' });
  await paolo.form.fill({ Address: 'Via Nuova 7' });
  await save(marta);
  await paolo.form.save();
  await expect(paolo.form.said('Saved, together with changes that others made meanwhile.')).toBeVisible();
  await expect(paolo.form.text('City')).toHaveValue('Carpi');
});

test('the same change twice is no conflict', async ({ visitor, newcomer }) => {
  const { marta, paolo } = await meet(visitor, newcomer);
  for (const editor of [marta, paolo]) await editor.form.fill({ City: 'Carpi' });
  await save(marta);
  await paolo.form.save();
  await expect(paolo.form.said(/^(Saved|No changes to save)/)).toBeVisible();
});

for (const kept of ['stored', 'mine'] as const) {
  const value = kept === 'stored' ? 'Carpi' : 'Vignola';

  test(`of two values for one field, ${kept === 'mine' ? "one's own" : 'the stored one'} can be kept`, async ({
    visitor,
    newcomer,
    watch,
  }) => {
    watch.expectStatus(409);
    const { marta, paolo } = await meet(visitor, newcomer);
    await marta.form.fill({ City: 'Carpi', 'Address (line 2)': '' });
    await paolo.form.fill({ City: 'Vignola', 'Customer name': 'Rossi & Figli' });
    await save(marta);
    await paolo.form.save();

    await expect(paolo.form.summary).toContainText('Someone else changed this field while you were editing');
    await expect(paolo.form.summary).toContainText(`Changed by ${people.partner.name}.`);
    const city = choice(paolo.form, 'City');
    await expect(city.mine('Vignola')).toBeChecked();
    await expect(city.stored('Carpi')).not.toBeChecked();
    // Nothing that was typed is lost meanwhile.
    await expect(paolo.form.text('City')).toHaveValue('Vignola');
    await expect(paolo.form.text('Customer name')).toHaveValue('Rossi & Figli');
    await (kept === 'mine' ? city.mine('Vignola') : city.stored('Carpi')).check();
    await save(paolo);
    await expect(paolo.form.summary).toHaveCount(0);

    for (const { visitor, form } of [paolo, marta]) {
      await visitor.reload();
      await expect(form.text('City')).toHaveValue(value);
      await expect(form.text('Customer name')).toHaveValue('Rossi & Figli');
      await expect(form.text('Address (line 2)')).toHaveValue('');
    }
  });
}

test('a conflict gets the focus', { tag: '@script' }, async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(409);
  const { marta, paolo } = await meet(visitor, newcomer);
  await marta.form.fill({ City: 'Carpi' });
  await paolo.form.fill({ City: 'Vignola' });
  await save(marta);
  await paolo.form.save();
  await expect(paolo.form.summary).toBeFocused();
});

test('choices are offered in the words of the page', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(409);
  const { marta, paolo } = await meet(visitor, newcomer);
  await marta.form.choose({ 'Default language': 'French', 'Business type': 'Not specified', Province: 'Milano' });
  await paolo.form.choose({ 'Default language': 'German', 'Business type': 'Retail', Province: 'Bologna' });
  await save(marta);
  await paolo.form.save();
  await expect(choice(paolo.form, 'Default language').stored('French')).toBeVisible();
  await expect(choice(paolo.form, 'Default language').mine('German')).toBeVisible();
  await expect(choice(paolo.form, 'Business type').stored('(empty)')).toBeVisible();
  await expect(choice(paolo.form, 'Business type').mine('Retail')).toBeVisible();
  await expect(choice(paolo.form, 'Province').stored('Milano')).toBeVisible();
  await expect(choice(paolo.form, 'Province').mine('Bologna')).toBeVisible();
});

test('each of several fields has a choice of its own', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(409);
  const { marta, paolo } = await meet(visitor, newcomer);
  await marta.form.fill({ City: 'Carpi', Address: 'Via Prima 1' });
  await paolo.form.fill({ City: 'Vignola', Address: 'Via Seconda 2' });
  await save(marta);
  await paolo.form.save();
  await expect(paolo.form.summary).toContainText('Someone else changed these fields while you were editing');
  await choice(paolo.form, 'City').stored('Carpi').check();
  await choice(paolo.form, 'Address').mine('Via Seconda 2').check();
  await save(paolo);
  await expect(paolo.form.text('City')).toHaveValue('Carpi');
  await expect(paolo.form.text('Address')).toHaveValue('Via Seconda 2');
});

test('what is typed after the question wins over what was typed before', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(409);
  const { marta, paolo } = await meet(visitor, newcomer);
  await marta.form.fill({ City: 'Carpi' });
  await paolo.form.fill({ City: 'Vignola' });
  await save(marta);
  await paolo.form.save();
  await expect(paolo.form.summary).toBeVisible();
  await paolo.form.fill({ City: 'Maranello' });
  await save(paolo);
  await paolo.visitor.reload();
  await expect(paolo.form.text('City')).toHaveValue('Maranello');
});

test('a third change between question and answer asks again', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(409);
  const { marta, paolo } = await meet(visitor, newcomer);
  await marta.form.fill({ City: 'Carpi' });
  await paolo.form.fill({ City: 'Vignola' });
  await save(marta);
  await paolo.form.save();
  await expect(choice(paolo.form, 'City').stored('Carpi')).toBeVisible();
  await marta.form.fill({ City: 'Sassuolo' });
  await save(marta);
  await choice(paolo.form, 'City').mine('Vignola').check();
  await paolo.form.save();
  await expect(choice(paolo.form, 'City').stored('Sassuolo')).toBeVisible();
  await save(paolo);
  await paolo.visitor.reload();
  await expect(paolo.form.text('City')).toHaveValue('Vignola');
});

test('a country that others chose is not given the postal code of another', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(409);
  const { marta, paolo } = await meet(visitor, newcomer);
  await marta.form.choose({ Country: 'France' });
  if (visitor.scripts) await expect(marta.form.text('Province / State')).toBeVisible();
  await marta.form.fill({ 'Postal / ZIP code': '69002' });
  await paolo.form.fill({ 'Postal / ZIP code': '41122' });
  await save(marta);
  await paolo.form.save();
  await choice(paolo.form, 'Postal / ZIP code').stored('69002').check();
  await save(paolo);
  await paolo.visitor.reload();
  await paolo.form.expectChosen('Country', 'France');
  await expect(paolo.form.text('Postal / ZIP code')).toHaveValue('69002');
});

test('discarding ends the question with what is stored', async ({ visitor, newcomer, watch }) => {
  watch.expectStatus(409);
  const { marta, paolo } = await meet(visitor, newcomer);
  await marta.form.fill({ City: 'Carpi' });
  await paolo.form.fill({ City: 'Vignola' });
  await save(marta);
  await paolo.form.save();
  await expect(paolo.form.summary).toBeVisible();
  await paolo.form.discard();
  await expect(paolo.form.summary).toHaveCount(0);
  await expect(paolo.form.text('City')).toHaveValue('Carpi');
});
