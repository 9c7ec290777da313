// The peers and the floors, in a page of their own: what `run.mjs` calls by name. Each does the same work as
// Mailable on the same file and answers with what both must agree on.
import * as duckdb from '@duckdb/duckdb-wasm';
import Dexie from 'dexie';
import { file, staying } from './staying.js';

const timed = async (work) => { const start = performance.now(); const said = await work(); return { ms: performance.now() - start, said }; };

/** Work in a worker, as a careful user of these libraries would have it. */
const inWorker = (operation, argument) => new Promise((done, failed) => {
  const worker = new Worker('worker.js');
  worker.onmessage = (event) => { worker.terminate(); done(event.data); };
  worker.onerror = (event) => { worker.terminate(); failed(new Error(event.message)); };
  worker.postMessage([operation, file(), argument]);
});

let database;
let connection;
const rowsOf = async (query) => (await connection.query(query)).toArray();

export const peers = {
  papaParse: () => inWorker('papaParse'),
  udsvParse: () => inWorker('udsvParse'),
  papaUnparse: () => inWorker('papaUnparse'),
  csv42: () => inWorker('csv42'),
  sqlite: staying('sqlite.js', 'module'),
  floor: staying('floors.js', 'classic'),
  /** The canary: the same work every time, about 100 ms. Three times, the middle one: its own noise is not the machine's. */
  canary() {
    const all = [];
    for (let at = 0; at < 3; at += 1) {
      const start = performance.now();
      let state = 1;
      for (let step = 0; step < 100_000_000; step += 1) state = (Math.imul(state, 1664525) + 1013904223) | 0;
      all.push(performance.now() - start + (state === 0 ? 1 : 0));
    }
    return all.sort((a, b) => a - b)[1];
  },
  putRaw: (megabytes) => inWorker('putRaw', megabytes),
  putSmall: (bytes) => inWorker('putSmall', bytes),
  /** From now on a key puts so many bytes, and the page says how long that took: as a key on a contact does in ours. */
  async putByKey(bytes) {
    const put = staying('worker.js');
    await put('putOne', bytes);
    const said = document.body.appendChild(document.createElement('output'));
    addEventListener('keydown', async () => {
      said.textContent = '';
      said.textContent = `${(await put('putOne', bytes)).ms} ms`;
    });
  },
  async duckOpen() {
    return timed(async () => {
      const worker = new Worker('duckdb-browser-eh.worker.js');
      database = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), worker);
      await database.instantiate(new URL('duckdb-eh.wasm', location.href).href);
      connection = await database.connect();
      await database.registerFileHandle('list.csv', file(), duckdb.DuckDBDataProtocol.BROWSER_FILEREADER, true);
    });
  },
  duckImport: () => timed(async () => {
    await connection.query('drop table if exists list');
    await connection.query("create table list as select * from read_csv('list.csv', all_varchar = true, delim = ',', header = true)");
    return Number((await rowsOf('select count(*) as n from list'))[0].n);
  }),
  duckSearch: (word) => timed(async () => {
    const columns = ['Email', 'First Name', 'Last Name', 'Company', 'Mobile Phone'];
    const where = columns.map((it) => `"${it}" ilike '%${word}%'`).join(' or ');
    return Number((await rowsOf(`select count(*) as n from list where ${where}`))[0].n);
  }),
  duckSort: (column) => timed(async () => (await rowsOf(`select "${column}" as it from list order by lower("${column}") limit 40`)).map((it) => it.it)),
  /** Seven statuses and none, in a table of their own: the list stays what it is. */
  duckStatuses: (rows) => timed(async () => { await connection.query(`create table statuses as select case when range % 8 = 7 then '' else 'status ' || (range % 8) end as status from range(${rows})`); }),
  duckGroups: () => timed(async () => (await rowsOf('select status, count(*) as n from statuses group by status')).length),
  duckExport: () => timed(async () => {
    await connection.query("copy list to 'out.csv' (format csv, header true)");
    return (await database.copyFileToBuffer('out.csv')).length;
  }),
  async dexie(rows) {
    await Dexie.delete('peer');
    const contacts = new Dexie('peer');
    contacts.version(1).stores({ contacts: 'email, status' });
    const all = Array.from({ length: rows }, (_, at) => ({ email: `maria.garcia${at}@example${at % 500}.com`, status: '', first: 'Maria', last: 'Garcia', company: 'Northwind Labs', title: 'Marketing Manager', city: 'Springfield', country: 'Germany', zip: String(10000 + at % 80000), phone: `+4917${10000000 + at}`, created: '2024-01-15' }));
    const took = await timed(async () => { await contacts.contacts.bulkPut(all); return contacts.contacts.count(); });
    contacts.close();
    await Dexie.delete('peer');
    return took;
  },
};
window.peers = peers;
