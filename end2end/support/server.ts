import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { createFreshDatabase } from './postgres.ts';

export type Database = 'sqlite' | 'postgres';

/** A running demo with data of its own. */
export interface Server {
  /** Where it listens, such as `http://127.0.0.1:40123`. */
  readonly address: string;
  /** Its data folder. */
  readonly folder: string;
  /** What it has logged since this was asked last. */
  takeLog(): string[];
  stop(): Promise<void>;
}

/** The demo is up within a second; this is for a machine that does much else. */
const PATIENCE = 30_000;

export async function startServer(database: Database): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-e2e-'));
  const fresh = database === 'postgres' ? createFreshDatabase() : undefined;
  const process = run(folder, fresh?.url);
  let log: string[] = [];
  process.stderr?.on('data', (text: Buffer) => log.push(...text.toString().split('\n').filter(Boolean)));
  let stopping = false;
  process.on('exit', (code, signal) => {
    if (!stopping) log.push(`ERROR the server ended by itself: ${signal ?? code}`);
  });
  const stop = async () => {
    stopping = true;
    await end(process);
    fresh?.drop();
    await rm(folder, { recursive: true, force: true });
  };
  const takeLog = () => {
    const taken = log;
    log = [];
    return taken;
  };
  try {
    return { folder, address: await addressOf(process, () => log), takeLog, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function run(folder: string, databaseUrl: string | undefined): ChildProcess {
  const program = env['TENANTRY_BIN'];
  if (!program) throw new Error('TENANTRY_BIN must name the program under test');
  const database = databaseUrl ? ['--database', databaseUrl] : [];
  return spawn(program, ['demo', '--listen', '127.0.0.1:0', ...database], {
    // Nothing of the tester's own environment configures the server.
    env: { PATH: env['PATH'], TENANTRY_DATA_FOLDER: folder, TENANTRY_LOG: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Waits for the line in which the server says where it is. */
async function addressOf(process: ChildProcess, log: () => string[]): Promise<string> {
  let said = '';
  return await new Promise((resolve, reject) => {
    const give = (reason: string) => reject(new Error([reason, said, ...log()].join('\n')));
    const late = setTimeout(() => give('the server was not ready in time'), PATIENCE);
    process.once('error', (error) => give(`the server did not start: ${error.message}`));
    process.once('exit', (code) => give(`the server ended with ${code}`));
    process.stdout?.on('data', (text: Buffer) => {
      said += text.toString();
      const address = /Tenantry is ready: (http:\S+)/.exec(said)?.[1];
      if (!address) return;
      clearTimeout(late);
      resolve(address);
    });
  });
}

/** Ends the server as an operator would, and fails if it does not heed that. */
async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null || process.pid === undefined) return;
  const ended = once(process, 'exit');
  process.kill('SIGTERM');
  const late = setTimeout(() => process.kill('SIGKILL'), PATIENCE);
  await ended;
  clearTimeout(late);
  if (process.signalCode === 'SIGKILL') throw new Error('the server did not stop when it was asked to');
}
