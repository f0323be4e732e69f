import { expect, type Locator } from '@playwright/test';
import type { Visitor } from './visitor.ts';

/** A panel of the account page whose forms are posted one by one. */
export class PagePanel {
  readonly #visitor: Visitor;
  readonly region: Locator;

  constructor(visitor: Visitor, name: string) {
    this.#visitor = visitor;
    this.region = visitor.page.getByRole('region', { name, exact: true });
  }

  switch(name: string): Locator {
    return this.region.getByRole('switch', { name, exact: true });
  }

  /** Does what posts a form; without JavaScript another page comes. */
  async send(action: () => Promise<unknown>): Promise<void> {
    await (this.#visitor.scripts ? action() : this.#visitor.follow(action));
  }

  async press(button: string): Promise<void> {
    await this.send(() => this.region.getByRole('button', { name: button, exact: true }).click());
  }

  async flip(name: string): Promise<void> {
    await this.send(() => this.switch(name).click());
  }

  /** What the panel says was done. */
  async expectSaid(text: string): Promise<void> {
    await expect(this.region.getByRole('status').filter({ hasText: text })).toBeVisible();
  }

  async expectOn(name: string, on: boolean): Promise<void> {
    await expect(this.switch(name)).toHaveAttribute('aria-checked', String(on));
  }
}
