// SQLite in memory, in a worker that stays: rows parsed by uDSV, one transaction, one prepared statement, large pages.
import sqlite3InitModule from '@sqlite.org/sqlite-wasm';
import { eachRow, header } from './rows.js';

let database;
const SEARCHED = ['Email', 'First Name', 'Last Name', 'Company', 'Mobile Phone'];
const value = (sql) => database.selectValue(sql);

const operations = {
  async open() {
    const sqlite = await sqlite3InitModule();
    database = new sqlite.oo1.DB(':memory:');
    database.exec('pragma page_size = 16384; pragma journal_mode = off');
    return sqlite.version.libVersion;
  },
  async import(file) {
    database.exec('drop table if exists list');
    let statement;
    database.exec('begin');
    await eachRow(file, (row) => {
      if (!statement) {
        database.exec(`create table list (${header().map((it) => `"${it}" text`).join(', ')}, status text)`);
        statement = database.prepare(`insert into list values (${header().map(() => '?').join(', ')}, '')`);
      }
      statement.bind(row).stepReset();
    });
    statement.finalize();
    database.exec('commit');
    return value('select count(*) from list');
  },
  search: (_, word) => value(`select count(*) from list where ${SEARCHED.map((it) => `"${it}" like '%${word}%'`).join(' or ')}`),
  groups: () => database.selectArrays('select status, count(*) from list group by status').length,
  update: (_, status) => { database.exec(`update list set status = '${status}'`); return database.changes(); },
};

self.onmessage = async ({ data: [operation, file, argument] }) => {
  const start = performance.now();
  try {
    const said = await operations[operation](file, argument);
    self.postMessage({ ms: performance.now() - start, said });
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
};
