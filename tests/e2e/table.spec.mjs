// The table: the keyboard of the grid pattern, both ends of a long list, sorting, columns, selection.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { writeFile, rm } from 'node:fs/promises';
import { browse } from './harness.mjs';

const ROWS = 300_000;
let browser;
let app;
before(async () => {
  browser = await browse();
  app = await browser.open();
  const file = '/tmp/mailable-table.csv';
  const pad = (at) => String(at).padStart(6, '0');
  const rows = Array.from({ length: ROWS }, (_, at) => `p${pad(at)}@long.example,First${pad(ROWS - at)},Last,Company ${at % 1000}`);
  await writeFile(file, `Email,First Name,Last Name,Company\n${rows.join('\n')}\n`);
  await app.importFile(file);
  await rm(file);
});
after(async () => { await browser.close(); });

const grid = () => app.page.getByRole('grid');
const active = () => app.page.evaluate(() => {
  const grid = document.querySelector('[role=grid]');
  const cell = document.getElementById(grid.getAttribute('aria-activedescendant'));
  const row = cell?.closest('[role=row]');
  return { row: Number(row?.getAttribute('aria-rowindex')), column: Number(cell?.getAttribute('aria-colindex')), text: row?.textContent };
});

test('aria tells the truth about the window', async () => {
  assert.equal(await grid().getAttribute('aria-rowcount'), String(ROWS + 1));
  assert.equal(await app.count('All Contacts'), String(ROWS));
});

test('Ctrl+End lands on the last row, Ctrl+Home on the first', async () => {
  await grid().focus();
  await app.page.keyboard.press('Control+End');
  await app.rows();
  assert.equal((await active()).row, ROWS + 1);
  assert.match((await active()).text, /p299999@long/);
  await app.page.keyboard.press('Control+Home');
  await app.rows();
  assert.deepEqual([(await active()).row, (await active()).column], [2, 1]);
  assert.match((await active()).text, /p000000@long/);
});

test('the scroll bar reaches both ends', async () => {
  const pane = app.page.locator('.grid-pane');
  await pane.evaluate((it) => { it.scrollTop = it.scrollHeight; });
  await app.page.waitForTimeout(300);
  assert.equal((await app.rows()).at(-1)[0], 'p299999@long.example');
  await pane.evaluate((it) => { it.scrollTop = it.scrollHeight / 2; });
  await app.page.waitForTimeout(300);
  const middle = Number((await app.rows())[0][0].slice(1, 7));
  assert.ok(Math.abs(middle - ROWS / 2) < ROWS / 100, middle);
  await pane.evaluate((it) => { it.scrollTop = 0; });
  await app.page.waitForTimeout(300);
  assert.equal((await app.rows())[0][0], 'p000000@long.example');
});

test('arrows, Home, End, pages', async () => {
  await grid().focus();
  await app.page.keyboard.press('Control+Home');
  for (const [key, row, column] of [['ArrowDown', 3, 1], ['ArrowRight', 3, 2], ['End', 3, undefined], ['Home', 3, 1], ['ArrowUp', 2, 1], ['ArrowUp', 1, 1], ['ArrowDown', 2, 1]]) {
    await app.page.keyboard.press(key);
    const now = await active();
    assert.equal(now.row, row, key);
    if (column) assert.equal(now.column, column, key);
  }
  await app.page.keyboard.press('PageDown');
  const page = (await active()).row;
  assert.ok(page > 10 && page < 40, page);
});

test('Space selects, Shift and arrows select a range, Ctrl+A selects all', async () => {
  await app.page.keyboard.press('Control+Home');
  await app.page.keyboard.press(' ');
  const bar = app.page.getByRole('region', { name: 'Selection' });
  await bar.getByText('1 selected').waitFor();
  await app.page.keyboard.press('Shift+ArrowDown');
  await app.page.keyboard.press('Shift+ArrowDown');
  await bar.getByText('3 selected').waitFor();
  await app.page.keyboard.press('Control+a');
  await bar.getByText('300,000 selected').waitFor();
  await app.check('p000001@');
  await bar.getByText('299,999 selected').waitFor();
  await bar.getByRole('button', { name: 'Clear' }).click();
  await bar.waitFor({ state: 'detached' });
});

test('letters act on the row with the focus', async () => {
  await grid().focus();
  await app.page.keyboard.press('Control+Home');
  await app.page.keyboard.press('o');
  await app.toast('1 contact opted out').waitFor();
  await app.undo('1 contact opted out');
});

test('a column sorts up, down, and back to as added', async () => {
  const name = app.page.getByRole('columnheader', { name: 'Name' });
  await name.getByRole('button').click();
  await app.page.waitForTimeout(700);
  assert.equal((await app.rows())[0][0], 'p299999@long.example');
  assert.equal(await name.getAttribute('aria-sort'), 'ascending');
  await name.getByRole('button').click();
  await app.page.waitForTimeout(400);
  assert.equal((await app.rows())[0][0], 'p000000@long.example');
  await name.getByRole('button').click();
  assert.equal(await name.getAttribute('aria-sort'), 'none');
});

test('columns are shown and hidden, and stay so', async () => {
  await app.page.getByRole('button', { name: 'Columns' }).click();
  await app.page.getByRole('dialog', { name: 'Columns' }).getByRole('checkbox', { name: 'Company' }).uncheck();
  await app.page.getByRole('dialog', { name: 'Columns' }).getByRole('checkbox', { name: 'Last Name' }).check();
  await app.page.getByRole('button', { name: 'Done' }).click();
  await app.reload();
  const headers = await app.texts(app.page.getByRole('columnheader'));
  assert.ok(!headers.includes('Company') && headers.includes('Last Name'), headers);
});

test('the selection is turned round, from its bar and from the palette', async () => {
  const selected = () => app.page.locator('.selection-count').textContent();
  const [first, second] = await app.rows();
  await app.check(first[0]);
  await app.check(second[0]);
  await app.page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Invert', exact: true }).click();
  assert.equal(await selected(), '299,998 selected');
  assert.equal(await app.row(first[0]).getByRole('checkbox').isChecked(), false);
  await app.page.keyboard.press('Control+k');
  await app.page.keyboard.type('invert');
  await app.page.keyboard.press('Enter');
  await app.page.waitForFunction(() => document.querySelector('.selection-count')?.textContent === '2 selected');
  await app.selectionAction('Invert the selection');
  assert.equal(await selected(), '299,998 selected');
  // What is done is done to them, and to nobody else.
  await app.selectionAction('Opt out');
  await app.page.getByRole('dialog', { name: 'Opt out' }).getByText('299,998 contacts will be opted out.').waitFor();
  await app.goOn('Opt out');
  await app.toast('299,998 contacts opted out').waitFor();
  await app.search(first[0]);
  assert.equal((await app.rows())[0][3], '');
  await app.search('');
  await app.undo('299,998 contacts opted out');
});

test('300,000 change in one act and one undo', async () => {
  await grid().focus();
  await app.page.keyboard.press('Control+a');
  await app.selectionAction('Opt out');
  // More than anyone has seen: it is said whom it is about, and with which statuses.
  const asked = app.page.getByRole('dialog', { name: 'Opt out' });
  await asked.getByText('300,000 contacts will be opted out.').waitFor();
  assert.equal(await asked.locator('.whom > li').textContent(), 'No status300,000');
  assert.match(await asked.locator('.whom-samples').textContent(), /^(p00000\d@long\.example, ){4}p00000\d@long\.example and 299,995 more$/);
  assert.equal(await app.count('Opt-Outs'), '0');
  await app.goOn('Opt out');
  await app.toast('300,000 contacts opted out').waitFor();
  assert.equal(await app.count('Opt-Outs'), String(ROWS));
  await app.undo('300,000 contacts opted out');
  assert.equal(await app.count('Opt-Outs'), '0');
});

test('what somebody types while the contacts are being opened stays, and is searched for once they are there', async () => {
  const session = await browser.pastServiceWorker(app.page);
  // The engine begins only when it is told to.
  const asBefore = await browser.changeBoot(app.page, (boot) => boot.replace("send('first', 'workerWasm');", "globalThis.begin = () => send('first', 'workerWasm');"));
  await app.page.reload();
  const search = app.page.locator('#search');
  await search.fill('p000007@');
  await search.focus();
  await app.page.evaluate(() => globalThis.begin());
  await app.ready();
  await app.rowsAre(1);
  assert.equal((await app.rows())[0][0], 'p000007@long.example');
  assert.equal(await search.inputValue(), 'p000007@');
  assert.ok(await search.evaluate((it) => it === document.activeElement), 'the caret is where it was');
  await asBefore();
  await session.detach();
  await app.search('');
  assert.equal(await app.count('All Contacts'), String(ROWS));
});

test('nothing went wrong on the way', () => { assert.deepEqual(browser.wrong, []); });
