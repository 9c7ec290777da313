// Opens the page built by `cargo xtask first`, whose programs note which of their functions run, and writes down which
// did: at a first visit, and of the page also when somebody comes back to their contacts; the worker has its rest then
// from the start (static/boot.js). What is imported in between is not noted.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { browse, data, Mailable } from './harness.mjs';

const target = fileURLToPath(new URL('../../target/first/', import.meta.url));
const ran = { app: new Set(), worker: new Set() };
const browser = await browse();
const note = async (page, again = false) => {
  await page.waitForTimeout(1000);
  for (const it of await page.evaluate(() => [...globalThis.mailableRan])) ran.app.add(it);
  for (const worker of again ? [] : page.workers()) {
    for (const it of await worker.evaluate(() => [...(self.mailableRan ?? [])]).catch(() => [])) ran.worker.add(it);
  }
};
const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };

// What is ready first differs from one visit to the next, and what then runs differs too: more of them, on machines of
// different speed.
for (const slower of [1, 1, 2, 4, 8]) {
  const visit = await browse();
  const page = visit.context.pages()[0];
  const session = await visit.context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower });
  await page.goto(visit.address);
  await new Mailable(page).ready();
  await note(page);
  await visit.close();
}

const app = await browser.open();
const { page } = app;
for (const name of ['Opt-Outs', 'Settings', 'All Contacts']) await app.go(name);
// What is said where the rest cannot be loaded.
await page.evaluate(() => {
  window.whole = globalThis.mailableWhole;
  globalThis.mailableWhole = () => Promise.reject(new Error('offline'));
});
await app.go('Insights');
await app.toast('cannot be loaded now').waitFor();
await page.evaluate(() => { globalThis.mailableWhole = window.whole; });
// And what cannot wait: the page is left, something is dragged over it, its window changes.
await page.evaluate(() => {
  for (const name of ['beforeunload', 'pagehide', 'visibilitychange', 'resize', 'focus', 'blur']) window.dispatchEvent(new Event(name, { cancelable: true }));
  document.body.dispatchEvent(new DragEvent('dragover', { bubbles: true, cancelable: true }));
});
await page.mouse.move(600, 400);
await page.mouse.wheel(0, 100);
await note(page);
await page.setViewportSize(narrow);
await app.reload();
await note(page);
await page.setViewportSize(wide);

await app.importFile(data('act-on-opt-outs.csv'));
await page.goto('about:blank');
// What waits for the rest of the program is not watched here.
await page.addInitScript(() => {
  Object.defineProperty(globalThis, 'mailableWhole', { get: () => () => new Promise(() => {}), set() {} });
});
await page.goto(browser.address);
await app.opened();
await app.rows();
for (const name of ['Opt-Outs', 'All Contacts']) await app.go(name);
await app.rows();
await note(page, true);
await browser.close();
if (browser.wrong.length) throw new Error(browser.wrong.join('\n'));
await mkdir(target, { recursive: true });
for (const [name, all] of Object.entries(ran)) await writeFile(`${target}${name}.ran`, [...all].join(' '));
process.exit(0);
