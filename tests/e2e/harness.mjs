// One page object, one small server, one real browser profile: what every spec stands on.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../../', import.meta.url));
export const data = (name) => join(root, 'tests/data', name);

const types = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml', '.webmanifest': 'application/json',
};

/** Serves `dist/` under a path, as any static host would. */
export async function serve(path = '/') {
  let down = false;
  const server = createServer(async (request, response) => {
    if (down) return request.socket.destroy();
    const url = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    const name = url.startsWith(path) ? url.slice(path.length) || 'index.html' : null;
    try {
      if (name === null || normalize(name).startsWith('..')) throw new Error('outside');
      const body = await readFile(join(root, 'dist', name));
      response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { set down(it) { down = it; if (it) server.closeAllConnections(); }, address: `http://127.0.0.1:${server.address().port}${path}`, close: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) };
}

/** A browser with a profile on disk. `open` gives a page object; whatever a page says wrong is kept. */
export async function browse({ path = '/', width = 1440, height = 900, colorScheme = 'light', address } = {}) {
  const server = address ? { address, close: async () => {} } : await serve(path);
  const profile = await mkdtemp(join(tmpdir(), 'mailable-'));
  const wrong = [];
  const start = () => chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROME ?? '/usr/bin/chromium',
    headless: true,
    viewport: { width, height },
    colorScheme,
    acceptDownloads: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  let context = await start();
  context.setDefaultTimeout(20_000);
  const watch = (page) => {
    page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') wrong.push(`console: ${message.text()}`); });
    page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
    page.on('request', (request) => { if (!request.url().startsWith(server.address) && !/^(blob|data):/.test(request.url())) wrong.push(`request: ${request.url()}`); });
  };
  return {
    wrong,
    address: server.address,
    profile,
    get context() { return context; },
    async open(hash = '') {
      const page = context.pages()[0] ?? (await context.newPage());
      watch(page);
      await page.goto(server.address + hash);
      const mailable = new Mailable(page);
      await mailable.ready();
      return mailable;
    },
    /** Has a page go past the service worker, until the session that this answers is detached. */
    async pastServiceWorker(page) {
      const session = await context.newCDPSession(page);
      await session.send('Network.enable');
      await session.send('Network.setBypassServiceWorker', { bypass: true });
      return session;
    },
    /** Has pages, or a context with all of its, load another `boot.js`; `change` makes it of the one there is. Answers what ends that. */
    async changeBoot(pages, change) {
      const boot = /boot-.*\.js$/;
      await pages.route(boot, async (route) => {
        const response = await route.fetch();
        const before = await response.text();
        const body = change(before);
        assert.notEqual(body, before);
        await route.fulfill({ response, body });
      });
      return () => pages.unroute(boot);
    },
    /** Goes to an address of this site where nothing of ours runs: past the service worker, which answers every one with our page. */
    async outside(page) {
      await page.goto('about:blank');
      const session = await this.pastServiceWorker(page);
      const address = `${server.address}outside`;
      await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: '<link rel="icon" href="data:,">' }));
      await page.goto(address);
      await page.unroute(address);
      await session.detach();
      assert.equal(page.workers().length, 0, 'nothing of ours runs here');
    },
    /** Ends the browser as a crash does, and starts it again on the same profile. */
    async kill() {
      const { execSync } = await import('node:child_process');
      // The pattern must not match the shell that runs it.
      execSync(`pkill -9 -f -- 'user-data-dir=[/]${profile.slice(1)}' || true`);
      await context.close().catch(() => {});
      context = await start();
      context.setDefaultTimeout(20_000);
    },
    async close() {
      await context.close().catch(() => {});
      await server.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** The application as a person sees it. Every selector lives here. */
export class Mailable {
  constructor(page) { this.page = page; }

  /** The data is open. And the programs are whole, as they are for whoever has done anything: `first.spec.mjs` sees what happens before. */
  async ready() {
    await this.opened();
    await this.page.evaluate(() => globalThis.mailableWhole());
  }
  async opened() { await this.page.locator('.status-bar', { hasText: /Saved on this device|Nothing to save yet/ }).waitFor({ timeout: 20_000 }); }
  async reload() { await this.page.reload(); await this.ready(); }
  async go(name) { await this.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: new RegExp(`^${name}`) }).click(); await this.page.waitForTimeout(50); }
  async count(name) { return (await this.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: new RegExp(`^${name}`) }).locator('.navigation-count').textContent()).replaceAll(',', ''); }
  async counts() {
    const result = {};
    for (const name of ['All Contacts', 'Opt-Outs', 'Hard Bounces', 'Soft Bounces', 'Inactive Soft Bounces', 'Spam Complaints', 'SMS Opt-Ins', 'SMS Opt-Outs']) result[name] = Number(await this.count(name));
    return result;
  }
  heading() { return this.page.getByRole('heading', { level: 1 }).textContent(); }
  toast(text) { return this.page.locator('.toast', { hasText: text }).last(); }
  undo(text) { return this.undone(() => this.toast(text).getByRole('button', { name: 'Undo' }).click()); }
  /** Undoes, and waits until it is. What was undone before still says so for a while. */
  async undone(act) {
    await this.page.evaluate(async () => {
      const before = () => [...document.querySelectorAll('.toast')].find((it) => it.textContent.includes('Undone'));
      for (let it = before(); it; it = before()) {
        it.querySelector('.toast-close').click();
        await new Promise(requestAnimationFrame);
      }
    });
    await act();
    await this.toast('Undone').waitFor();
  }

  row(text) { return this.page.locator('.grid-row:not([hidden])', { hasText: text }); }
  async rows() {
    await this.page.waitForFunction(() => !document.querySelector('.grid-row:not([hidden])[data-waiting]'));
    const all = await this.page.locator('.grid-row:not([hidden])').evaluateAll((rows) => rows.map((row) => ({
      at: Number(row.dataset.position), cells: [...row.querySelectorAll('.cell')].slice(1, -1).map((it) => it.textContent),
    })));
    return all.sort((a, b) => a.at - b.at).map((it) => it.cells);
  }
  /** So many rows are there, as soon as the list has followed what happened. */
  async rowsAre(many) {
    for (const until = Date.now() + 5_000; Date.now() < until;) {
      if ((await this.rows()).length === many) return;
      await this.page.waitForTimeout(20);
    }
    assert.equal((await this.rows()).length, many);
  }
  /** The texts of all of them, once the first is there. */
  async texts(locator) {
    await locator.first().waitFor();
    return locator.allTextContents();
  }
  async more(text, action) {
    await this.row(text).hover();
    await this.row(text).getByRole('button', { name: /^More/ }).click();
    if (action) await this.page.getByRole('menuitem', { name: action, exact: false }).first().click();
  }
  async segmentMore(name, action) {
    const item = this.page.locator('.navigation-item', { has: this.page.getByRole('link', { name: new RegExp(`^${name}`) }) });
    await item.hover();
    await item.getByRole('button', { name: 'More' }).click();
    await this.page.getByRole('menuitem', { name: action }).click();
  }
  check(text) { return this.row(text).getByRole('checkbox').click(); }
  async selectionAction(name) {
    const bar = this.page.getByRole('region', { name: 'Selection' });
    await bar.waitFor();
    const button = bar.getByRole('button', { name, exact: true });
    if (await button.count()) return button.click();
    await bar.getByRole('button', { name: 'More', exact: true }).click();
    await this.page.getByRole('menuitem', { name, exact: true }).click();
  }
  /** Goes on in the dialog that says whom an act on many is about. */
  async goOn(title, name = title) { await this.page.getByRole('dialog', { name: title, exact: true }).getByRole('button', { name }).click(); }
  async search(text) { await this.page.locator('#search').fill(text); await this.page.waitForTimeout(150); }

  /** Imports a file in the article's steps; `preference` is ticked in the Import Summary. */
  async importFile(path, { preference, mapped } = {}) {
    await this.go('All Contacts');
    await this.page.getByRole('button', { name: 'Import contacts' }).first().click();
    await this.page.locator('#file').setInputFiles(path);
    await this.page.getByRole('button', { name: 'Preview' }).waitFor();
    if (mapped) await mapped(this.page);
    await this.page.getByRole('button', { name: 'Preview' }).click();
    await this.page.getByRole('button', { name: 'Import Contacts' }).waitFor();
    const box = this.page.locator('#add-preference');
    if (preference && !(await box.isChecked())) { await box.click(); await this.page.getByRole('button', { name: 'Import Contacts' }).waitFor(); }
    if (preference) {
      const radio = this.page.locator(`input[name=preference][value="${preference}"]`);
      if (!(await radio.isChecked())) { await radio.click(); await this.page.getByRole('button', { name: 'Import Contacts' }).waitFor(); }
    }
    await this.page.getByRole('button', { name: 'Import Contacts' }).click();
    await this.page.getByRole('button', { name: 'Done' }).waitFor();
    const tally = await this.tally();
    await this.page.getByRole('button', { name: 'Done' }).click();
    return tally;
  }
  /** Takes in so many contacts of whom nothing is known but an address: a flow is as with the lists of those who have many. */
  async crowd(count) {
    const text = `Email\n${Array.from({ length: count }, (_, at) => `crowd${at}@crowd.example`).join('\n')}\n`;
    await this.importFile({ name: 'crowd.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  }
  /** Sets the worker's clock ahead by days, from the next load on: the worker's program begins with this line. */
  async ahead(days) {
    await this.page.addInitScript((days) => {
      const Plain = window.Blob;
      window.Blob = class extends Plain {
        constructor(parts, options) {
          const script = /javascript/.test(options?.type ?? '');
          super(script ? [`{ const now = Date.now; Date.now = () => now() + ${days} * 86400000; }\n`, ...parts] : parts, options);
        }
      };
    }, days);
  }
  /** Every value of every object store of every database, and what else a page keeps, as one text; and how many values. */
  async stored() {
    return this.page.evaluate(async () => {
      const texts = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), location.href, document.title];
      const done = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = () => no(request.error); });
      const latin = new TextDecoder('latin1');
      let values = 0;
      for (const { name } of await indexedDB.databases()) {
        const database = await done(indexedDB.open(name));
        for (const store of database.objectStoreNames) {
          for (const value of await done(database.transaction(store).objectStore(store).getAll())) {
            values += 1;
            // Large values are files. Not by their class: `ahead` puts another in its place.
            texts.push(latin.decode('arrayBuffer' in value ? await value.arrayBuffer() : value));
          }
        }
        database.close();
      }
      return { values, text: texts.join('\n') };
    });
  }
  async tally() {
    const cells = await this.page.locator('.tally-cell').evaluateAll((all) => all.map((it) => [it.querySelector('dt').textContent, Number(it.querySelector('.tally-figure').textContent.replaceAll(',', ''))]));
    return Object.fromEntries(cells);
  }
  async download(act) {
    const [download] = await Promise.all([this.page.waitForEvent('download'), act()]);
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
  }
}
