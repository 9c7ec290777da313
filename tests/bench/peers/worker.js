// What the peers and the floors do away from the page.
import Papa from 'papaparse';
import { json2csv } from 'csv42';
import { eachRow } from './rows.js';

const open = () => new Promise((done, failed) => {
  const request = indexedDB.open('floor', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('it');
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error);
});
const complete = (transaction) => new Promise((done, failed) => { transaction.oncomplete = done; transaction.onabort = () => failed(transaction.error); });
let kept;
const VALUE = 4 << 20;
// Letters, not zeros: the browser compresses values.
const letters = (bytes) => { const value = new Uint8Array(bytes); let state = 7; for (let at = 0; at < bytes; at += 1) { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; value[at] = 97 + (state >>> 28); } return value; };

const operations = {
  papaParse: (file) => new Promise((done) => { let rows = -1; Papa.parse(file, { chunk: (it) => { rows += it.data.length - (it.data.at(-1)?.length === 1 && it.data.at(-1)[0] === '' ? 1 : 0); }, complete: () => done(rows) }); }),
  udsvParse: (file) => eachRow(file, () => {}),
  async papaUnparse(file) {
    const rows = await new Promise((done) => Papa.parse(file, { complete: (it) => done(it.data) }));
    const start = performance.now();
    // In pieces: one string of a million rows is longer than a string can be.
    const parts = [];
    for (let at = 0; at < rows.length; at += 50_000) parts.push(Papa.unparse(rows.slice(at, at + 50_000), { quotes: true }));
    const blob = new Blob(parts);
    return { ms: performance.now() - start, said: blob.size };
  },
  async csv42(file) {
    const rows = await new Promise((done) => Papa.parse(file, { skipEmptyLines: true, complete: (it) => done(it.data) }));
    const names = rows.shift();
    const start = performance.now();
    const fields = names.map((name, at) => ({ name, getValue: (row) => row[at] }));
    // Everything quoted, as our spreadsheet files and Papa's are here.
    const formatValue = (value) => `"${value.replaceAll('"', '""')}"`;
    const parts = [];
    for (let at = 0; at < rows.length; at += 50_000) parts.push(json2csv(rows.slice(at, at + 50_000), { header: at === 0, fields, formatValue }));
    const blob = new Blob(parts);
    return { ms: performance.now() - start, said: blob.size };
  },
  async putRaw(_, megabytes) {
    const database = await open();
    const value = letters(VALUE);
    const start = performance.now();
    for (let at = 0; at * 4 < megabytes; at += 8) {
      const transaction = database.transaction('it', 'readwrite', { durability: 'strict' });
      for (let more = at; more < at + 8 && more * 4 < megabytes; more += 1) transaction.objectStore('it').put(value, more);
      await complete(transaction);
    }
    const ms = performance.now() - start;
    database.close();
    return { ms, said: megabytes };
  },
  /** One put, in a worker that stays and has its database open. */
  async putOne(_, bytes) {
    kept ??= await open();
    const value = letters(bytes);
    const start = performance.now();
    const transaction = kept.transaction('it', 'readwrite', { durability: 'strict' });
    transaction.objectStore('it').put(value, 'one');
    await complete(transaction);
    return { ms: performance.now() - start, said: bytes };
  },
  async putSmall(_, [bytes, pause]) {
    const database = await open();
    const value = letters(bytes);
    const all = [];
    for (let at = 0; at < 15; at += 1) {
      await new Promise((done) => setTimeout(done, pause));
      const start = performance.now();
      const transaction = database.transaction('it', 'readwrite', { durability: 'strict' });
      transaction.objectStore('it').put(value, 'small');
      await complete(transaction);
      all.push(performance.now() - start);
    }
    database.close();
    return { ms: all.sort((a, b) => a - b)[7], said: bytes };
  },
};

self.onmessage = async ({ data: [operation, file, argument] }) => {
  const start = performance.now();
  const said = await operations[operation](file, argument);
  // What measures itself says so; the rest is measured whole.
  self.postMessage(said?.ms === undefined ? { ms: performance.now() - start, said } : said);
};
