// The scrub desk: any mailing list, whoever may be contacted of it, who was removed and why, and nothing taken in.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
before(async () => { browser = await browse(); app = await browser.open('#/bounces-and-opt-outs/opt-out'); });
after(async () => { await browser.close(); });

const list = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const add = async (text, preference) => {
  await app.page.getByRole('button', { name: /^Add (email address|mobile number)$/ }).first().click();
  const dialog = app.page.getByRole('dialog');
  await dialog.getByRole('textbox').fill(text);
  await dialog.getByLabel('Preference').selectOption(preference);
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await app.toast('added to').waitFor();
  await dialog.waitFor({ state: 'detached' });
};
/** What the table of the report says, by its first column. */
const numbers = async () => {
  await app.page.getByRole('button', { name: 'Scrub another list' }).waitFor();
  const rows = await app.page.getByRole('table', { name: 'What became of the rows' }).locator('tbody tr').evaluateAll((all) => all.map((row) => [row.cells[0].textContent, Number(row.cells[2].textContent.replace(/[−,]/g, ''))]));
  return Object.fromEntries(rows);
};
const file = (label) => app.download(() => app.page.getByRole('button', { name: label }).click());
const rows = (text) => text.replace(/^\ufeff/, '').trim().split('\r\n');

test('a list comes back in two, with every reason', async () => {
  await add('out@example.com', 'opt-out');
  await add('hard@example.com', 'hard-bounce');
  await add('soft@example.com', 'soft-bounce');
  await app.go('Scrub a list');
  assert.equal(await app.heading(), 'Scrub a list');
  await app.page.locator('#file').setInputFiles(list('news.csv', 'Name,Email\nAnn,ann@example.com\nOut,OUT@example.com\n"Hard, Joe",hard@example.com\nSoft,soft@example.com\nAnn again,Ann@Example.com\nNobody,nonsense\n'));
  assert.deepEqual(await numbers(), { 'Rows in the file': 6, Duplicates: 1, 'Spam Complaints': 0, 'Opt-Outs': 1, 'Hard Bounces': 1, 'Inactive Soft Bounces': 0, 'Invalid addresses': 1, 'May be contacted': 2 });
  await app.page.getByText('1 of those who may be contacted bounced softly').waitFor();
  // Every step opens its people.
  await app.page.getByText('Opt-Outs: 1', { exact: true }).click();
  const [opened] = await app.texts(app.page.getByRole('table', { name: 'Opt-Outs' }).locator('tbody tr'));
  assert.match(opened, /^3OUT@example\.com.*20\d\d.*User/);
  const clean = await file('Download clean list (2)');
  assert.equal(clean.name, 'news-clean.csv');
  assert.deepEqual(rows(clean.text), ['Name,Email', 'Ann,ann@example.com', 'Soft,soft@example.com']);
  const removed = await file('Download removed rows (4)');
  assert.equal(removed.name, 'news-removed.csv');
  assert.match(rows(removed.text)[0], /^"Name","Email","Removed Because","Since","Origin","Detail","Line"$/);
  assert.match(rows(removed.text)[1], /^"Out","OUT@example.com","Opt-Out","20\d\d-.*Z","User","","3"$/);
  assert.match(rows(removed.text)[4], /^"Nobody","nonsense","Invalid","","","`nonsense` has no @","7"$/);
  const receipt = await file('Download receipt');
  assert.equal(receipt.name, 'news-receipt.txt');
  assert.match(receipt.text, /Rows in the file +6\r\n- Duplicate +1\r\n[\s\S]*= May be contacted +2\r\n/);
});

test('nothing of the list was taken in, also after a reload', async () => {
  const counts = await app.counts();
  assert.equal(counts['All Contacts'], 0);
  await app.reload();
  assert.equal(await app.heading(), 'Scrub a list');
  assert.deepEqual(await app.counts(), counts);
  await app.page.goto(`${browser.address}#/activity`);
  assert.equal(await app.page.getByText('news.csv').count(), 0);
});

test('text messages need a number that has agreed', async () => {
  await app.page.goto(`${browser.address}#/bounces-and-opt-outs/sms-opt-in`);
  await add('+12025550101', 'sms-opt-in');
  await add('+12025550102', 'sms-opt-out');
  await app.go('Scrub a list');
  await app.page.getByLabel('Text messages (SMS)').check();
  await app.page.locator('#file').setInputFiles(list('texts.csv', 'Email,Mobile Phone\nout@example.com,+12025550101\nb@example.com,+12025550102\nc@example.com,+12025550103\nd@example.com,\n'));
  assert.deepEqual(await numbers(), { 'Rows in the file': 4, Duplicates: 0, 'SMS Opt-Outs': 1, 'No SMS Opt-In': 1, 'No usable number': 1, 'May be contacted': 1 });
  assert.deepEqual(rows((await file('Download clean list (1)')).text), ['Email,Mobile Phone', 'out@example.com,+12025550101'], 'an opt-out from e-mail says nothing about texts');
});

test('a file without addresses is refused in words, and the next one is taken', async () => {
  await app.page.getByRole('button', { name: 'Scrub another list' }).click();
  await app.page.getByLabel('E-mail').check();
  await app.page.locator('#file').setInputFiles(list('cities.csv', 'Name,City\nAnn,Bonn\n'));
  await app.page.getByRole('alert').filter({ hasText: 'No column of “cities.csv” is known to hold e-mail addresses' }).waitFor();
  await app.page.getByRole('button', { name: 'Scrub another list' }).click();
  await app.page.locator('#file').setInputFiles(list('<b>x</b>.csv', 'Email\n<img src=x onerror=alert(1)>@example.com\nout@example.com\n'));
  assert.equal((await numbers())['May be contacted'], 0);
});

test('which column has the numbers, and of which country they are, is chosen', async () => {
  await app.page.getByRole('button', { name: 'Scrub another list' }).click();
  await app.page.getByLabel('Text messages (SMS)').check();
  await app.page.locator('#file').setInputFiles(list('people.csv', 'Name,Reach\nAnn,202 555 0101\nBen,+12025550102\nEva,202 555 0101\n'));
  await app.page.getByText('No column of “people.csv” is known to hold mobile numbers.').waitFor();
  await app.page.getByLabel('Mobile numbers are in').selectOption({ label: 'Reach: 202 555 0101' });
  const found = { 'Rows in the file': 3, Duplicates: 0, 'SMS Opt-Outs': 1, 'No SMS Opt-In': 0, 'No usable number': 2, 'May be contacted': 0 };
  assert.deepEqual(await numbers(), found, 'no country is known for two of them');
  await app.page.getByLabel('Numbers without a country code are from').selectOption({ label: 'United States, Canada (+1)' });
  await app.page.getByRole('button', { name: 'Download clean list (1)' }).waitFor();
  assert.deepEqual(await numbers(), { ...found, Duplicates: 1, 'No usable number': 0, 'May be contacted': 1 });
  // Another column of the same list, without choosing the file again.
  await app.page.getByLabel('Mobile numbers are in').selectOption({ label: 'Name: Ann' });
  await app.page.getByRole('button', { name: 'Download clean list (0)' }).waitFor();
  assert.equal((await numbers())['No usable number'], 3);
  await app.page.getByRole('button', { name: 'Scrub another list' }).click();
  await app.page.getByLabel('E-mail').check();
});

test('a file that is dropped here is scrubbed, not imported', async () => {
  await app.page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['Email\nout@example.com\nnew@example.com\n'], 'dropped.csv', { type: 'text/csv' }));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await app.page.getByText('dropped.csv').first().waitFor();
  assert.equal((await numbers())['May be contacted'], 1);
  assert.equal(await app.heading(), 'Scrub a list');
});

test('100,000 rows: every one is accounted for, and Cancel gives it up', async () => {
  const many = Array.from({ length: 100_000 }, (_, at) => `p${at % 90_000}@example.com,Name ${at}`).join('\n');
  const large = list('many.csv', `Email,Name\n${many}\nout@example.com,Out\n`);
  await app.page.getByRole('button', { name: 'Scrub another list' }).click();
  await app.page.locator('#file').setInputFiles(large);
  const all = await numbers();
  assert.equal(all['Rows in the file'], 100_001);
  assert.equal(all.Duplicates, 10_000);
  assert.equal(all['May be contacted'], 90_000);
  assert.equal(rows((await file('Download clean list (90,000)')).text).length, 90_001);
  await app.page.getByRole('button', { name: 'Scrub another list' }).click();
  // Clicked by the page, as soon as it is there.
  await app.page.evaluate(() => new MutationObserver((_, observer) => {
    const cancel = [...document.querySelectorAll('.job button')].find((it) => it.textContent === 'Cancel');
    if (cancel) { observer.disconnect(); cancel.click(); }
  }).observe(document.body, { childList: true, subtree: true }));
  await app.page.locator('#file').setInputFiles({ ...large, buffer: Buffer.concat(Array.from({ length: 8 }, () => large.buffer)) });
  await app.page.getByText('Cancelled. Everything is as it was before.').waitFor();
});

test('nothing went wrong on the way', () => { assert.deepEqual(browser.wrong, []); });
