import { expect, test as base, type BrowserContext } from '@playwright/test';
import { startServer, type Database, type Server } from './server.ts';
import { Visitor, type Sessions } from './visitor.ts';
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
  newcomer: () => Promise<Visitor>;
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

  visitor: async ({ page, site, watch, language, javaScriptEnabled, sessions }, use) => {
    watch.observe(page.context());
    const scripts = javaScriptEnabled !== false;
    await use(new Visitor(page, { origin: site.address, words: words[language], scripts, sessions }));
  },

  newcomer: async ({ browser, site, watch, language, javaScriptEnabled, sessions }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async () => {
      // The options of the run, such as the language, hold for every context that a test makes.
      const context = await browser.newContext();
      contexts.push(context);
      watch.observe(context);
      const scripts = javaScriptEnabled !== false;
      const page = await context.newPage();
      return new Visitor(page, { origin: site.address, words: words[language], scripts, sessions });
    });
    for (const context of contexts) await context.close();
  },
});
