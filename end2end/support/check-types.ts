import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

/** Playwright strips types without looking at them, so they are checked before the first test. */
export default function checkTypes(): void {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const folder = dirname(dirname(fileURLToPath(import.meta.url)));
  execFileSync(execPath, [compiler, '--project', folder], { stdio: 'inherit' });
}
