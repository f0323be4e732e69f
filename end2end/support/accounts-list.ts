import { expect, type Locator } from '@playwright/test';
import type { Visitor } from './visitor.ts';

/** The columns after the customer's name, by their place among the cells of a row. */
const CELLS = { accountId: 0, city: 1, country: 2, status: 3 } as const;

export type Column = 'name' | keyof typeof CELLS;

/** The list of accounts, as somebody sees it. */
export class AccountsList {
  readonly #visitor: Visitor;

  constructor(visitor: Visitor) {
    this.#visitor = visitor;
  }

  get searchField(): Locator {
    const { main, words } = this.#visitor;
    return main.getByRole('searchbox', { name: words.searchAccounts });
  }

  get statusFilter(): Locator {
    const { main, words } = this.#visitor;
    return main.getByRole('combobox', { name: words.status });
  }

  get rows(): Locator {
    const rowHeader = this.#visitor.page.getByRole('rowheader');
    return this.#visitor.main.getByRole('table').getByRole('row').filter({ has: rowHeader });
  }

  /** How many accounts there are, in words. */
  get count(): Locator {
    return this.#visitor.main.getByRole('paragraph').filter({ hasText: /^(More than )?[\d,.]+ accounts?$/ });
  }

  get pager(): Locator {
    return this.#visitor.main.getByRole('navigation', { name: 'Pages' });
  }

  /** The texts of a column, from the first row to the last. */
  async column(column: Column): Promise<string[]> {
    await expect(this.rows.first()).toBeVisible();
    return await this.rows.evaluateAll(
      (rows, place) => rows.map((row) => (row.children[place]?.textContent ?? '').trim()),
      column === 'name' ? 0 : CELLS[column] + 1,
    );
  }

  header(name: string): Locator {
    return this.#visitor.main.getByRole('columnheader', { name });
  }

  async sortBy(name: string): Promise<void> {
    await this.#visitor.follow(() => this.header(name).getByRole('link').click());
  }

  async turnTo(page: 'Previous' | 'Next' | 'First'): Promise<void> {
    await this.#visitor.follow(() => this.pager.getByRole('link', { name: page }).click());
  }

  /** Searches: by typing alone where pages react, else by sending the form. */
  async search(text: string): Promise<void> {
    await this.searchField.fill(text);
    await this.#narrowed('q', text);
  }

  async filter(status: 'All' | 'Active' | 'Deactivated'): Promise<void> {
    await this.statusFilter.selectOption(status);
    await this.#narrowed('status', status === 'All' ? '' : status.toLowerCase());
  }

  /** Without JavaScript, sends the form; then waits for the list that the address names. */
  async #narrowed(part: string, value: string): Promise<void> {
    const { page, main, scripts, words } = this.#visitor;
    if (!scripts) {
      await this.#visitor.follow(() => main.getByRole('button', { name: words.apply }).click());
    }
    await expect(page).toHaveURL(({ searchParams }) => {
      const found = searchParams.get(part) ?? '';
      // A form says `all` where an address written by the page says nothing.
      return (part === 'status' && found === 'all' ? '' : found) === value;
    });
    await this.#visitor.settled();
  }
}

/** The nine digits of an Account ID, however it is written. */
export function digits(text: string): string {
  return text.replace(/\D/g, '');
}

/** Text as people look it up: without case and accents. */
export function folded(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replaceAll('ß', 'ss');
}
