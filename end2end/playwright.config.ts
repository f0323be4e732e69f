import { env } from 'node:process';
import { defineConfig } from '@playwright/test';
import type { Options, WorkerOptions } from './support/test.ts';

/**
 * What each task is tried as. A test runs in `hydrated` and in `plain` unless a tag narrows it:
 * `@script` needs JavaScript, `@plain` is about its absence. `@italian` and `@postgres` add the
 * runs of that name.
 */
export default defineConfig<Options, WorkerOptions>({
  testDir: 'specs',
  globalSetup: './support/check-types.ts',
  fullyParallel: true,
  forbidOnly: Boolean(env['CI']),
  workers: 2,
  // A race that a second try would hide is a defect.
  retries: 0,
  reporter: 'list',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    viewport: { width: 1350, height: 900 },
    locale: 'en-GB',
    // Recording takes a third of the time, and nobody looks at it where tests only pass or fail.
    trace: env['CI'] ? 'off' : { mode: 'retain-on-failure', screenshots: false, sources: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        '--disable-quic',
        '--disable-gpu',
      ],
    },
  },
  projects: [
    { name: 'hydrated', grepInvert: /@plain/ },
    { name: 'plain', grepInvert: /@script/, use: { javaScriptEnabled: false } },
    { name: 'italian', grep: /@italian/, use: { locale: 'it-IT', language: 'it' } },
    { name: 'postgres', grep: /@postgres/, use: { database: 'postgres' } },
  ],
});
