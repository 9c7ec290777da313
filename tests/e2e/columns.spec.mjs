// Columns: shown, moved, resized, frozen, by pointer and by keys, and remembered; sorts by several of them.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

const PEOPLE = 400;
let browser;
let app;
before(async () => {
  browser = await browse();
  app = await browser.open();
  const rows = Array.from({ length: PEOPLE }, (_, at) => `p${String(at).padStart(3, '0')}@columns.example,First ${at % 7},Last ${at % 11},${at % 3 ? `Company ${at % 5}` : ''},City ${at % 13}`);
  const text = `Email,First Name,Last Name,Company,Mailing City\n${rows.join('\n')}\n`;
  await app.importFile({ name: 'columns.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
});
after(async () => { await browser.close(); });

const grid = () => app.page.getByRole('grid');
const head = (name) => app.page.getByRole('columnheader', { name, exact: true });
const heads = async () => (await app.texts(app.page.locator('.head-sort'))).map((it) => it.replace(/[^A-Za-z ].*/, '').trim());
const width = async (name) => Math.round((await head(name).boundingBox()).width);
const left = async (name) => Math.round((await head(name).boundingBox()).x);
const settled = () => app.page.waitForTimeout(150);
const edge = async (name) => {
  const place = await head(name).boundingBox();
  return [place.x + place.width - 4, place.y + place.height / 2];
};
async function drag([x, y], by) {
  const { mouse } = app.page;
  await mouse.move(x, y);
  await mouse.down();
  for (const part of [0.3, 0.7, 1]) await mouse.move(x + by * part, y);
  await mouse.up();
  await settled();
}
const chooser = () => app.page.getByRole('dialog', { name: 'Columns' });
const openChooser = () => app.page.getByRole('button', { name: 'Columns', exact: true }).click();
const box = (name) => chooser().getByRole('checkbox', { name, exact: true });
const done = () => chooser().getByRole('button', { name: 'Done' }).click();
const reset = async () => { await openChooser(); await chooser().getByRole('button', { name: 'Reset columns' }).click(); await done(); await settled(); };
const focusHead = async (at) => {
  await grid().focus();
  await app.page.keyboard.press('Control+Home');
  for (let moved = 0; moved < at; moved += 1) await app.page.keyboard.press('ArrowRight');
  await app.page.keyboard.press('ArrowUp');
};
const first = ['Email', 'Name', 'Company', 'Status', 'Status since', 'Origin'];

test('an edge is pulled: what is left of it stays, and it is remembered', async () => {
  assert.deepEqual(await heads(), first);
  const before = [await left('Name'), await width('Name'), await left('Company')];
  await drag(await edge('Name'), 60);
  assert.equal(await left('Name'), before[0]);
  assert.ok(Math.abs(await width('Name') - before[1] - 60) <= 1, await width('Name'));
  assert.ok(Math.abs(await left('Company') - before[2] - 60) <= 1);
  assert.equal(await head('Name').getAttribute('aria-sort'), 'none', 'pulling sorts nothing');
  const now = await width('Name');
  await app.reload();
  await app.rows();
  assert.equal(await width('Name'), now);
  // Escape leaves it as it was.
  const [x, y] = await edge('Name');
  await app.page.mouse.move(x, y);
  await app.page.mouse.down();
  await app.page.mouse.move(x + 90, y);
  await grid().focus();
  await app.page.keyboard.press('Escape');
  await app.page.mouse.up();
  assert.equal(await width('Name'), now);
});

test('a double click fits what stands in it', async () => {
  await app.page.mouse.dblclick(...await edge('Email'));
  await settled();
  const cut = () => app.page.evaluate(() => [...document.querySelectorAll('[aria-colindex="2"]')].some((it) => it.scrollWidth > it.clientWidth));
  assert.equal(await cut(), false);
  const fitted = await width('Email');
  assert.ok(fitted > 120 && fitted < 260, fitted);
  await reset();
});

test('a header is carried to another place', async () => {
  const from = await head('Company').boundingBox();
  const to = await left('Name');
  await drag([from.x + 20, from.y + 15], to - from.x - 20 + 10);
  assert.deepEqual((await heads()).slice(0, 4), ['Email', 'Company', 'Name', 'Status']);
  assert.equal(await head('Company').getAttribute('aria-sort'), 'none', 'carrying sorts nothing');
  assert.match((await app.rows())[1].join('|'), /^p001@columns\.example\|Company 1\|First 1 Last 1\|/);
  await app.reload();
  assert.deepEqual((await heads()).slice(0, 4), ['Email', 'Company', 'Name', 'Status']);
  await reset();
  assert.deepEqual(await heads(), first);
});

test('on a header the keys move and resize it', async () => {
  await focusHead(2);
  const before = await width('Name');
  await app.page.keyboard.press('Alt+ArrowRight');
  await app.page.keyboard.press('Alt+ArrowRight');
  await settled();
  assert.ok(Math.abs(await width('Name') - before - 32) <= 1, await width('Name'));
  await app.page.keyboard.press('Alt+ArrowLeft');
  await settled();
  assert.ok(Math.abs(await width('Name') - before - 16) <= 1);
  await app.page.keyboard.press('Alt+Shift+ArrowRight');
  await settled();
  assert.deepEqual((await heads()).slice(0, 4), ['Email', 'Company', 'Name', 'Status']);
  await app.page.getByText('Name: column 3 of 6').waitFor({ state: 'attached' });
  assert.equal(await grid().getAttribute('aria-activedescendant'), 'head-3');
  await app.page.keyboard.press('Alt+Shift+ArrowLeft');
  await app.page.keyboard.press('Alt+Shift+ArrowLeft');
  await app.page.keyboard.press('Alt+Shift+ArrowLeft');
  await settled();
  assert.deepEqual((await heads()).slice(0, 3), ['Name', 'Email', 'Company']);
  // The row is still named by its address.
  await app.page.getByRole('checkbox', { name: 'Select p000@columns.example' }).waitFor();
  await reset();
});

test('the chooser moves by buttons and keys, and the focus goes along', async () => {
  await openChooser();
  await chooser().getByRole('button', { name: 'Move Origin left' }).click();
  await chooser().getByRole('button', { name: 'Move Origin left' }).click();
  await settled();
  assert.deepEqual(await heads(), ['Email', 'Name', 'Company', 'Origin', 'Status', 'Status since']);
  assert.equal(await app.page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Move Origin left');
  await app.page.keyboard.press('Alt+ArrowDown');
  await settled();
  assert.deepEqual(await heads(), ['Email', 'Name', 'Company', 'Status', 'Origin', 'Status since']);
  await box('Mailing City').check();
  await box('Company').uncheck();
  await done();
  await app.reload();
  assert.deepEqual(await heads(), ['Email', 'Name', 'Status', 'Origin', 'Status since', 'Mailing City']);
  await reset();
});

test('frozen columns stay, in the header and in the rows', async () => {
  await openChooser();
  for (const name of ['First Name', 'Last Name', 'Mailing City', 'Detail', 'Added']) await box(name).check();
  await chooser().getByRole('button', { name: 'Name: freeze, width', exact: true }).click();
  await app.page.getByRole('menuitem', { name: 'Freeze up to here' }).click();
  await done();
  await settled();
  const places = () => app.page.evaluate(() => ['#head-1', '#cell-2-1', '#head-2', '#cell-2-2', '#head-3'].map((it) => Math.round(document.querySelector(it).getBoundingClientRect().left)));
  const before = await places();
  await app.page.locator('.grid-pane').evaluate((it) => { it.scrollLeft = 300; });
  await settled();
  const scrolled = await places();
  assert.deepEqual(scrolled.slice(0, 4), before.slice(0, 4));
  assert.ok(scrolled[4] < before[4] - 200, scrolled);
  assert.equal(scrolled[0], scrolled[1]);
  assert.equal(scrolled[2], scrolled[3]);
  // What is scrolled does not show through, and the active cell comes into view beside what is frozen.
  const over = await app.page.evaluate(() => { const it = document.querySelector('#cell-2-2').getBoundingClientRect(); return document.elementFromPoint(it.left + 20, it.top + 10).closest('.cell').id; });
  assert.equal(over, 'cell-2-2');
  await focusHead(3);
  await settled();
  const [company, name] = await app.page.evaluate(() => ['#head-3', '#head-2'].map((it) => document.querySelector(it).getBoundingClientRect())).then((it) => [it[0].left, it[1].right]);
  assert.ok(company >= name - 1, `${company} ${name}`);
  await app.reload();
  await app.rows();
  await app.page.locator('.grid-pane').evaluate((it) => { it.scrollLeft = 300; });
  await settled();
  assert.deepEqual((await places()).slice(0, 4), before.slice(0, 4));
  await reset();
});

test('a view keeps its columns, and changes are saved to it', async () => {
  await focusHead(3);
  await app.page.keyboard.press('Alt+Shift+ArrowLeft');
  await app.page.getByRole('button', { name: /^Filter/ }).click();
  await app.page.getByRole('button', { name: 'Save view' }).click();
  await app.page.getByLabel('Name', { exact: true }).last().fill('By company');
  await app.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await app.page.getByRole('heading', { name: 'By company' }).waitFor();
  await reset();
  await app.go('All Contacts');
  await reset();
  assert.deepEqual(await heads(), first);
  await app.go('By company');
  await settled();
  assert.deepEqual((await heads()).slice(0, 3), ['Email', 'Company', 'Name']);
  await openChooser();
  await box('Mailing City').check();
  await chooser().getByRole('button', { name: 'Email: freeze, width' }).click();
  await app.page.getByRole('menuitem', { name: 'Freeze up to here' }).click();
  await done();
  await app.page.getByRole('button', { name: 'Save changes to the view' }).click();
  await app.page.getByRole('button', { name: 'Save changes to the view' }).waitFor({ state: 'detached' });
  await app.reload();
  assert.deepEqual(await heads(), ['Email', 'Company', 'Name', 'Status', 'Status since', 'Origin', 'Mailing City']);
  assert.equal(await app.page.locator('.head-cell.frozen').count(), 1);
  await app.go('All Contacts');
  await settled();
  assert.deepEqual(await heads(), first);
  assert.equal(await app.page.locator('.head-cell.frozen').count(), 0);
});

test('Shift sorts within what is sorted, up to three columns, and a view keeps it', async () => {
  const keyed = (rows) => rows.map((it) => [it[2], it[1], it[0]]);
  const sorted = (rows, ...directions) => [...rows].sort((a, b) => {
    for (const [at, down] of directions) {
      const [one, other] = [a[at], b[at]].map((it) => it.toLowerCase());
      if (one === other) continue;
      if (!one || !other) return one ? -1 : 1;
      return (one < other ? -1 : 1) * (down ? -1 : 1);
    }
    return 0;
  });
  const press = (name, shift) => app.page.getByRole('columnheader', { name: new RegExp(`^${name}(,|$)`) }).getByRole('button').click({ modifiers: shift ? ['Shift'] : [] });
  await press('Company');
  await press('Email', true);
  await press('Email', true);
  await settled();
  const company = app.page.getByRole('columnheader', { name: 'Company, sorted first, ascending' });
  const email = app.page.getByRole('columnheader', { name: 'Email, sorted second, descending' });
  assert.equal(await company.getAttribute('aria-sort'), 'ascending');
  assert.equal(await email.getAttribute('aria-sort'), 'none');
  assert.match(await email.textContent(), /Email ↓2/);
  const rows = keyed(await app.rows());
  assert.equal(rows[0][2], 'p395@columns.example');
  assert.deepEqual(rows, sorted(rows, [0, false], [2, true]));
  // By keys: Shift and Enter on a header adds it, in between there is nothing new to learn.
  await press('Status');
  await focusHead(3);
  await app.page.keyboard.press('Shift+Enter');
  await settled();
  await app.page.getByRole('columnheader', { name: 'Company, sorted second, ascending' }).waitFor();
  await app.page.getByText('Sorted by Status, ascending, then Company, ascending').waitFor({ state: 'attached' });
  await press('Company');
  await press('Name', true);
  await press('Email', true);
  await press('Email', true);
  await app.page.getByRole('button', { name: /^Filter/ }).click();
  await app.page.getByRole('button', { name: 'Save view' }).click();
  await app.page.getByLabel('Name', { exact: true }).last().fill('Three');
  await app.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await app.page.getByRole('heading', { name: 'Three' }).waitFor();
  await app.reload();
  await app.page.getByRole('columnheader', { name: 'Email, sorted third, descending' }).waitFor();
  await app.page.getByRole('columnheader', { name: 'Name, sorted second, ascending' }).waitFor();
  await app.rows();
  await app.go('All Contacts');
  await settled();
  assert.equal(await head('Company').getAttribute('aria-sort'), 'none');
});

test('on a phone nothing is scrolled sideways', async () => {
  await openChooser();
  await chooser().getByRole('button', { name: 'Company: freeze, width' }).click();
  await app.page.getByRole('menuitem', { name: 'Freeze up to here' }).click();
  await done();
  await app.page.setViewportSize({ width: 390, height: 844 });
  await settled();
  const sideways = await app.page.evaluate(() => [document.documentElement, document.querySelector('.grid-pane')].map((it) => it.scrollWidth > it.clientWidth + 1));
  assert.deepEqual(sideways, [false, false]);
  await app.page.setViewportSize({ width: 700, height: 844 });
  await settled();
  const stays = await app.page.locator('.head-cell.frozen').evaluateAll((all) => all.filter((it) => getComputedStyle(it).left !== 'auto').length);
  assert.equal(stays, 1, 'what is frozen leaves room for what is not');
  await app.page.setViewportSize({ width: 1440, height: 900 });
  await reset();
});

test('a field of many is edited in one act, seen before it is done, and undone exactly', async () => {
  const companies = async () => (await app.rows()).map((it) => it[2]);
  await app.reload();
  const before = await companies();
  await grid().focus();
  await app.page.keyboard.press('Control+a');
  await app.selectionAction('Edit fields…');
  const dialog = app.page.getByRole('dialog', { name: 'Edit fields' });
  const effect = (text) => dialog.getByText(text).waitFor();
  await effect('None of 400 contacts would change.');
  await dialog.getByLabel('Text', { exact: true }).fill('Acme');
  await effect('400 of 400 contacts would change. You can undo this.');
  assert.equal(await dialog.locator('tbody tr').count(), 5);
  assert.deepEqual(await dialog.locator('tbody tr').first().locator('td').allTextContents(), ['p000@columns.example', 'blank', 'Acme']);
  await dialog.getByLabel('Replace a text in it').check();
  await dialog.getByLabel('Look for').fill('company 1');
  await dialog.getByLabel('Replace with').fill('Acme');
  await effect('53 of 400 contacts would change. You can undo this.');
  await dialog.getByLabel('Tell capital from small letters').check();
  await effect('None of 400 contacts would change.');
  await dialog.getByLabel('Copy another field to it').check();
  await dialog.getByLabel('From').selectOption({ label: 'Last Name' });
  await effect('134 of 400 contacts would change. You can undo this.');
  const options = await dialog.locator('select').first().locator('option').allTextContents();
  assert.ok(!options.includes('Email') && !options.includes('Mobile Phone') && options.includes('Mailing City'), options.join());
  await dialog.getByRole('button', { name: 'Change 134 contacts' }).click();
  await app.toast('Company of 134 contacts changed').waitFor();
  await app.reload();
  const after = await companies();
  assert.deepEqual(after.slice(0, 4), ['Last 0', 'Company 1', 'Company 2', 'Last 3']);
  await app.go('Activity');
  await app.page.getByText('Company of 134 contacts changed').first().waitFor();
  await app.undone(() => app.page.keyboard.press('Control+z'));
  await app.go('All Contacts');
  await app.reload();
  assert.deepEqual(await companies(), before);
});

test('a search with wildcards fits the whole of a text', async () => {
  const count = async (text) => {
    await app.search(text);
    await app.page.waitForTimeout(300);
    return Number((await app.page.locator('.page-count').textContent()).replaceAll(',', ''));
  };
  for (const [text, expected] of [['p00?@*', 10], ['*@columns.example', 400], ['*@columns', 0], ['p0*', 100], ['p00', 10], ['first?6', 57], ['com*4 p*', 53]]) assert.equal(await count(text), expected, text);
  await count('p00?@*');
  assert.equal(await app.page.locator('.grid-row:not([hidden]) mark').first().textContent(), 'p00');
  await app.search('');
});

test('nothing went wrong on the way', () => { assert.deepEqual(browser.wrong, []); });
