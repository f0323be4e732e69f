import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { env } from 'node:process';

/** An empty database, to be dropped after use. */
export interface FreshDatabase {
  readonly url: string;
  drop(): void;
}

export function createFreshDatabase(): FreshDatabase {
  const administration = env['TENANTRY_TEST_POSTGRES'];
  if (!administration) throw new Error('TENANTRY_TEST_POSTGRES must name a PostgreSQL in which databases may be made');
  const name = `e2e_${randomUUID().replaceAll('-', '')}`;
  run(administration, `CREATE DATABASE ${name}`);
  const url = new URL(administration);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(administration, `DROP DATABASE ${name}`) };
}

function run(administration: string, sql: string): void {
  execFileSync('psql', ['--no-psqlrc', '--quiet', '--dbname', administration, '--command', sql], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
