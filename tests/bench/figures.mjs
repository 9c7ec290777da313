// First figures: 1,000,000 contacts in a real browser profile on disk. Prints a table and keeps the samples
// in target/figures.json. Nothing here is a test; times differ from machine to machine.
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { browse } from '../e2e/harness.mjs';

const ROWS = Number(process.env.ROWS ?? 1_000_000);
const target = fileURLToPath(new URL('../../target/', import.meta.url));
const file = `${target}figures-${ROWS}.csv`;
const figures = [];
const note = (what, milliseconds, more = '') => { figures.push({ what, milliseconds, more }); console.log(`${what.padEnd(62)} ${milliseconds.toFixed(0).padStart(8)} ms  ${more}`); };
const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];

/** The same million people every time: eleven columns, about 133 bytes a row. */
async function generate() {
  if (await stat(file).catch(() => null)) return;
  const first = ['Maria', 'Tom', 'Yuki', 'Priya', 'Jan', 'Amelie', 'Chidi', 'Fatima', 'Bjorn', 'Olga'];
  const last = ['Garcia', 'Okafor', 'Tanaka', 'Nair', 'Kowalski', 'Dubois', 'Anagonye', 'Haddad', 'Svensson', 'Ivanova'];
  const company = ['Northwind Labs', 'Contoso GmbH', 'Fabrikam', 'Adventure Works', 'Tailspin', 'Litware'];
  const out = createWriteStream(file);
  out.write('Email,First Name,Last Name,Company,Title,Mailing City,Mailing Country,Mailing Zip/Postal Code,Mobile Phone,Website,Created Date\n');
  let seed = 1;
  const below = (limit) => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return seed % limit; };
  for (let at = 0; at < ROWS; at += 1) {
    const [f, l, c] = [first[below(10)], last[below(10)], company[below(6)]];
    const row = `${f.toLowerCase()}.${l.toLowerCase()}${at}@example${below(500)}.com,${f},${l},${c},Marketing Manager,Springfield,Germany,${10000 + below(80000)},+4917${String(10000000 + at)},https://example${below(500)}.com,2024-0${1 + below(9)}-1${below(9)}\n`;
    if (!out.write(row)) await new Promise((done) => out.once('drain', done));
  }
  await new Promise((done) => out.end(done));
}

await mkdir(target, { recursive: true });
await generate();
const megabytes = (await stat(file)).size / 1e6;
const browser = await browse();
let app = await browser.open();
const { page } = app;
page.setDefaultTimeout(300_000);
await page.evaluate(() => {
  window.long = [];
  new PerformanceObserver((list) => { for (const it of list.getEntries()) window.long.push(it.duration); }).observe({ type: 'longtask' });
});
await page.goto(`${browser.address}#/import`);
await page.locator('#file').setInputFiles(file);
let start = performance.now();
await page.getByRole('button', { name: 'Preview' }).click();
await page.getByRole('button', { name: 'Import Contacts' }).waitFor();
note(`preview of ${ROWS.toLocaleString('en')} rows, ${megabytes.toFixed(0)} MB (nothing written)`, performance.now() - start);
await page.evaluate(() => { window.long.length = 0; });
start = performance.now();
await page.getByRole('button', { name: 'Import Contacts' }).click();
await page.getByRole('button', { name: 'Done' }).waitFor();
note('import until deduplicated, counted and durable', performance.now() - start, `${(ROWS / (performance.now() - start) * 1000).toFixed(0)} rows/s`);
const long = await page.evaluate(() => window.long);
note('longest task of the page while importing', long.length ? Math.max(...long) : 0, `${long.filter((it) => it > 50).length} over 50 ms`);
await page.getByRole('button', { name: 'Done' }).click();
await app.rows();

// From the keystroke until the rows that fit are drawn.
const key = async (text) => page.evaluate(async (text) => {
  const field = document.querySelector('#search');
  const before = document.querySelector('.status-end').textContent;
  const start = performance.now();
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  while (document.querySelector('.status-end').textContent === before) await new Promise((done) => requestAnimationFrame(done));
  await new Promise((done) => requestAnimationFrame(done));
  return [performance.now() - start, document.querySelector('.status-end').textContent];
}, text);
const [cold, coldSaid] = await key('garcia');
note('first search (what is searched is made then)', cold, coldSaid);
const keys = [];
for (const text of ['gar', 'garci', 'tanaka', 'olga', 'contoso', 'svens', 'example49', '17765']) keys.push(await key(text));
note('further searches, keystroke until painted, median', median(keys.map((it) => it[0])), keys.map((it) => it[1].split('· ')[1]).join(' '));
await app.search('');
await app.rows();

const act = async (letter, text) => {
  await page.getByRole('grid').focus();
  await page.keyboard.press('Control+Home');
  return page.evaluate(async ([letter, text]) => {
    const start = performance.now();
    document.querySelector('[role=grid]').dispatchEvent(new KeyboardEvent('keydown', { key: letter, bubbles: true }));
    while (![...document.querySelectorAll('.toast')].some((it) => it.textContent.includes(text))) await new Promise((done) => requestAnimationFrame(done));
    return performance.now() - start;
  }, [letter, text]);
};
const acts = [];
for (let at = 0; at < 7; at += 1) {
  acts.push(await act('o', '1 contact opted out'));
  await page.keyboard.press('Control+z');
  await app.toast('Undone').waitFor();
  await page.locator('.toast-close').first().click();
  await page.waitForTimeout(100);
  while (await page.locator('.toast-close').count()) await page.locator('.toast-close').first().click();
}
note('one status change until durable and said, median of 7', median(acts));
await page.getByRole('grid').focus();
await page.keyboard.press('Control+a');
start = performance.now();
await app.selectionAction('Opt out');
await app.toast('contacts opted out').waitFor();
note(`the same on all ${ROWS.toLocaleString('en')} selected`, performance.now() - start);
start = performance.now();
await app.toast('contacts opted out').getByRole('button', { name: 'Undo' }).click();
await app.toast('Undone').waitFor();
note('undo of that', performance.now() - start);

const sorts = [];
for (const name of ['Email', 'Company']) {
  start = performance.now();
  const before = await page.locator('.status-end').textContent();
  await page.getByRole('columnheader', { name }).getByRole('button').click();
  await page.waitForFunction((before) => document.querySelector('.status-end').textContent !== before, before);
  sorts.push(performance.now() - start);
}
note('sort by a text column, cold, median', median(sorts));

for (let at = 0; at < 3; at += 1) {
  await page.goto('about:blank');
  start = performance.now();
  await page.goto(browser.address);
  await page.waitForFunction((rows) => [...document.querySelectorAll('.navigation-count')].some((it) => it.textContent === rows), ROWS.toLocaleString('en'));
  const counts = performance.now() - start;
  await app.ready();
  const everything = performance.now() - start;
  if (at === 2) {
    note('reopen until the counts are there', counts);
    note('reopen until everything is there', everything);
  }
}
const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
let size = 0;
for (const name of await readdir(dist)) size += gzipSync(await readFile(dist + name), { level: 9 }).length;
console.log(`the site over the wire, gzip: ${size} bytes`);
const machine = `${cpus()[0].model}, ${cpus().length} cores, Linux ${release()}, Chromium ${browser.context.browser()?.version() ?? ''}`;
console.log(machine);
await writeFile(`${target}figures.json`, JSON.stringify({ machine, date: new Date().toISOString(), rows: ROWS, megabytes, size, figures, wrong: browser.wrong }, null, 2));
if (browser.wrong.length) console.log(browser.wrong);
await browser.close();
await rm(file, { force: true });
