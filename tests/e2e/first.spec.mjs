// The programs come in two parts: what runs when the page opens, and the rest (xtask/src/split.rs). What a person sees
// must not depend on when the rest comes.
import test from 'node:test';
import assert from 'node:assert/strict';
import { browse, Mailable, serve } from './harness.mjs';

/** A page on which nothing was done yet, and the parts of programs that were asked for. */
async function first(browser, hash = '') {
  const page = browser.context.pages()[0] ?? (await browser.context.newPage());
  const rest = [];
  page.on('request', (request) => { if (request.url().includes('_rest-')) rest.push(request.url().split('/').pop()); });
  await page.goto(browser.address + hash);
  const app = new Mailable(page);
  await app.opened();
  return { app, page, rest };
}

test('a visit on which nothing is done loads what comes first, and no more', async () => {
  // A function that runs in one visit of many may not be among those that come first: it costs that visit some time.
  let browser = await browse();
  let visit = await first(browser);
  await visit.page.waitForTimeout(1500);
  for (let more = 0; more < 2 && visit.rest.length; more += 1) {
    await browser.close();
    browser = await browse();
    visit = await first(browser);
    await visit.page.waitForTimeout(1500);
  }
  const { app, page, rest } = visit;
  assert.deepEqual(rest, [], 'if this fails, run `cargo xtask first`');
  const kept = await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    const [name] = await caches.keys();
    return (await (await caches.open(name)).keys()).map((it) => it.url);
  });
  assert.ok(kept.length > 5 && !kept.some((it) => it.includes('_rest-')));
  await page.getByRole('button', { name: 'Import contacts' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Import' }).waitFor();
  assert.ok(rest.some((it) => it.startsWith('app_rest')));
  await app.ready();
  // From now on it works offline.
  await page.waitForFunction(async () => {
    const [name] = await caches.keys();
    return (await (await caches.open(name)).keys()).filter((it) => it.url.includes('_rest-')).length === 2;
  });
  assert.deepEqual(browser.wrong, []);
  await browser.close();
});

test('what is called before it is there is loaded while the page waits', async () => {
  const browser = await browse();
  const { page, rest } = await first(browser);
  // Without a pointer or a key that would have told the page that somebody is there.
  await page.evaluate(() => document.querySelector('.navigation-item button').click());
  await page.getByRole('menuitem').first().waitFor({ state: 'attached' });
  assert.ok(rest.some((it) => it.startsWith('app_rest')), 'the menu came with the rest');
  await page.keyboard.press('Escape');
  await page.evaluate(() => { location.hash = '#/insights'; });
  await page.getByRole('heading', { level: 1, name: 'Insights' }).waitFor();
  await browser.close();
});

test('a screen that comes later can be opened by its address', async () => {
  const browser = await browse();
  const { page } = await first(browser, '#/programs');
  await page.getByRole('heading', { level: 1, name: 'Automated Programs' }).waitFor();
  assert.deepEqual(browser.wrong, []);
  await browser.close();
});

test('offline before the rest was ever there, the page opens and says what it cannot do yet', async () => {
  const server = await serve();
  const browser = await browse({ address: server.address });
  const { page } = await first(browser);
  await page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === 'activated');
  server.down = true;
  const { app } = await first(browser);
  const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Insights/ });
  await link.click();
  await app.toast('cannot be loaded now').waitFor();
  assert.equal(await app.heading(), 'All Contacts');
  assert.match(page.url(), /#\/contacts$/);
  server.down = false;
  await link.click();
  await page.getByRole('heading', { level: 1, name: 'Insights' }).waitFor();
  await browser.close();
  await server.close();
});
