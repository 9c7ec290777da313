// What was said to be saved is there: after a killed browser, in another tab, without a network, under a path.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

const samples = async (app) => {
  await app.page.getByRole('button', { name: 'Load 5,000 sample contacts' }).click();
  await app.toast('5,000 sample contacts loaded').waitFor();
};

test('a browser that is killed after "saved" has lost nothing', async () => {
  const browser = await browse();
  let app = await browser.open();
  await samples(app);
  for (let round = 0; round < 3; round += 1) {
    await app.go('Soft Bounces');
    const [row] = await app.rows();
    await app.more(row[0], 'Change to hard bounce');
    await app.toast('1 contact changed to hard bounce').waitFor();
    const counts = await app.counts();
    await browser.kill();
    app = await browser.open();
    assert.deepEqual(await app.counts(), counts, `round ${round}`);
  }
  await browser.close();
});

test('a second tab is told that it is second, and can take over', async () => {
  const browser = await browse();
  const first = await browser.open();
  await samples(first);
  const page = await browser.context.newPage();
  await page.goto(browser.address);
  await page.getByRole('heading', { name: 'Open in another tab' }).waitFor();
  await page.getByRole('button', { name: 'Use here' }).click();
  await page.locator('.status-bar', { hasText: 'Saved on this device' }).waitFor();
  await first.page.getByRole('heading', { name: 'Continued in another tab' }).waitFor();
  assert.deepEqual(browser.wrong, []);
  await browser.close();
});

test('a lost database is not taken for a new start', async () => {
  const browser = await browse();
  const app = await browser.open();
  await samples(app);
  const names = await app.page.evaluate(async () => (await indexedDB.databases()).map((it) => it.name));
  assert.equal(names.length, 1);
  await app.page.goto('about:blank');
  await app.page.goto(`${browser.address}sw.js`);
  await app.page.evaluate((name) => new Promise((done) => { indexedDB.deleteDatabase(name).onsuccess = done; }), names[0]);
  await app.page.goto(browser.address);
  await app.page.getByText('5,000 contacts were stored here and the browser no longer has them').waitFor();
  await browser.close();
});

test('it works offline under a sub-path after the first load', async () => {
  const browser = await browse({ path: '/lists/mailable/' });
  const app = await browser.open();
  await samples(app);
  await app.page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === 'activated');
  const counts = await app.counts();
  await app.reload();
  await browser.context.setOffline(true);
  await app.reload();
  assert.deepEqual(await app.counts(), counts);
  await app.go('Soft Bounces');
  const [row] = await app.rows();
  await app.more(row[0], 'Opt out');
  await app.toast('1 contact opted out').waitFor();
  await app.page.goto(`${browser.address}#/segments/opt-out`);
  await app.reload();
  assert.equal((await app.counts())['Opt-Outs'], counts['Opt-Outs'] + 1);
  await browser.close();
});

test('the worker obeys the policy of the page: nothing can be sent from it', async () => {
  const browser = await browse();
  const app = await browser.open();
  const [worker] = app.page.workers();
  const tried = await worker.evaluate(async () => {
    const attempt = async (work) => { try { await work(); return 'allowed'; } catch { return 'refused'; } };
    return {
      elsewhere: await attempt(() => fetch('http://127.0.0.2:9/')),
      script: await attempt(() => importScripts('http://127.0.0.2:9/x.js')),
      // In a task of the worker's own: the debugger is exempt from the policy.
      eval: await new Promise((done) => setTimeout(async () => done(await attempt(() => (0, eval)('1'))))),
    };
  });
  assert.deepEqual(tried, { elsewhere: 'refused', script: 'refused', eval: 'refused' });
  const stored = await app.page.evaluate(() => JSON.stringify(localStorage));
  assert.ok(!stored.includes('@'), stored);
  await browser.close();
});

test('delete everything leaves nothing', async () => {
  const browser = await browse();
  const app = await browser.open();
  await samples(app);
  await app.go('Settings');
  await app.page.getByRole('button', { name: 'Delete everything' }).click();
  await app.page.getByRole('dialog').getByRole('textbox').fill('delete');
  await app.page.getByRole('dialog').getByRole('button', { name: 'Delete everything' }).click();
  await app.page.waitForEvent('load');
  await app.ready();
  assert.equal((await app.counts())['All Contacts'], 0);
  await browser.close();
});
