// The deadline board: each figure opens its people, the oldest first; nobody is ticked off unseen; and what is over is said,
// in a browser whose clock is ahead.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
const ROWS = 100_000;
const OUT = 30_000;
const file = (name, lines) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) });
const people = (from, to) => Array.from({ length: to - from }, (_, at) => `p${from + at}@x.example`);
before(async () => {
  browser = await browse();
  app = await browser.open();
  await app.importFile(file('people.csv', ['Email', ...people(0, ROWS)]));
  await app.importFile(file('outs.csv', ['Email,Timestamp,Origin', ...people(0, OUT).map((it) => `${it},2024-01-10,Unsubscribe link`)]), { preference: 'opt-out' });
  await app.importFile(file('spam.csv', ['Email', ...people(OUT, OUT + 3)]), { preference: 'spam-complaint' });
  await app.go('Opt-out deadlines');
  for (const name of ['Newsletter tool', 'CRM']) {
    await app.page.getByRole('button', { name: 'Add platform' }).first().click();
    await app.page.getByRole('dialog').getByLabel('Name').fill(name);
    await app.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await card(name).waitFor();
  }
});
after(async () => { await browser.close(); });

const card = (name) => app.page.getByRole('region', { name, exact: true });
const number = (text) => Number(text.replaceAll(',', ''));
const figures = async (name) => (await app.texts(card(name).locator('.tally-figure'))).map(number);
const figure = (name, label) => card(name).getByRole('link', { name: new RegExp(`^${label}: `) });
const total = async (count) => app.page.waitForFunction((count) => document.querySelector('.page-count')?.textContent === count, count);
const shown = () => app.page.locator('.due tbody tr').evaluateAll((rows) => rows.map((row) => [...row.cells].map((it) => it.textContent)));

test('each figure opens exactly its people, the oldest first, also after a reload', async () => {
  assert.deepEqual(await figures('Newsletter tool'), [30_003, 0, 0, 0]);
  assert.deepEqual(await figures('Who waits longest'), [30_003, 0, 0], 'each counts once, however many platforms lack it');
  const oldest = await card('Who waits longest').locator('tbody tr').first().textContent();
  assert.match(oldest, /^p0@x\.exampleOpt-OutUnsubscribe link.*Under a day2 days left(10|9) business days leftNewsletter tool, CRM$/);
  await figure('Newsletter tool', 'Not told yet').focus();
  await app.page.keyboard.press('Enter');
  await total('30,003');
  assert.equal(await app.heading(), 'Newsletter tool');
  assert.match(app.page.url(), /#\/deadlines\/\d+\/not-told$/);
  await app.reload();
  await total('30,003');
  const first = await shown();
  assert.equal(first.length, 50);
  assert.deepEqual([first[0].slice(0, 3), first[49][0]], [['p0@x.example', 'Opt-Out', 'Unsubscribe link'], 'p49@x.example']);
  await app.page.getByRole('button', { name: 'Newest', exact: true }).click();
  await app.page.getByText('30,001 to 30,003 of 30,003').waitFor();
  assert.deepEqual((await shown()).map((it) => it.slice(0, 2)), [0, 1, 2].map((it) => [`p${OUT + it}@x.example`, 'Spam Complaint']));
  await app.page.getByRole('button', { name: 'Older', exact: true }).click();
  await app.page.getByText('29,951 to 30,000 of 30,003').waitFor();
});

test('one of them is found, looked at and exported, and no address stands in the address bar', async () => {
  await app.page.locator('#search').fill('p29999');
  await total('1');
  const { name, text } = await app.download(() => app.page.getByRole('button', { name: 'Export', exact: true }).click());
  assert.match(name, /^mailable-not-told-newsletter-tool-\d{4}-\d\d-\d\d\.csv$/);
  assert.match(text, /^\ufeff"Email","Contact Preference","Timestamp","Origin","Recorded","Age in Days","2 Days","10 Business Days","Not Told"\r\n"p29999@x\.example","Opt-Out","2024-01-10T00:00:00Z","Unsubscribe link","20[^"]*","0","2 days left","\d+ business days left","Newsletter tool"\r\n$/);
  await app.page.getByRole('button', { name: 'p29999@x.example' }).click();
  await app.page.getByRole('dialog', { name: 'Contact' }).waitFor();
  await app.page.keyboard.press('Escape');
  assert.ok(!app.page.url().includes('p29999'));
  await app.page.locator('#search').fill('nobody');
  await app.page.getByText('Nothing found.').waitFor();
  await app.page.locator('#search').fill('');
  await total('30,003');
});

test('nobody is ticked off unseen: the file is shown first, and is what was shown', async () => {
  await app.page.getByRole('button', { name: 'Download 30,003 addresses and tick off…' }).click();
  const dialog = app.page.getByRole('dialog', { name: 'Tell Newsletter tool' });
  await dialog.getByText('30,003 addresses would be in the file: 30,000 opt-outs and 3 spam complaints. When it is downloaded, they are all ticked off as told to “Newsletter tool”, and leave the list.').waitFor();
  await dialog.getByText('And 29,998 rows more.').waitFor();
  const preview = await dialog.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.cells].map((it) => it.textContent)));
  assert.equal(preview.length, 5);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await app.page.getByRole('button', { name: 'Download 30,003 addresses and tick off…' }).click();
  const { name, text } = await app.download(() => dialog.getByRole('button', { name: 'Download 30,003 addresses and tick off' }).click());
  const lines = text.trim().split('\r\n');
  assert.equal(lines.length, 30_004);
  assert.deepEqual(lines.slice(1, 6).map((it) => it.split(',')).map((it) => [it[0], it[1], it[3]]), preview.map((it) => [it[0], it[1], it[3]]));
  await app.page.getByText('Nobody.').waitFor();
  await app.page.getByRole('navigation', { name: 'Figures' }).getByRole('link', { name: /^Told/ }).click();
  await total('30,003');
  assert.equal((await shown())[0].at(-1), name, 'by which file');
  // The other platform was told of nothing by it.
  await app.page.getByRole('link', { name: 'Opt-out deadlines' }).last().click();
  assert.deepEqual([await figures('Newsletter tool'), await figures('CRM')], [[0, 0, 0, 30_003], [30_003, 0, 0, 0]]);
  assert.match(await card('Who waits longest').locator('tbody tr').first().textContent(), /CRM$/);
  await app.undone(() => app.page.getByRole('button', { name: 'Undo', exact: true }).last().click());
  await app.page.waitForFunction(() => document.querySelector('.tally-figure')?.textContent === '30,003');
});

test('closing the preview ticks nobody off', async () => {
  await card('CRM').getByRole('button', { name: /and tick off…$/ }).click();
  const dialog = app.page.getByRole('dialog', { name: 'Tell CRM' });
  await dialog.getByText('30,003 addresses would be in the file').waitFor();
  await app.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.deepEqual(await figures('CRM'), [30_003, 0, 0, 0], 'closing does nothing');
});

test('what is over 2 days and over 10 business days is counted, said and opened', async () => {
  await app.ahead(3);
  await app.reload();
  await card('CRM').waitFor();
  assert.deepEqual(await figures('CRM'), [30_003, 30_003, 0, 0]);
  await figure('CRM', 'Over 2 days').click();
  await total('30,003');
  assert.match(app.page.url(), /\/over-2-days$/);
  let [, , , , age, two, ten] = (await shown())[0];
  assert.deepEqual([age, two], ['3 days', '1 day over']);
  assert.match(ten, /^\d business days left$/);
  await app.ahead(17);
  await app.reload();
  await total('30,003');
  await app.page.getByRole('navigation', { name: 'Figures' }).getByRole('link', { name: /^Over 10 business days/ }).click();
  assert.match(app.page.url(), /\/over-10-business-days$/);
  await total('30,003');
  [, , , , age, two, ten] = (await shown())[0];
  assert.deepEqual([age, two], ['20 days', '18 days over']);
  assert.match(ten, /^[678] days over$/, 'ten business days are twelve to fourteen days');
  // Whoever opts out now has all their days left, and comes last.
  await app.go('Bounces & Opt-Outs');
  await app.page.getByRole('button', { name: 'Add email address' }).first().click();
  await app.page.getByRole('dialog').locator('textarea').fill('late@x.example');
  await app.page.getByRole('dialog').locator('button[type=submit]').click();
  await app.toast('1 address added').waitFor();
  await app.go('Opt-out deadlines');
  await app.page.waitForFunction(() => document.querySelector('.tally-figure')?.textContent === '30,004');
  assert.deepEqual(await figures('CRM'), [30_004, 30_003, 30_003, 0]);
  await figure('CRM', 'Not told yet').click();
  await total('30,004');
  await app.page.getByRole('button', { name: 'Newest', exact: true }).click();
  await app.page.getByText('30,001 to 30,004 of 30,004').waitFor();
  const last = (await shown()).at(-1);
  assert.deepEqual([last[0], last[4], last[5]], ['late@x.example', 'Under a day', '2 days left']);
});

test('nothing went wrong on the way', () => assert.deepEqual(browser.wrong, []));
