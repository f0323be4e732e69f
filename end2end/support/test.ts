import { expect, test as base, type BrowserContext, type BrowserContextOptions } from '@playwright/test';
import { startServer, type Database, type Server } from './server.ts';
import { Visitor, type Sessions, type Surroundings } from './visitor.ts';
import { Watch } from './watch.ts';
import { words, type Language } from './words.ts';

export { expect };

/** What a project or a group of tests can set. */
export interface Options {
  /** The language of the browser, and so of the pages. */
  language: Language;
  /** Whether each test gets a server to itself, because it changes what all others rely on. */
  ownServer: boolean;
}

interface Fixtures {
  /** What the browser complains about. */
  watch: Watch;
  /** The server under test. */
  site: Server;
  /** Somebody at a browser. */
  visitor: Visitor;
  /** Gives somebody else, at another browser. */
  newcomer: (options?: BrowserContextOptions) => Promise<Visitor>;
  surroundings: Surroundings;
}

export interface WorkerOptions {
  database: Database;
}

interface WorkerFixtures {
  server: Server;
  sessions: Sessions;
}

export const test = base.extend<Options & Fixtures, WorkerOptions & WorkerFixtures>({
  language: ['en', { option: true }],
  ownServer: [false, { option: true }],
  database: ['sqlite', { option: true, scope: 'worker' }],

  server: [
    async ({ database }, use) => {
      const server = await startServer(database);
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],

  sessions: [
    async ({}, use) => use(new Map()),
    { scope: 'worker' },
  ],

  site: async ({ server, ownServer, database }, use) => {
    if (!ownServer) return await use(server);
    const own = await startServer(database);
    await use(own);
    await own.stop();
  },

  baseURL: async ({ site }, use) => use(site.address),

  watch: [
    async ({ site, javaScriptEnabled }, use) => {
      const watch = new Watch(javaScriptEnabled !== false);
      site.takeLog();
      await use(watch);
      const failures = site.takeLog().filter((line) => /ERROR|panicked/.test(line));
      expect([...watch.problems, ...failures], 'the browser and the server have nothing to complain about').toEqual([]);
    },
    { auto: true },
  ],

  surroundings: async ({ site, language, javaScriptEnabled, sessions }, use) => {
    const scripts = javaScriptEnabled !== false;
    await use({ origin: site.address, words: words[language], scripts, sessions });
  },

  visitor: async ({ page, watch, surroundings }, use) => {
    watch.observe(page.context());
    await use(new Visitor(page, surroundings));
  },

  newcomer: async ({ browser, watch, surroundings }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (options = {}) => {
      // What the run is set to, such as its language, holds for every context unless it is said here.
      const context = await browser.newContext(options);
      contexts.push(context);
      watch.observe(context);
      const italian = options.locale?.startsWith('it') ? { words: words.it } : {};
      return new Visitor(await context.newPage(), { ...surroundings, ...italian });
    });
    for (const context of contexts) await context.close();
  },
});
