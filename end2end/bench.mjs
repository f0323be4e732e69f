// Measures the first view of a page in Chromium on a slow connection and a slow processor, and how
// soon it paints what one does there. Run by `cargo xtask bench --only view`; prints JSON.

import { chromium } from '@playwright/test';

const RUNS = 5;
// 1.6 Mbit/s down, 750 kbit/s up, 150 ms: a slow mobile connection.
const NETWORK = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 };
const CPU_SLOWDOWN = 4;
const TYPED = 'Benchmark & Figli spa';

const url = required('BENCH_URL');
const [cookieName, cookieValue] = required('BENCH_COOKIE').split('=');
const browser = await chromium.launch({
  executablePath: required('CHROMIUM'),
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--no-first-run', '--disable-quic', '--disable-gpu'],
});
const runs = [];
// The first run starts parts of the browser itself, and does not count.
await run();
for (let index = 0; index < RUNS; index += 1) {
  runs.push(await run());
}
await browser.close();
console.log(JSON.stringify(runs));

/** One visit, with nothing kept from those before. */
async function run() {
  const context = await browser.newContext({ viewport: { width: 1350, height: 940 } });
  await context.addCookies([{ name: cookieName, value: cookieValue, url: new URL(url).origin }]);
  await context.addInitScript(observe);
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  const client = await context.newCDPSession(page);
  const network = await throttle(client);
  await page.goto(url);
  await page.waitForSelector('html[data-hydrated]');
  await page.waitForLoadState('networkidle');
  await painted(page);
  const seen = await page.evaluate(() => globalThis.seen);
  const transferred = Object.fromEntries(network);
  const typing = await type(page);
  const saveWithError = await saveWithAnError(page);
  await context.close();
  if (complaints.length > 0) {
    throw new Error(`the page complained: ${complaints.join('; ')}`);
  }
  return { ...seen, transferred, typing, saveWithError };
}

/** Slows everything down, and counts the bytes that come over the wire, by the type of what they are. */
async function throttle(client) {
  const network = new Map();
  const types = new Map();
  client.on('Network.responseReceived', ({ requestId, response }) => types.set(requestId, response.mimeType));
  client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const type = types.get(requestId) ?? 'unknown';
    network.set(type, (network.get(type) ?? 0) + encodedDataLength);
  });
  await client.send('Network.enable');
  await client.send('Network.emulateNetworkConditions', NETWORK);
  await client.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
  return network;
}

/** Runs in the page before anything of its own: notes what the browser reports. */
function observe() {
  const seen = { firstContentfulPaint: 0, hydrated: 0, layoutShift: 0 };
  globalThis.seen = seen;
  globalThis.interactions = [];
  const note = (type, options, each) => {
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true, ...options });
  };
  note('paint', {}, (entry) => {
    if (entry.name === 'first-contentful-paint') seen.firstContentfulPaint = entry.startTime;
  });
  note('layout-shift', {}, (entry) => {
    if (!entry.hadRecentInput) seen.layoutShift += entry.value;
  });
  new MutationObserver((_, observer) => {
    if (document.documentElement?.dataset.hydrated === undefined) return;
    seen.hydrated = performance.now();
    observer.disconnect();
  }).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-hydrated'] });
  // From the moment of the event until the frame after it is done: a task that is queued when the
  // frame is about to be drawn runs right after that.
  const watch = (type) => {
    addEventListener(type, (event) => {
      const begun = event.timeStamp;
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => globalThis.interactions.push({ type, time: performance.now() - begun });
        channel.port2.postMessage(null);
      });
    }, { capture: true });
  };
  ['keydown', 'click'].forEach(watch);
}

/** Waits until the page has painted, and the moment longer that people take from one key to the next. */
async function painted(page) {
  await page.evaluate(() => new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve, 100));
  }));
}

/** Types a customer's name; gives the time of the slowest key. */
async function type(page) {
  await page.locator('input[name=name]').focus();
  await page.evaluate(() => { globalThis.interactions.length = 0; });
  for (const letter of TYPED.slice(0, 20)) {
    await page.keyboard.press(letter === ' ' ? 'Space' : letter);
    await painted(page);
  }
  const times = await interactions(page, 'keydown');
  if (times.length !== 20) throw new Error(`${times.length} keys were noticed instead of 20`);
  return Math.max(...times);
}

/** Presses Save with an empty name; gives the time until the error is painted. */
async function saveWithAnError(page) {
  await page.locator('input[name=name]').fill('');
  await painted(page);
  await page.evaluate(() => { globalThis.interactions.length = 0; });
  await page.locator('#customer-information button[type=submit].main').click();
  await page.waitForSelector('[data-summary]');
  await painted(page);
  const [time] = await interactions(page, 'click');
  if (time === undefined) throw new Error('pressing Save was not noticed');
  return time;
}

async function interactions(page, type) {
  const all = await page.evaluate(() => globalThis.interactions);
  return all.filter((interaction) => interaction.type === type).map((interaction) => interaction.time);
}

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; this is run by cargo xtask bench`);
  return value;
}
