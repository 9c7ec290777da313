// The first visit: a new browser process and profile for every sample, timed by the page itself from its navigation's
// start, so that neither the browser's start nor the driver is in it: a new browser loads pages of its own for a second
// or two, and what asks a page anything takes the processor from it. Beside it: the same bytes, of which nothing runs,
// and the smallest Leptos page.
import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { browse } from '../e2e/harness.mjs';
import { keep } from './measure.mjs';
import { serveFolder } from './peers.mjs';

/** The same bytes as the site's first: its page, its styles and what it preloads, and nothing that runs. */
export async function makeStatic(dist, folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const page = (await readFile(join(dist, 'index.html'), 'utf8')).replace(/<script\b[^>]*>[\s\S]*?<\/script>/g, '');
  await writeFile(join(folder, 'index.html'), page);
  const linked = [...page.matchAll(/<link\b[^>]*href="?(?:\.\/)?([^\s">]+)/g)].map((it) => it[1]);
  for (const name of linked) await copyFile(join(dist, name), join(folder, name));
}

/** A page for the counter, if `cargo xtask bench` has built it; its Leptos is the site's. */
export async function makeCounter(folder) {
  if (!(await stat(join(folder, 'counter_bg.wasm')).catch(() => null))) return false;
  await writeFile(join(folder, 'index.html'), '<!doctype html><meta charset="utf-8"><title>Counter</title><link rel="modulepreload" href="counter.js"><link rel="preload" href="counter_bg.wasm" as="fetch" type="application/wasm" crossorigin><body><script type="module" src="start.js"></script>');
  await writeFile(join(folder, 'start.js'), "import start from './counter.js';\nstart({ module_or_path: 'counter_bg.wasm' });\n");
  return true;
}

/** Runs in the page before anything of it: notes when its program is there, clicks as soon as there is something to click, and notes when it has reacted. */
const watch = () => {
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...given) => {
    const instance = await instantiate(...given);
    window.instantiated ??= performance.now();
    return instance;
  };
  let clicked = false;
  const reacted = () => {
    const counter = document.querySelector('body > button');
    const link = document.querySelector('.navigation-link[href="#/settings"]');
    const target = counter ?? link;
    if (!target) return false;
    if (!clicked) {
      clicked = true;
      window.mounted = performance.now();
      target.click();
    }
    return counter ? counter.textContent === '1' : document.querySelector('h1')?.textContent === 'Settings';
  };
  const opened = () => !document.querySelector('.status-bar') || /Saved on this device|Nothing to save yet/.test(document.querySelector('.status-bar').textContent);
  new MutationObserver((_, observer) => {
    if (!reacted()) return;
    window.interactive ??= performance.now();
    if (!opened()) return;
    observer.disconnect();
    window.opened = performance.now();
  }).observe(document, { childList: true, subtree: true, characterData: true });
};

/** How long a new browser is left alone before the visit, and then the page, in milliseconds. */
const [BROWSER, PAGE] = [2_500, 1_200];

/** One first visit: when something was painted first, when a link or button was there, and when the page had reacted to it. */
async function visit(address, interactive) {
  const browser = await browse({ address });
  try {
    const page = browser.context.pages()[0] ?? (await browser.context.newPage());
    if (interactive) await page.addInitScript(watch);
    await page.waitForTimeout(BROWSER);
    await page.goto(address, { waitUntil: 'commit' });
    await page.waitForTimeout(PAGE);
    if (interactive) await page.waitForFunction(() => window.opened !== undefined);
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length);
    return await page.evaluate(() => ({ paint: performance.getEntriesByName('first-contentful-paint')[0].startTime, instantiated: window.instantiated, mounted: window.mounted, interactive: window.interactive, opened: window.opened }));
  } finally {
    await browser.close();
  }
}

/** Serves a folder for as long as it is visited; answers what a visit of it measures. When it was mounted is kept beside. */
export async function visitor(folder, name) {
  const server = await serveFolder(folder);
  return {
    paint: async () => (await visit(server.address, false)).paint,
    interactive: async () => {
      const it = await visit(server.address, true);
      if (it.instantiated) keep(`interactive: ${name} instantiated`, it.instantiated);
      keep(`interactive: ${name} mounted`, it.mounted);
      keep(`interactive: ${name} opened`, it.opened);
      return it.interactive;
    },
    close: server.close,
  };
}
