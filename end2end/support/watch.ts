import type { BrowserContext, ConsoleMessage, Request, Response } from '@playwright/test';

/** Notes everything that a browser has to complain about, so that a test can fail for it. */
export class Watch {
  readonly problems: string[] = [];
  readonly #scripts: boolean;
  readonly #expected = new Set<number>();
  #offline = false;

  /** `scripts` says whether pages may run JavaScript. */
  constructor(scripts: boolean) {
    this.#scripts = scripts;
  }

  /** Declares that answers with these statuses belong to what the test does. */
  expectStatus(...statuses: number[]): void {
    for (const status of statuses) this.#expected.add(status);
  }

  /** Declares that requests fail because the test takes the network away. */
  expectOffline(): void {
    this.#offline = true;
  }

  observe(context: BrowserContext): void {
    context.on('console', (message) => this.#console(message));
    context.on('weberror', (error) => this.#uncaught(error.error()));
    context.on('response', (response) => this.#response(response));
    context.on('requestfailed', (request) => this.#failed(request));
  }

  #console(message: ConsoleMessage): void {
    const text = message.text();
    const status = /^Failed to load resource: the server responded with a status of (\d+)/.exec(text)?.[1];
    if (status && this.#expected.has(Number(status))) return;
    if (this.#offline && text.includes('net::ERR_INTERNET_DISCONNECTED')) return;
    this.problems.push(`console ${message.type()}: ${text} (${message.location().url})`);
  }

  #uncaught(error: Error): void {
    this.problems.push(`uncaught ${error.name}: ${error.stack || error.message}`);
  }

  #response(response: Response): void {
    const status = response.status();
    if (status < 400 || this.#expected.has(status)) return;
    this.problems.push(`${status} to ${response.request().method()} ${response.url()}`);
  }

  #failed(request: Request): void {
    const reason = request.failure()?.errorText ?? 'unknown';
    // A page that is left takes back what it had asked for.
    if (reason === 'net::ERR_ABORTED') return;
    if (this.#offline && reason === 'net::ERR_INTERNET_DISCONNECTED') return;
    // A browser without JavaScript refuses scripts by itself, under this name.
    if (!this.#scripts && reason === 'csp' && request.resourceType() === 'script') return;
    this.problems.push(`${reason}: ${request.method()} ${request.url()}`);
  }
}
