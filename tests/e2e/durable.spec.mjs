// What was said to be saved is there: after a killed browser, in another tab, without a network, under a path.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

test('a page that is reloaded again and again is never taken for a second tab', async () => {
  const browser = await browse();
  const app = await browser.open();
  await samples(app);
  for (let at = 0; at < 12; at += 1) {
    await app.page.goto('about:blank');
    await app.page.goto(browser.address);
    await app.ready();
  }
  assert.equal(await app.count('All Contacts'), '5000');
  await browser.close();
});

test('a lost database is not taken for a new start', async () => {
  const browser = await browse();
  const app = await browser.open();
  await samples(app);
  const names = await app.page.evaluate(async () => (await indexedDB.databases()).map((it) => it.name));
  assert.equal(names.length, 1);
  await browser.outside(app.page);
  await app.page.evaluate((name) => new Promise((done) => { indexedDB.deleteDatabase(name).onsuccess = done; }), names[0]);
  await app.page.goto(browser.address);
  await app.page.getByText('5,000 contacts were stored here and the browser no longer has them').waitFor();
  await browser.close();
});

/** Changes one byte of the stored piece in which `pattern` is found most often (a value has several), while no page of ours is open. */
const damage = async (browser, page, pattern) => {
  await browser.outside(page);
  await page.evaluate(async (pattern) => {
    const [{ name }] = await indexedDB.databases();
    const database = await new Promise((done) => { indexedDB.open(name).onsuccess = (event) => done(event.target.result); });
    const blocks = database.transaction('block').objectStore('block');
    const read = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
    const [keys, stored] = [await read(blocks.getAllKeys()), await read(blocks.getAll())];
    // Large values are files.
    const values = await Promise.all(stored.map(async (it) => (it instanceof Blob ? new Uint8Array(await it.arrayBuffer()) : it)));
    const pieces = values.flatMap((value, at) => {
      const text = new TextDecoder('latin1').decode(value);
      const starts = [...text.matchAll(/MLB\x01\x04/g)].map((it) => it.index);
      return starts.map((start, piece) => ({ at, start, end: starts[piece + 1] ?? value.length, found: (text.slice(start, starts[piece + 1]).match(new RegExp(pattern, 'g')) ?? []).length }));
    });
    const { at, start, end } = pieces.sort((a, b) => b.found - a.found)[0];
    values[at][(start + end) >> 1] ^= 1;
    await read(database.transaction('block', 'readwrite').objectStore('block').put(values[at], keys[at]));
    database.close();
  }, pattern);
  await page.goto(browser.address);
};

test('damaged cells are blank and said; who may be contacted is not affected', async () => {
  const browser = await browse();
  const app = await browser.open();
  await samples(app);
  const counts = await app.counts();
  await damage(browser, app.page, 'Manager|Director|Engineer');
  await app.page.getByText('One stored piece is damaged, so some cells of contacts are blank').waitFor();
  await app.ready();
  assert.deepEqual(await app.counts(), counts);
  await app.go('Soft Bounces');
  const [row] = await app.rows();
  await app.more(row[0], 'Opt out');
  await app.toast('1 contact opted out').waitFor();
  await browser.close();
});

test('damaged addresses can be exported and not changed, so that no import brings one back without its opt-out', async () => {
  const browser = await browse();
  const app = await browser.open();
  await samples(app);
  await damage(browser, app.page, '[a-z]\\.[a-z]{3}');
  await app.page.getByText('One stored piece is damaged, with addresses in it').waitFor();
  await app.page.screenshot({ path: new URL('../../target/screens/damaged-addresses.png', import.meta.url).pathname });
  await app.go('Bounces & Opt-Outs');
  await app.page.getByRole('button', { name: 'Add email address' }).click();
  await app.page.getByRole('dialog').getByRole('textbox').first().fill('new@example.org');
  await app.page.getByRole('dialog').getByRole('button', { name: /^Opt out|^Add/ }).click();
  await app.page.getByText('nothing can be changed now').first().waitFor();
  await browser.close();
});

test('a full disk is said, nothing is shown as saved, and there is a way on', async () => {
  const browser = await browse();
  const session = await browser.context.newCDPSession(browser.context.pages()[0]);
  const origin = new URL(browser.address).origin;
  const room = (quotaSize) => session.send('Storage.overrideQuotaForOrigin', quotaSize ? { origin, quotaSize } : { origin });
  // Before the first page: the browser remembers for a while how much room there is.
  await room(3_000_000);
  const app = await browser.open();
  await samples(app);
  const counts = await app.counts();
  const rows = Array.from({ length: 400_000 }, (_, at) => `person${at}.${(at * 7919) % 100_003}@example.org,Text that is long enough ${(at * 104_729) % 999_983}`);
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
  // From the disk: so much through the pipe to the browser takes longer than all else here.
  const large = join(browser.profile, 'large.csv');
  await writeFile(large, `Email,Company\n${rows.join('\n')}`);
  await app.page.locator('#file').setInputFiles(large);
  await app.page.getByRole('button', { name: 'Preview' }).click();
  await app.page.getByRole('button', { name: 'Import Contacts' }).click();
  await app.page.getByText('The browser has no room left for this site').first().waitFor();
  await app.go('All Contacts');
  assert.deepEqual(await app.counts(), counts, 'nothing of the import');
  await room(0);
  await app.reload();
  assert.deepEqual(await app.counts(), counts);
  await app.go('Soft Bounces');
  const [row] = await app.rows();
  await app.more(row[0], 'Opt out');
  await app.toast('1 contact opted out').waitFor();
  await browser.close();
});

test('with no room at all it still opens, to look and to export', async () => {
  const browser = await browse();
  let app = await browser.open();
  await samples(app);
  const counts = await app.counts();
  await browser.kill();
  const session = await browser.context.newCDPSession(browser.context.pages()[0]);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(browser.address).origin, quotaSize: 1 });
  app = await browser.open();
  assert.deepEqual(await app.counts(), counts);
  await app.page.getByText('no room left for this site, so nothing can be changed now').waitFor();
  await app.go('Soft Bounces');
  const [row] = await app.rows();
  await app.more(row[0], 'Opt out');
  await app.page.getByText('the message at the top says why').waitFor();
  assert.deepEqual(await app.counts(), counts);
  const [download] = await Promise.all([app.page.waitForEvent('download'), app.segmentMore('Soft Bounces', /^Export/)]);
  const { readFile } = await import('node:fs/promises');
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n').length;
  assert.equal(lines, counts['Soft Bounces'] + 1);
  await browser.close();
});

test('what is stored is read by a thread of its own, and all the same where that cannot be started, cannot read, or dies', async () => {
  const browser = await browse();
  const app = await browser.open();
  await app.crowd(600_000);
  await app.reload();
  await browser.pastServiceWorker(app.page);
  await app.page.addInitScript(() => {
    window.answers = 0;
    new BroadcastChannel('answers').onmessage = () => { window.answers += 1; };
  });
  // The engine reads itself until the thread runs. Here it gets what it reads so late that there is something left by then.
  const slowly = (boot) => boot.replace("'self.onunhandledrejection=", () => `'{const it=ReadableStreamBYOBReader.prototype,{read}=it;it.read=async function(...all){await new Promise((go)=>setTimeout(go,400));return read.apply(this,all)}}self.onunhandledrejection=`);
  const answer = 'postMessage([number, ...found]';
  const changes = [
    ['reads', (boot) => boot.replace(answer, `new BroadcastChannel('answers').postMessage(0); ${answer}`)],
    ['is never started', (boot) => boot.replace("'self.mailableStartValues=()=>new Worker(self.mailableValues);'", "''")],
    ['dies at once', (boot) => boot.replace('JSON.stringify(`(${values})()`)', 'JSON.stringify("throw new Error(1)")')],
    ['finds nothing', (boot) => boot.replace('(await database).transaction', '(await nothing).transaction')],
    ['dies over an answer', (boot) => boot.replace(answer, `if (number > 0) return setTimeout(() => { throw new Error('dead'); }); ${answer}`)],
  ];
  for (const [what, change] of changes) {
    const asBefore = await browser.changeBoot(app.page, (boot) => {
      const slow = slowly(boot);
      const changed = change(slow);
      assert.ok(boot !== slow && slow !== changed, what);
      return changed;
    });
    await app.reload();
    await asBefore();
    assert.equal(await app.page.evaluate(() => window.answers > 0), what === 'reads', what);
    assert.equal(await app.count('All Contacts'), '600000', what);
    await app.search('crowd599999@');
    assert.equal((await app.rows()).length, 1, what);
  }
  assert.deepEqual(browser.wrong, []);
  await browser.close();
});

test('it works offline under a sub-path after the first load', async () => {
  const browser = await browse({ path: '/lists/mailable/' });
  const app = await browser.open();
  await samples(app);
  await app.page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === 'activated');
  // Whoever has contacts has everything kept, soon after.
  await app.page.waitForFunction(async () => {
    const [name] = await caches.keys();
    return (await (await caches.open(name)).keys()).filter((it) => it.url.includes('_rest-')).length === 2;
  });
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
  await Promise.all([
    app.page.waitForEvent('load'),
    app.page.getByRole('dialog').getByRole('button', { name: 'Delete everything' }).click(),
  ]);
  await app.ready();
  assert.equal((await app.counts())['All Contacts'], 0);
  await browser.close();
});
