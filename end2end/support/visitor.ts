import { expect, type Page, type Response } from '@playwright/test';
import { PASSWORD, type Person } from './people.ts';
import type { Words } from './words.ts';

/** Sessions that were begun earlier, by server and person, so that not every test signs in. */
export type Sessions = Map<string, string>;

/** What a visitor knows of the run. */
export interface Surroundings {
  readonly origin: string;
  readonly words: Words;
  /** Whether pages run JavaScript, and so wake up. */
  readonly scripts: boolean;
  readonly sessions: Sessions;
}

/** Somebody at a browser. */
export class Visitor {
  readonly page: Page;
  readonly origin: string;
  readonly words: Words;
  readonly scripts: boolean;
  readonly #sessions: Sessions;

  constructor(page: Page, { origin, words, scripts, sessions }: Surroundings) {
    this.page = page;
    this.origin = origin;
    this.words = words;
    this.scripts = scripts;
    this.#sessions = sessions;
  }

  /** Goes to an address, and waits until the page reacts. */
  async open(path: string): Promise<Response> {
    const response = await this.page.goto(path);
    await this.awake();
    if (!response) throw new Error(`${path} only moved within the page`);
    return response;
  }

  /** Goes to an address whose WebAssembly comes only when the result is called. */
  async openAsleep(path: string): Promise<() => Promise<void>> {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await this.page.route('**/*.wasm', async (route) => {
      await held;
      await route.continue();
    });
    await this.page.goto(path, { waitUntil: 'domcontentloaded' });
    return async () => {
      release();
      await this.awake();
    };
  }

  /** Does what leads to another page or sends a form, and waits until what comes of it is there. */
  async follow(action: () => Promise<unknown>): Promise<void> {
    if (!this.scripts) return await this.leave(action);
    await action();
    await this.settled();
  }

  /** Does what loads another document, and waits until that one reacts. */
  async leave(action: () => Promise<unknown>): Promise<void> {
    await Promise.all([this.page.waitForEvent('load'), action()]);
    await this.awake();
  }

  /** Waits until no page and no answer to a form is on its way. */
  async settled(): Promise<void> {
    await expect(this.page.locator('[aria-busy="true"]')).toHaveCount(0);
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.awake();
  }

  /** Waits until the page is awake. Without JavaScript it is whole at once. */
  async awake(): Promise<void> {
    if (this.scripts) await expect(this.page.locator('html')).toHaveAttribute('data-hydrated', '');
  }

  /** Fills in the sign-in form of the page that is open, and sends it. */
  async signIn(email: string, password: string = PASSWORD): Promise<void> {
    const { page, words } = this;
    await page.getByRole('textbox', { name: words.email }).fill(email);
    await page.getByLabel(words.password, { exact: true }).fill(password);
    await this.follow(() => page.getByRole('button', { name: words.signIn }).click());
  }

  /** Is signed in as `person`: by an earlier session, else by the form. */
  async begin(person: Person): Promise<void> {
    const context = this.page.context();
    const key = `${this.origin} ${person.email}`;
    const session = this.#sessions.get(key);
    await context.clearCookies({ name: 'tenantry_session' });
    if (session) {
      await context.addCookies([{ name: 'tenantry_session', value: session, url: this.origin }]);
      return;
    }
    await this.open('/sign-in');
    await this.signIn(person.email);
    const begun = await this.session();
    if (!begun) throw new Error(`${person.email} could not sign in`);
    this.#sessions.set(key, begun);
  }

  /** Is signed in as `person` and opens `path`. */
  async enter(person: Person, path: string): Promise<Response> {
    await this.begin(person);
    return await this.open(path);
  }

  /** The secret of the session that the browser holds. */
  async session(): Promise<string | undefined> {
    const cookies = await this.page.context().cookies(this.origin);
    return cookies.find((cookie) => cookie.name === 'tenantry_session')?.value;
  }

  async openMenu(): Promise<void> {
    await this.page.getByRole('button', { name: this.words.you }).click();
  }

  async signOut(): Promise<void> {
    await this.openMenu();
    await this.leave(() => this.page.getByRole('button', { name: this.words.signOut }).click());
  }

  /** Looks at something else, so that the page is hidden. */
  async lookAway(): Promise<void> {
    await this.#hide(true);
  }

  async lookBack(): Promise<void> {
    await this.#hide(false);
  }

  async #hide(hidden: boolean): Promise<void> {
    // Without JavaScript a page follows nothing anyway.
    if (!this.scripts) return;
    await this.page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  }

  get heading() {
    return this.page.getByRole('heading', { level: 1 });
  }

  get main() {
    return this.page.getByRole('main');
  }
}
