import { expect, type Locator } from '@playwright/test';
import type { Visitor } from './visitor.ts';

/** The form with customer information, of a new account or of one that is there. */
export class AccountForm {
  readonly #visitor: Visitor;

  constructor(visitor: Visitor) {
    this.#visitor = visitor;
  }

  get panel(): Locator {
    return this.#visitor.page.getByRole('region', { name: this.#visitor.words.customerInformation });
  }

  text(name: string): Locator {
    return this.panel.getByRole('textbox', { name, exact: true });
  }

  choice(name: string): Locator {
    return this.panel.getByRole('combobox', { name, exact: true });
  }

  /** What is wrong, above the fields. */
  get summary(): Locator {
    return this.panel.getByRole('alert');
  }

  /** What the panel says was done. */
  said(text: string | RegExp): Locator {
    return this.panel.getByRole('status').filter({ hasText: text });
  }

  /** The value that can only be read and stands under `name`. */
  shown(name: string): Locator {
    const term = this.panel.getByRole('term').filter({ hasText: name });
    // A value has no name of its own; it shares one group of the list with its term.
    return term.locator('..').getByRole('definition');
  }

  async fill(texts: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(texts)) await this.text(name).fill(text);
  }

  async choose(choices: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, label] of Object.entries(choices)) await this.choice(name).selectOption({ label });
  }

  /** Chooses the country, and waits for the fields that go with it. */
  async chooseCountry(label: string): Promise<void> {
    await this.choice(this.#visitor.words.country).selectOption({ label });
    if (this.#visitor.scripts) return;
    await this.#visitor.follow(() => this.panel.getByRole('button', { name: 'Update fields for this country' }).click());
  }

  /** Presses a button that sends the form; the page stays where it is awake. */
  async send(button: string): Promise<void> {
    const press = () => this.panel.getByRole('button', { name: button, exact: true }).click();
    await (this.#visitor.scripts ? press() : this.#visitor.follow(press));
  }

  async save(): Promise<void> {
    await this.send(this.#visitor.words.save);
  }

  async discard(): Promise<void> {
    await this.send(this.#visitor.words.discard);
  }

  /** The label that a choice shows. */
  async expectChosen(name: string, label: string): Promise<void> {
    await expect(this.choice(name).getByRole('option', { selected: true })).toHaveText(label);
  }

  /** A field is marked as wrong, and says why. */
  async expectWrong(field: Locator, message: string): Promise<void> {
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field).toHaveAccessibleDescription(new RegExp(escaped(message)));
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
