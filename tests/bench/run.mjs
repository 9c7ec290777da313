// Mailable beside what a person could use instead, on the same machine, the same file, in the same run:
//   node tests/bench/run.mjs [--rows 1000000] [--pairs 5] [--profile clean|quoted|messy] [--large] [--short]
// A pair is one sample of each side, one after the other, in the order A B B A; what counts is the ratio within a
// pair, and of the ratios the median with its interval. Samples are kept in target/bench/. `--short` takes 100,000 rows and fails when a
// ratio is worse than its generous bound: it is what `cargo xtask test` runs. `--large` imports 5,000,000 contacts too.
// No absolute time is ever a test.
import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { browse } from '../e2e/harness.mjs';
import { makeCounter, makeStatic, visitor } from './cold.mjs';
import { FRAME, painted as paintedIn, shape, sweep, typeWhileImporting } from './frames.mjs';
import { generate } from './generate.mjs';
import { keep, line, log, machine, markdown, median, pairs as pairsOf, percentile, samples, setCanary, table } from './measure.mjs';
import { memory, mostWhile } from './memory.mjs';
import { makePeers, openPeers, serveFolder } from './peers.mjs';
import { readAlone, readInItsPlace } from './reading.mjs';

const option = (name, otherwise) => { const at = process.argv.indexOf(`--${name}`); return at < 0 ? otherwise : process.argv[at + 1]; };
const short = process.argv.includes('--short');
const ROWS = Number(option('rows', short ? 100_000 : 1_000_000));
const PAIRS = Number(option('pairs', short ? 2 : 5));
const profile = option('profile', 'clean');
const here = dirname(fileURLToPath(import.meta.url));
const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const target = fileURLToPath(new URL('../../target/bench/', import.meta.url));
const pairs = (name, a, b, count = PAIRS) => pairsOf(name, a, b, count);

// ---- the peers' page ------------------------------------------------------------------------------------------------

const { folder, floors: hasFloors } = await makePeers(target);
const floors = hasFloors && !short;
if (!hasFloors && !short) console.log('The floors are not there, so nothing is held against them: run `cargo xtask bench`, which compiles them.');
const server = await serveFolder(folder);
const peersAddress = server.address;
const file = await generate(target, ROWS, profile);
const { size } = await stat(file);
const before = await machine();
console.log(`${ROWS.toLocaleString('en')} contacts, ${(size / 1e6).toFixed(0)} MB, ${profile}; ${cpus()[0].model}, ${cpus().length} cores, Linux ${release()}, load ${loadavg()[0].toFixed(1)}`);
const { browser: peersBrowser, page: peersPage, peer } = await openPeers(peersAddress, file);
if (!short) setCanary(() => peer('canary'));
/** The floors' own numbers; they live in the peers' page. */
const floor = (operation, argument) => peer('floor', operation, argument);
if (floors) await floor('open');

// ---- ours -----------------------------------------------------------------------------------------------------------

let ours;
/** What the engine measured last under a name: for how long, and when that began, in milliseconds since 1970. */
const measured = async (name) => {
  for (const worker of ours.page.workers()) {
    const it = await worker.evaluate((name) => {
      const all = performance.getEntriesByName(`mailable:${name}`);
      return all.length ? { ms: all.at(-1).duration, start: performance.timeOrigin + all.at(-1).startTime } : null;
    }, name).catch(() => null);
    if (it) return it;
  }
  throw new Error(`the engine measured no ${name}`);
};
const engine = async (name) => (await measured(name)).ms;
const engineStart = async (name) => (await measured(name)).start;

/** Everything before the click on Preview, with which the file is read. */
async function choose(list) {
  await ours.page.goto(`${ours.browser.address}#/import`);
  await ours.page.locator('#file').setInputFiles(list);
  await ours.page.getByRole('button', { name: 'Preview' }).waitFor();
}

/** How many rows a search finds, once the answer stands. */
async function counted(text) {
  await ours.app.search(text);
  await ours.page.waitForTimeout(150);
  return Number((await ours.page.locator('.status-end').textContent()).split(' ')[0].replaceAll(',', ''));
}

/** An import by hand: from the click on Preview to Done, without the time in which a person would look at the preview. Cold, it is the first one of a new profile in a new browser; warm, one more in the browser of the last one, with nobody in it again. It stays open. */
async function importIt({ list = file, rows = ROWS, warm = false } = {}) {
  if (warm) {
    const { page, browser } = ours;
    await page.goto('about:blank');
    const session = await browser.context.newCDPSession(page);
    await session.send('Storage.clearDataForOrigin', { origin: new URL(browser.address).origin, storageTypes: 'indexeddb' });
    await session.detach();
    await page.goto(browser.address);
    await ours.app.ready();
  } else {
    await ours?.browser.close();
    const browser = await browse();
    const app = await browser.open();
    ours = { browser, app, page: app.page };
    app.page.setDefaultTimeout(60_000);
  }
  const { app, page } = ours;
  await page.evaluate(() => { window.long = []; new PerformanceObserver((list) => { for (const it of list.getEntries()) window.long.push(it.duration); }).observe({ type: 'longtask' }); });
  await choose(list);
  const [took, second] = await page.evaluate(async () => {
    window.long.length = 0;
    const named = (text) => [...document.querySelectorAll('button')].find((it) => it.textContent.trim() === text);
    // Told by the page, not asked for again and again: two cores are busy.
    const button = (text) => new Promise((there) => {
      const look = (observer) => {
        if (!named(text)) return false;
        observer?.disconnect();
        there(named(text));
        return true;
      };
      if (!look()) new MutationObserver((_, observer) => look(observer)).observe(document.body, { childList: true, subtree: true });
    });
    const start = performance.now();
    named('Preview').click();
    const go = await button('Import Contacts');
    const previewed = performance.now();
    go.click();
    await button('Done');
    return [performance.now() - start, performance.now() - previewed];
  });
  keep('import: of this, the click on Import Contacts to Done', second);
  const long = await page.evaluate(() => Math.max(0, ...window.long));
  keep('longest task of the page while importing', long);
  await page.getByRole('button', { name: 'Done' }).click();
  await app.rows();
  assert.equal(Number(await app.count('All Contacts')), rows, 'every row arrived');
  return took;
}

/** Our page as after a reload, with its first rows; `up` brings it up. */
async function afresh(up = () => ours.page.goto(`${ours.browser.address}#/contacts`)) {
  await ours.page.goto('about:blank');
  await up();
  await ours.app.ready();
  await ours.app.rows();
}

/** From an event on our page until what it changes is painted. */
const painted = (act, argument) => paintedIn(ours.page, act, argument);

// ---- import -----------------------------------------------------------------------------------------------------------

const cold = () => importIt();
const warm = () => importIt({ warm: true });
/** What an operation of the peers takes, in their browser or in a new one; it must find as many rows as we do. */
const rowsBy = async (peer, operation) => {
  const it = await peer(operation);
  assert.equal(it.said, ROWS, `${operation} has as many rows`);
  return it.ms;
};
const inNewBrowser = async (work) => {
  const fresh = await openPeers(peersAddress, file);
  try {
    return await work(fresh.peer);
  } finally {
    await fresh.browser.close();
  }
};
const few = short ? 1 : PAIRS;
// Like with like: a first import in a new browser beside the peer's first in a new browser, a later one beside a later one.
const besidePapa = [line('import: file to deduplicated, counted and durable; first', 'Papa Parse, bare parse, first', await pairs('import, papa, cold', cold, () => inNewBrowser((peer) => rowsBy(peer, 'papaParse'))), { must: 1, bound: 0.2 })];
await rowsBy(peer, 'papaParse');
besidePapa.push(line('import: the same; later', 'Papa Parse, later', await pairs('import, papa, warm', warm, () => rowsBy(peer, 'papaParse'), few), { must: 1, bound: 0.2 }));
await rowsBy(peer, 'udsvParse');
line('import: the same; later', 'uDSV, bare parse, later', await pairs('import, udsv', warm, () => rowsBy(peer, 'udsvParse'), few));
const besideDuck = [line('import: the same; first', 'DuckDB-WASM read_csv, in memory, first', await pairs('import, duckdb, cold', cold, () => inNewBrowser(async (peer) => {
  await peer('duckOpen');
  return rowsBy(peer, 'duckImport');
}), few), { must: 1.25, bound: 0.15 })];
await peer('duckOpen');
await rowsBy(peer, 'duckImport');
besideDuck.push(line('import: the same; later', 'DuckDB-WASM read_csv, later', await pairs('import, duckdb, warm', warm, () => rowsBy(peer, 'duckImport'), few), { must: 1.25, bound: 0.15 }));
// In a browser of its own, so that what it takes is not taken for DuckDB's.
const light = await openPeers(peersAddress, file);
const sqliteVersion = (await light.peer('sqlite', 'open')).said;
const filled = await light.peer('sqlite', 'import');
assert.equal(filled.said, ROWS, 'SQLite has as many rows');
line('import: the same; first', `SQLite-wasm ${sqliteVersion}, in memory, one transaction`, [keep('import: sqlite', filled.ms) / median(samples['import, duckdb, cold: ours'])]);
if (floors) {
  const ways = {};
  const least = async (floor) => {
    const [read, scan] = [await floor('read'), await floor('scan')];
    assert.equal(scan.said.records, ROWS + 1, 'the scan finds as many records, and the header');
    Object.assign(ways, read.said);
    keep('floor: reading, slices of 4 MiB', read.ms);
    keep('floor: csv-core, no output kept', scan.ms);
    return read.ms + scan.ms;
  };
  const leastCold = () => inNewBrowser(async (peer) => {
    const floor = (operation, argument) => peer('floor', operation, argument);
    await floor('open');
    return least(floor);
  });
  for (const [heat, ourWay, theirWay, beside] of [['first', cold, leastCold, 0], ['later', warm, () => least(floor), 1]]) {
    const ratios = await pairs(`import, read and scan, ${heat}`, ourWay, theirWay);
    line(`import: the same; ${heat}`, 'reading and csv-core scanning the same bytes', ratios.map((it) => 1 / it), { must: 1.8, floor: true });
    const floorMs = median(samples[`import, read and scan, ${heat}: theirs`]);
    for (const [row, name] of [[besidePapa[beside], 'papa'], [besideDuck[beside], 'duckdb']]) {
      row.proof = `reading and scanning alone: ${(median(samples[`import, ${name}, ${beside ? 'warm' : 'cold'}: theirs`]) / floorMs).toFixed(2)}`;
    }
  }
  keep('floor: reading by FileReaderSync', ways.sync);
  keep('floor: reading by arrayBuffer', ways.async);
}
line('page while importing: longest task of all', '50 ms', [Math.max(...samples['longest task of the page while importing']) / 50], { must: 1, floor: true });

// ---- search -----------------------------------------------------------------------------------------------------------

await ours.page.waitForTimeout(1500);
const words = ['garcia', 'tanaka', 'contoso', 'example49', 'olga', '17765'];
const searched = { engine: [], painted: [], duck: [], sqlite: [], bare: [] };
// Email, First Name, Last Name, Company, Mobile Phone.
const SEARCHED = [0, 1, 2, 3, 8];
if (floors) keep('floor: searched text, MB', (await floor('texts', SEARCHED)).said / 1e6);
for (const [at, word] of (short ? words.slice(0, 3) : words).entries()) {
  const [ms, count] = await painted('search', word);
  searched.painted.push(keep('search: painted', ms));
  searched.engine.push(keep(`search: engine, ${at ? 'warm' : 'first word'}`, await engine('window')));
  const duck = await peer('duckSearch', word);
  assert.equal(count, duck.said, `both find as many for ${word}`);
  searched.duck.push(keep(`search: duckdb, ${at ? 'warm' : 'first word'}`, duck.ms));
  const sqlite = await light.peer('sqlite', 'search', word);
  assert.equal(count, sqlite.said, `SQLite finds as many for ${word}`);
  searched.sqlite.push(keep(`search: sqlite, ${at ? 'warm' : 'first word'}`, sqlite.ms));
  if (floors) {
    const bare = await floor('find', word);
    assert.ok(bare.said >= count, `memmem finds ${word} at least once in each row that has it`);
    searched.bare.push(keep('floor: bare memmem', bare.ms));
  }
}
const beside = (of) => of.map((it, at) => it / searched.engine[at]);
line('search over address, names, company, phone: engine', 'DuckDB-WASM ilike on the same columns', beside(searched.duck), { must: 10, bound: 1 });
line('search: the same', 'SQLite-wasm like on the same columns', beside(searched.sqlite));
if (floors) line('search: the same', 'a bare memmem over the same bytes', beside(searched.bare).map((it) => 1 / it), { must: 3, floor: true });
const searchPainted = line('search: key to paint, in frames of 16.7 ms', '2', searched.painted.map((it) => it / FRAME), { must: 2, floor: true });
await painted('search', '');

/** What a key takes at least while a file is read, and a click on a column, as proofs for what is measured later. */
let whileScanned = '';
let flipFloor = '';
const flips = [];

// ---- memory and scrolling ---------------------------------------------------------------------------------------------

if (!short) {
  const alone = await browse({ address: peersAddress });
  const page = alone.context.pages()[0];
  await page.goto(`${peersAddress}empty.html`);
  const empty = keep('memory: empty page, MB', await memory(alone) / 1e6);
  page.setDefaultTimeout(600_000);
  await page.goto(`${peersAddress}grid.html`);
  await page.locator('#file').setInputFiles(file);
  await page.waitForFunction(() => window.grid);
  assert.equal(await page.evaluate(() => window.grid.load()), ROWS, 'AG Grid shows as many rows');
  const theirSort = keep('sort by Company: AG Grid, painted', await page.evaluate(() => window.grid.sort('Company')));
  const theirSweep = await sweep(page, alone.context, '#grid *');
  const grid = keep('memory: AG Grid, MB', await memory(alone) / 1e6);
  const duck = keep('memory: DuckDB, MB', await memory(peersBrowser) / 1e6);

  // As after a reload: what an import leaves behind is not what a day's work needs.
  await afresh();
  await ours.page.waitForTimeout(3000);
  const [ourSort] = await painted('sort', 'Company');
  line('sort by Company: click to paint', 'AG Grid Community', [theirSort / keep('sort by Company: painted', ourSort)], { must: 12 });
  const [flip] = await painted('sort', 'Company');
  flips.push(keep('flip of a sort: painted', flip));
  const ourShape = await shape(ours.page);
  const ourSweep = await sweep(ours.page, ours.browser.context, '.grid-pane');
  const mine = keep('memory: Mailable, loaded and sorted, MB', await memory(ours.browser) / 1e6);
  line('memory over an empty page, loaded and sorted', 'DuckDB-WASM with the same table', [(mine - empty) / (duck - empty)], { must: 0.6, floor: true });
  line('memory over an empty page, loaded and sorted', 'AG Grid Community', [(mine - empty) / (grid - empty)], { must: 0.45, floor: true });
  // What a contact takes is what is more than our page takes with nobody in it, and all of its program loaded.
  const nobody = await browse();
  await (await nobody.open()).ready();
  await new Promise((done) => setTimeout(done, 2000));
  const fixed = keep('memory: Mailable with nobody in it, MB', await memory(nobody) / 1e6);
  await nobody.close();
  line('memory: bytes a contact, loaded and sorted', '170', [(mine - fixed) * 1e6 / ROWS / 170], { must: 1, floor: true });
  // The floor of a frame: as many text nodes rewritten in a page with nothing else.
  await page.goto(`${peersAddress}bare.html`);
  await page.evaluate(([it, rows]) => window.bare(it, rows), [ourShape, ROWS]);
  const bareSweep = await sweep(page, alone.context, '#pane');
  if (floors) {
    // The floors of a key and of a click: a worker that only compares the bytes, or does nothing, and those text nodes.
    await page.locator('#file').setInputFiles(file);
    await page.evaluate((columns) => window.bareOpen(columns), SEARCHED);
    const bare = async (name, words) => {
      for (const word of words) {
        await page.waitForTimeout(200);
        keep(name, await page.evaluate((word) => window.barePainted(word), word));
      }
      return median(samples[name]) / FRAME;
    };
    searchPainted.proof = `memmem alone, into a bare table: ${(await bare('floor: key to paint of memmem and a bare table', [...words, ...words])).toFixed(2)}`;
    flipFloor = `a worker that does nothing, and a bare table: ${(await bare('floor: click to paint of a bare table', Array(12).fill(''))).toFixed(2)}`;
    const keys = [];
    for (let round = 0; round < 12 && keys.length < 60; round += 1) keys.push(...await page.evaluate((words) => window.bareWhileScanning(words), words));
    for (const it of keys) keep('floor: the same while the file is scanned', it);
    whileScanned = `memmem alone, into a bare table, while the file is only scanned: ${(percentile(keys, 0.98) / FRAME).toFixed(2)}`;
  }
  await alone.close();
  for (const [name, it] of [['', ourSweep], [' of AG Grid', theirSweep], [' of a bare table', bareSweep]]) {
    keep(`scrolling through all: worst frame${name}`, it.worst);
    keep(`scrolling through all: slow frames${name}, %`, it.slow);
    keep(`scrolling through all: work${name}`, it.cpu);
  }
  line('scrolling through all: worst frame', '25 ms', [ourSweep.worst / 25], { must: 1, floor: true, proof: `a bare table of text nodes: ${(bareSweep.worst / 25).toFixed(2)}` });
  line('scrolling through all: frames over 17 ms, %', '1 %', [ourSweep.slow], { must: 1, floor: true, proof: `a bare table of text nodes: ${bareSweep.slow.toFixed(1)} %` });
  line('scrolling through all: worst frame', 'a bare table of text nodes', [ourSweep.worst / bareSweep.worst]);
  line('scrolling through all: slow frames', 'a bare table of text nodes', [ourSweep.slow / Math.max(bareSweep.slow, 100 / 240)]);
  line('scrolling through all: work of the main thread', 'AG Grid Community', [ourSweep.cpu / theirSweep.cpu], { must: 0.5, floor: true });
  line('scrolling through all: work of the main thread', 'a bare table of text nodes', [ourSweep.cpu / bareSweep.cpu]);
  await afresh();
  await ours.page.waitForTimeout(3000);
}

// ---- sort -------------------------------------------------------------------------------------------------------------

{
  const sorts = { Company: [], Email: [] };
  // Each the first one after a reload.
  for (let at = 0; at < (short ? 1 : 3); at += 1) {
    if (at) {
      await afresh();
      await ours.page.waitForTimeout(3000);
    }
    for (const [column, ratios] of Object.entries(sorts)) {
      await painted('sort', column);
      const mine = keep(`sort by ${column}: engine`, await engine('window'));
      const it = await peer('duckSort', column);
      ratios.push(keep(`sort by ${column}: duckdb`, it.ms) / mine);
      if (column === 'Company') flips.push(keep('flip of a sort: painted', (await painted('sort', column))[0]));
    }
  }
  for (const [column, ratios] of Object.entries(sorts)) line(`cold sort by ${column}: engine`, 'DuckDB-WASM, first page of order by', ratios, { must: 3, bound: 0.03 });
  line('flip of a sort: click to paint, in frames', '2', flips.map((it) => it / FRAME), { must: 2, floor: true, proof: flipFloor });
}

// ---- changes ----------------------------------------------------------------------------------------------------------

await ours.page.goto(`${ours.browser.address}#/contacts`);
await ours.app.rows();
const closeToasts = async () => { while (await ours.page.locator('.toast-close').count()) await ours.page.locator('.toast-close').first().click(); };
// A put by a key too, one after each of ours: in a page where nobody presses a key it takes less, and so would ours.
await peer('putByKey', 200);
const changed = [];
const byKey = [];
for (let at = 0; at < (short ? 3 : 7); at += 1) {
  await peersPage.waitForTimeout(500);
  await peersPage.keyboard.press('o');
  byKey.push(keep('one change: bare strict put by a key', Number.parseFloat(await peersPage.locator('output', { hasText: 'ms' }).textContent())));
  await ours.page.getByRole('grid').focus();
  await ours.page.keyboard.press('Control+Home');
  // A key on a row that is still on its way does nothing.
  await ours.page.waitForTimeout(500);
  await ours.app.rows();
  await ours.page.keyboard.press('o');
  await ours.app.toast('1 contact opted out').waitFor();
  changed.push(keep('one change: engine', await engine('perform')));
  await ours.page.keyboard.press('Control+z');
  await ours.app.toast('Undone').waitFor();
  await closeToasts();
}
await peer('putRaw', 4);
// After a pause each, as a person's changes come: what is measured is then as cold as ours.
const small = await peer('putSmall', [200, 500]);
keep('one change: bare strict put', small.ms);
line('one status change, durable: engine', 'a bare strict put of 200 bytes, by a key as well', changed.map((it, at) => it / byKey[at]), { must: 2, floor: true });
line('one status change, durable: engine', 'the same in a page that does nothing else', [median(changed) / small.ms]);
const optOutAll = async () => {
  await closeToasts();
  await ours.page.getByRole('grid').focus();
  await ours.page.keyboard.press('Control+a');
  await ours.app.selectionAction('Opt out');
  // What is measured begins with the click that means it.
  await ours.app.goOn('Opt out');
  await ours.app.toast('contacts opted out').waitFor();
  return keep('all selected: engine', await engine('perform'));
};
const undoAll = async () => {
  await closeToasts();
  await ours.page.getByRole('grid').focus();
  await ours.page.keyboard.press('Control+z');
  await ours.app.toast('Undone').waitFor();
  return keep('all undone: engine', await engine('undo'));
};
const [outs, undone] = [[await optOutAll()], []];
const large = await peer('putSmall', [Math.ceil(ROWS / 8), 500]);
keep('all selected: bare strict put', large.ms);
const update = await light.peer('sqlite', 'update', 'opted out');
assert.equal(update.said, ROWS, 'SQLite changes as many rows');
keep('all selected: sqlite update, in memory', update.ms);

// ---- segments ---------------------------------------------------------------------------------------------------------

// While everyone is in Opt-Outs: the longest list there can be. Its count was there before it was opened.
await peer('duckStatuses', ROWS);
const opened = { engine: [], duck: [] };
for (let at = 0; at < (short ? 3 : 7); at += 1) {
  const asked = await engineStart('window');
  await ours.app.go('Opt-Outs');
  await ours.page.waitForFunction((rows) => document.querySelector('.status-end').textContent.startsWith(`${rows} rows`), ROWS.toLocaleString('en'));
  assert.ok(await engineStart('window') > asked, 'the engine was asked for the list');
  // The clock has steps of 0.1 ms; what is faster is called that.
  opened.engine.push(keep('opening a segment with everyone: engine', Math.max(0.1, await engine('window'))));
  const groups = await peer('duckGroups');
  assert.equal(groups.said, 8, 'DuckDB counts every status');
  opened.duck.push(keep('counts by status: duckdb', groups.ms));
  await ours.app.go('All Contacts');
  await ours.app.rows();
}
assert.equal(Number(await ours.app.count('Opt-Outs')), ROWS, 'everyone has opted out');
line('opening a segment with everyone in it, its count kept: engine', 'DuckDB-WASM count(*) group by status', opened.duck.map((it, at) => it / opened.engine[at]), { must: 50, proof: `one step of the clock, 0.1 ms: ${(median(opened.duck) / 0.1).toFixed(0)}` });
keep('counts by status: sqlite', (await light.peer('sqlite', 'groups')).ms);
await light.browser.close();
undone.push(await undoAll());

// ---- live counts, and whom a message reaches ----------------------------------------------------------------------------

{
  const { page, app, browser } = ours;
  await page.goto(`${browser.address}#/contacts`);
  await app.rows();
  await page.getByRole('button', { name: /^Filter/ }).click();
  await page.getByRole('combobox', { name: 'Condition', exact: true }).waitFor();
  const live = [];
  // What is counted changes with each.
  for (const text of ['domain:example49.com', 'last-name=garcia', 'last-name=garcia domain:example49.com', '(first-name=olga or last-name=garcia) -domain:example7.com', '-status:none', 'status:none']) {
    const [ms] = await painted('condition', text);
    live.push(keep('condition: key to count painted', ms));
    keep('condition: engine', await engine('window'));
  }
  line('count of a condition while it is typed: key to paint, in frames', '2', live.map((it) => it / FRAME), { must: 2, floor: true });
  await page.getByRole('combobox', { name: 'Condition', exact: true }).fill('');
  await page.goto(`${browser.address}#/messages`);
  await page.getByRole('button', { name: 'New message' }).first().click();
  await page.getByRole('button', { name: 'Add source', exact: true }).click();
  await page.getByRole('menuitem', { name: 'All Contacts', exact: true }).click();
  await page.getByRole('table', { name: 'Who gets it, and who is left out' }).waitFor();
  const falls = [];
  for (const kind of ['transactional', 'marketing', 'transactional', 'marketing']) {
    const asked = await engineStart('waterfall');
    await page.getByLabel('Kind').selectOption(kind);
    while (await engineStart('waterfall') === asked) await page.waitForTimeout(20);
    falls.push(keep('waterfall: engine', await engine('waterfall')));
  }
  line('waterfall of a message to everyone: engine, in frames', '2', falls.map((it) => it / FRAME), { must: 2, floor: true });
  // The draft goes again: what comes after counts acts of its own.
  await page.goto(`${browser.address}#/contacts`);
  await app.rows();
}

// ---- cancel -----------------------------------------------------------------------------------------------------------

if (!short) {
  const { page } = ours;
  await choose(file);
  const cancelled = await page.evaluate(async (after) => {
    const named = (text) => [...document.querySelectorAll('button')].find((it) => it.textContent.trim() === text);
    named('Preview').click();
    await new Promise((done) => setTimeout(done, after));
    const button = document.querySelector('.page-body progress').closest('.page-body').querySelector('button');
    const start = performance.now();
    button.click();
    while (button.isConnected) await new Promise((done) => setTimeout(done, 2));
    return performance.now() - start;
    // In the middle of it, also when there are fewer rows.
  }, Math.min(700, ROWS * 0.0007));
  line('cancelling an import: click to answer', '200 ms', [keep('cancel: answered', cancelled) / 200], { must: 1, floor: true });
  await page.goto(`${ours.browser.address}#/contacts`);
  assert.equal(Number(await ours.app.count('All Contacts')), ROWS, 'a cancelled import changes nothing');
}

// ---- export -----------------------------------------------------------------------------------------------------------

// In the order of the table, as the peers have it.
await afresh();
const [download] = await Promise.all([ours.page.waitForEvent('download'), ours.page.getByRole('button', { name: 'Export' }).first().click()]);
const text = await readFile(await download.path());
assert.equal(text.toString('utf8').split('\r\n').length - 2, ROWS, 'every row is exported');
const mine = keep('export: engine', await engine('export'));
const unparse = await peer('papaUnparse');
keep('export: papa', unparse.ms);
const exports = [line('CSV export of all rows', 'Papa Parse unparse', [unparse.ms / mine], { must: 5, bound: 0.5 })];
line('CSV export of all rows', 'csv42 json2csv', [keep('export: csv42', (await peer('csv42')).ms) / mine]);
if (!short) {
  const copy = await peer('duckExport');
  keep('export: duckdb', copy.ms);
  exports.push(line('CSV export of all rows', 'DuckDB-WASM copy to a buffer', [copy.ms / mine], { must: 10 }));
}
if (floors) {
  const blobs = [];
  for (let at = 0; at < 5; at += 1) blobs.push(keep('floor: a Blob of as many bytes', (await floor('blob', text.length)).ms));
  line('CSV export of all rows', 'a Blob of as many bytes that were ready', [mine / median(blobs)], { floor: true });
  for (const it of exports) it.proof = `a Blob of ready bytes alone: ${(it.middle * mine / median(blobs)).toFixed(2)}`;
}

// ---- reopen -----------------------------------------------------------------------------------------------------------

/** Our own values, read by the shortest way there is. */
const rawOwn = async () => {
  const { ms, bytes } = await readAlone(ours.browser, ours.page);
  stored = bytes;
  return ms;
};
let stored = 0;
// Told by the page itself: when the counts stand in the navigation, and when the first rows are in the table.
await ours.page.addInitScript(() => {
  new MutationObserver((_, observer) => {
    if (window.counts === undefined && document.querySelector('.navigation-count')?.textContent) window.counts = performance.timeOrigin + performance.now();
    const row = document.querySelector('.grid-row:not([hidden]):not([data-waiting])');
    if (!row?.querySelector('.cell:nth-child(2)')?.textContent) return;
    window.firstRows = performance.timeOrigin + performance.now();
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
});
const early = { counts: [], rows: [], ready: [] };
/** Our page from its start on, as it comes up when nobody looks: what asks it anything then takes the processor from it. */
const quietly = async () => {
  await ours.page.goto(`${ours.browser.address}#/contacts`, { waitUntil: 'commit' });
  await ours.page.waitForTimeout(short ? 1_000 : 2_000);
};
const reopened = async () => {
  await afresh(quietly);
  const everything = await engine('open');
  const start = await engineStart('open');
  // Before the data is opened the page and the program have to arrive; that is the first visit's to answer for.
  const [counts, rows] = await ours.page.evaluate(() => [window.counts, window.firstRows]);
  const first = await engine('first').catch(() => null);
  if (first !== null) early.ready.push(keep('reopen: first rows ready, engine', first) / everything);
  early.counts.push(keep('reopen: counts shown, from the start of opening', counts - start) / everything);
  early.rows.push(keep('reopen: first rows shown, from the start of opening', rows - start) / everything);
  return everything;
};
const reopen = (await pairs('reopen', reopened, rawOwn, short ? 1 : 5)).map((it) => 1 / it);
const same = `${Math.round(stored / 1e6)} MB`;
const everything = line('reopen until everything can be searched: engine', `reading the same ${same} raw from IndexedDB`, reopen, { must: 2, floor: true });
if (!short) {
  // The same reading where the engine does it: beside a page that starts.
  const inItsPlace = async () => (await readInItsPlace(ours.browser, ours.page, quietly, measured)).ms;
  const besideAlone = (await pairs('reading in its place', inItsPlace, rawOwn, 5)).map((it) => 1 / it);
  everything.proof = `a worker that only reads, of a page that starts: ${median(besideAlone).toFixed(2)}`;
  line('reopen until everything can be searched: engine', `reading the same ${same} by a worker while the page starts`, (await pairs('reopen, beside reading in its place', reopened, inItsPlace, 5)).map((it) => 1 / it), { floor: true });
}
if (early.ready.length) line('reopen: first rows and all counts ready: engine', 'everything searchable', early.ready, { must: 0.15, floor: true });
line('reopen: from the start of opening to counts shown', 'to everything searchable', early.counts, { must: 0.15, floor: true });
line('reopen: from the start of opening to first rows shown', 'to everything searchable', early.rows, { must: 0.15, floor: true });
await reopened();
assert.equal(Number(await ours.app.count('All Contacts')), ROWS, 'every row is there again');

// ---- storing row by row -----------------------------------------------------------------------------------------------

const some = short ? 20_000 : 100_000;
const dexie = await peer('dexie', some);
assert.equal(dexie.said, some);
keep('dexie: rows a second', some / dexie.ms * 1000);
line('durable rows a second, the whole import', `Dexie bulkPut, ${some.toLocaleString('en')} rows`, [(ROWS / median(samples['import, papa, cold: ours'])) / (some / dexie.ms)], { must: 20, bound: 2 });

// ---- changes of everyone, again ---------------------------------------------------------------------------------------

// Not before reopening: what is in the journal is done again then, and nobody changes everyone ten times before.
await ours.app.rows();
for (let at = 1; at < (short ? 1 : 5); at += 1) {
  outs.push(await optOutAll());
  undone.push(await undoAll());
}
line('all selected opted out, durable: engine', 'a bare strict put of a bit a row', outs.map((it) => it / large.ms), { must: 4, floor: true });
line('all selected opted out, durable: engine', 'one SQLite update statement, in memory', outs.map((it) => update.ms / it));
line('undo of all opted out, durable: engine', 'a bare strict put of a bit a row', undone.map((it) => it / large.ms), { must: 4, floor: true });

// ---- the page while an import runs ------------------------------------------------------------------------------------

if (!short) {
  // Other people, so that there is something to write. What is read and stored for a preview is all of an import but
  // its last step.
  const others = await generate(target, ROWS, profile, ROWS);
  await ours.page.goto(`${ours.browser.address}#/contacts`);
  await ours.app.rows();
  const texts = [];
  for (const text of ['1', '17', '177', '1776', '17765', '1776', '177', 'o', 'ol', 'olg', 'ol', 'f', 'fa', 'fab', 'fa', 'f', 'c', 'co', 'con']) {
    // What does not change the count cannot be seen to have come.
    const count = await counted(text);
    if (texts.at(-1)?.[1] !== count) texts.push([text, count]);
  }
  if (texts[0][1] === texts.at(-1)[1]) texts.pop();
  const keys = [];
  let longest = 0;
  for (let round = 0; round < 8 && keys.length < 60; round += 1) {
    await counted('');
    await choose(others);
    await ours.page.getByRole('button', { name: 'Preview' }).click();
    await ours.app.go('All Contacts');
    const { took, lost, long } = await typeWhileImporting(ours.page, texts);
    longest = Math.max(longest, long);
    assert.ok(lost <= 1, `while an import runs a search answers from the last committed state: ${lost} keys never saw their count`);
    keys.push(...took);
    assert.equal(Number(await ours.app.count('All Contacts')), ROWS, 'a preview changes nothing');
  }
  assert.ok(keys.length, 'an import runs for longer than a key takes');
  for (const it of keys) keep('page while importing: key to paint', it);
  line(`page while importing: key to paint, p98 of ${keys.length}, in frames`, '6', [percentile(keys, 0.98) / FRAME], { must: 6, floor: true, proof: whileScanned });
  line('page while importing and searching: longest task of all', '50 ms', [keep('longest task of the page while importing and searching', longest) / 50], { must: 1, floor: true });
}

// ---- the first visit --------------------------------------------------------------------------------------------------

if (!short) {
  await makeStatic(dist, join(target, 'static'));
  const [site, bare] = [await visitor(dist, 'site'), await visitor(join(target, 'static'), 'static page')];
  const visits = Math.max(PAIRS, 9);
  line('first paint, cold', 'the same bytes, of which nothing runs', (await pairs('first paint', site.paint, bare.paint, visits)).map((it) => 1 / it), { must: 1.15, floor: true });
  if (await makeCounter(join(target, 'counter'))) {
    const counter = await visitor(join(target, 'counter'), 'counter');
    const clicked = line('interactive, cold: a click on a link is answered', 'a bare Leptos page with one button, clicked', (await pairs('interactive', site.interactive, counter.interactive, visits)).map((it) => 1 / it), { must: 1.6, floor: true });
    const theirs = median(log.filter((it) => it.name === 'interactive').map((it) => it.theirs));
    clicked.proof = `until the program is there and nothing of it has run: ${(median(samples['interactive: site instantiated']) / theirs).toFixed(2)}`;
    // A page that keeps nothing has nothing to open.
    line('the same, and the data is open', 'a bare Leptos page with one button, clicked', samples['interactive: site opened'].map((it, at) => it / samples['interactive: counter opened'][at]));
    await counter.close();
  }
  await site.close();
  await bare.close();
}

// ---- five times as many -----------------------------------------------------------------------------------------------

if (process.argv.includes('--large')) {
  const large = await generate(target, 5 * ROWS, profile);
  const [took, most] = await mostWhile(() => ours.browser, () => importIt({ list: large, rows: 5 * ROWS }));
  keep('import of five times as many', took);
  line('import of five times as many: time a row', 'of as many', [took / 5 / median(samples['import, papa, cold: ours'])], { must: 1.3, floor: true });
  line('import of five times as many: most memory of the page', '1.4 GiB', [keep('import of five times as many: most memory, MB', most / 1e6) * 1e6 / (1.4 * 2 ** 30)], { must: 1, floor: true });
}

// ---- size -------------------------------------------------------------------------------------------------------------

/** A folder's files over the wire, in bytes: those that a first visit loads (`first.spec.mjs` sees that it loads no others), or all. */
const wire = async (folder, wanted = () => true) => {
  const names = (await readdir(folder).catch(() => [])).filter((it) => !it.startsWith('_') && !it.startsWith('.') && wanted(it));
  return (await Promise.all(names.map(async (name) => gzipSync(await readFile(join(folder, name)), { level: 9 }).length))).reduce((sum, it) => sum + it, 0);
};
const smallest = await wire(join(target, 'counter'));
line('first visit over the wire, gzip', '300 kB', [keep('first visit over the wire, kB', await wire(dist, (it) => !it.includes('_rest-')) / 1000) / 300], { must: 1, floor: true, proof: smallest ? `a bare Leptos page with one button: ${(smallest / 300_000).toFixed(2)}` : '' });
line('the site over the wire, with all that comes once something is done, gzip', '300 kB', [keep('site over the wire, kB', await wire(dist) / 1000) / 300], { floor: true });

// ---- what is written --------------------------------------------------------------------------------------------------

const version = ours.browser.context.browser()?.version() ?? await ours.page.evaluate(() => navigator.userAgentData?.brands.map((it) => `${it.brand} ${it.version}`).join(', ') ?? '');
const named = `${cpus()[0].model}, ${cpus().length} cores, Linux ${release()}, Chromium ${version}`;
const wrong = [...ours.browser.wrong];
await ours.browser.close();
await peersBrowser.close();
await server.close();
const date = new Date().toISOString();
await writeFile(join(target, `${date.slice(0, 10)}-${ROWS}-${profile}.json`), JSON.stringify({ machine: named, date, rows: ROWS, bytes: size, profile, samples, pairs: log, before, after: await machine(), table, wrong }, null, 2));
const sentence = `${(size / 1e6).toFixed(0)} MB, ${profile}; ${named}; ${PAIRS} pairs. Times how long the peer takes (≥), or how long we take against a floor (≤). Samples are milliseconds unless they say otherwise. Made by \`cargo xtask bench\`.`;
const results = markdown(`${ROWS.toLocaleString('en')} contacts beside the peers, ${date.slice(0, 10)}`, sentence);
await writeFile(join(target, 'results.md'), results);
// The table that is kept is the one of the goals.
if (ROWS >= 1_000_000) await writeFile(join(here, `results-${profile}.md`), results);
assert.deepEqual(wrong, [], 'nothing went wrong on the way');
const missed = table.filter((it) => it.met === 'missed');
if (!short) console.log(`${table.filter((it) => it.met).length - missed.length} goals met, ${missed.length} missed:${missed.map((it) => `\n  ${it.what} beside ${it.peer}: ${it.middle.toFixed(2)}, goal ${it.floor ? '≤' : '≥'} ${it.must}${it.proof && `; ${it.proof}`}`).join('')}`);
const broken = table.filter((it) => short && it.bound !== undefined && it.middle < it.bound);
for (const it of broken) console.log(`not ok: ${it.what} beside ${it.peer}: ${it.middle.toFixed(2)}, bound ${it.bound}`);
process.exit(broken.length ? 1 : 0);
