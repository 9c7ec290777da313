// Insights: dated files of other platforms go in; the numbers of the months, of the groups and of a day come out, by
// keyboard, as tables and as files.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
before(async () => { browser = await browse(); app = await browser.open('#/insights'); });
after(async () => { await browser.close(); });

const list = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const rows = (text) => text.replace(/^\ufeff/, '').trim().split('\r\n');
const card = (name) => app.page.getByRole('region', { name, exact: true });
/** The table of a chart: its head, and its rows by their names. */
const table = async (name, chart = name) => {
  const details = card(name).locator('details', { has: app.page.locator('caption').getByText(chart, { exact: true }) });
  if (!(await details.evaluate((it) => it.open))) await details.locator('summary').click();
  const all = await details.locator('tr').evaluateAll((rows) => rows.map((row) => [...row.cells].map((it) => it.textContent)));
  return { head: all[0], rows: Object.fromEntries(all.slice(1).map(([name, ...numbers]) => [name, numbers.map((it) => Number(it.replaceAll(',', '')))])) };
};
const choose = (card, label, option) => card.getByRole('combobox', { name: label, exact: true }).selectOption(option);
const day = async (date) => {
  await app.page.locator('#day').fill(date);
  await card('Who was mailable on that day?').getByText(`At the end of ${Number(date.slice(8))} `).waitFor();
  const all = await card('Who was mailable on that day?').locator('tbody tr').evaluateAll((rows) => rows.map((row) => [row.cells[0].textContent, Number(row.cells[2].textContent.replace(/[−,]/g, ''))]));
  return Object.fromEntries(all);
};

test('there is nothing to count at first, and what to do is said', async () => {
  assert.equal(await app.heading(), 'Insights');
  await app.page.getByRole('heading', { name: 'Nothing to count yet' }).waitFor();
  await app.page.getByRole('button', { name: 'Import contacts' }).click();
  assert.equal(await app.heading(), 'Import contacts');
});

test('imported events count in the months in which they happened', async () => {
  const people = Array.from({ length: 100_000 }, (_, at) => `p${at}@${at % 4 ? 'x.example' : 'y.example'},Name ${at}`).join('\n');
  await app.importFile(list('people.csv', `Email,First Name\n${people}\n`));
  const outs = Array.from({ length: 6 }, (_, at) => `p${at}@${at % 4 ? 'x.example' : 'y.example'},2024-0${1 + at % 3}-10,Newsletter`).join('\n');
  await app.importFile(list('outs.csv', `Email,Timestamp,Origin\n${outs}\n`), { preference: 'opt-out' });
  await app.importFile(list('bounces.csv', 'Email,Timestamp,Detail\np6@x.example,2024-02-20,5.1.1 No such mailbox\np7@x.example,2024-03-20,5.1.2 No such domain\nstranger@z.example,2024-03-21,5.1.1 No such mailbox\n'), { preference: 'hard-bounce' });
  await app.go('Insights');
  // The last twelve months have none of it; all of them do.
  await app.page.getByRole('radio', { name: 'All', exact: true }).check();
  await card('What came in, month by month').getByText(/: 6 Opt-Outs, 3 Hard Bounces\. The most came in Mar 2024: 4\./).waitFor();
  const events = await table('What came in, month by month');
  assert.deepEqual(events.head, ['Month', 'Opt-Outs', 'Hard Bounces']);
  assert.deepEqual([events.rows['Jan 2024'], events.rows['Feb 2024'], events.rows['Mar 2024'], events.rows['Apr 2024']], [[2, 0], [2, 1], [2, 2], [0, 0]]);
  const standing = await table('Statuses over time');
  assert.deepEqual([standing.rows['Jan 2024'], standing.rows['Feb 2024'], standing.rows['Mar 2024']], [[2, 0], [4, 1], [6, 3]]);
  const last = Object.values(standing.rows).at(-1);
  assert.deepEqual(last, [Number(await app.count('Opt-Outs')), Number(await app.count('Hard Bounces'))], 'the last month ends in what stands');
});

test('what is undone does not count', async () => {
  await app.undone(() => app.page.keyboard.press('Control+z'));
  await card('What came in, month by month').getByText(/: 6 Opt-Outs\. The most/).waitFor();
  assert.deepEqual((await table('What came in, month by month')).head, ['Month', 'Opt-Outs']);
  await app.page.keyboard.press('Control+Shift+z');
  await card('What came in, month by month').getByText(/: 6 Opt-Outs, 3 Hard Bounces\./).waitFor();
});

test('arrow keys go from month to month, and the numbers are said', async () => {
  const chart = card('What came in, month by month');
  await chart.locator('.chart-mark[tabindex="0"]').focus();
  await app.page.keyboard.press('Home');
  const caption = chart.locator('.chart-caption');
  assert.equal(await caption.getAttribute('aria-live'), 'polite');
  assert.equal(await caption.textContent(), 'Jan 2024: 2 Opt-Outs');
  await app.page.keyboard.press('ArrowRight');
  assert.equal(await caption.textContent(), 'Feb 2024: 2 Opt-Outs, 1 Hard Bounce');
  assert.equal(await app.page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Feb 2024');
  await app.page.keyboard.press('End');
  assert.match(await caption.textContent(), /: none$/);
  assert.equal(await chart.locator('.chart-mark[tabindex="0"]').count(), 1, 'one stop of the Tab key');
});

test('groups say why and from where', async () => {
  const groups = card('Why, and from where');
  await groups.getByText('6 addresses in Opt-Outs now. The largest part is “x.example”: 4.').waitFor();
  assert.deepEqual((await table('Why, and from where', 'Opt-Outs by domain')).rows, { 'x.example': [4], 'y.example': [2] });
  await choose(groups, 'Preference', 'hard-bounce');
  await choose(groups, 'By', 'reason');
  await groups.getByText('The largest part is “5.1.1 No such mailbox”: 2.').waitFor();
  await choose(groups, 'By', 'import');
  await groups.getByText('The largest part is “bounces.csv”: 3.').waitFor();
  await choose(groups, 'By', 'month');
  await groups.getByText('of the last month among them, Mar 2024: 2.').waitFor();
  await choose(groups, 'Preference', 'sms-opt-in');
  await groups.getByText('SMS Opt-Ins has nobody now.').waitFor();
});

test('groups of what came in follow the period, and say what they count', async () => {
  const groups = card('Why, and from where');
  await choose(groups, 'Preference', 'opt-out');
  await choose(groups, 'By', 'domain');
  await groups.getByText('Counts addresses that have it now, whenever it came: the period above makes no difference.').waitFor();
  await groups.getByRole('radio', { name: 'What came in', exact: true }).check();
  await groups.getByText('Counts every event since the first event, also of addresses that do not have it any more.').waitFor();
  await groups.getByText('6 Opt-Outs since the first event. The largest part is “x.example”: 4.').waitFor();
  assert.deepEqual((await table('Why, and from where', 'Opt-Outs that came in by domain')).rows, { 'x.example': [4], 'y.example': [2] });
  const file = await app.download(() => groups.getByRole('button', { name: 'Download table (CSV)' }).click());
  assert.match(file.name, /^mailable-opt-outs-that-came-in-by-domain-/);
  assert.deepEqual(rows(file.text), ['"Domain","Opt-Outs"', '"x.example","4"', '"y.example","2"']);
  await app.page.getByRole('radio', { name: '12 months', exact: true }).check();
  await groups.getByText('No Opt-Outs in the last 12 months.').waitFor();
  await choose(groups, 'Preference', 'inactive-soft-bounce');
  await groups.getByText('the threshold makes soft bounces inactive').waitFor();
  // It stands in the address bar, and is there after a reload.
  assert.match(app.page.url(), /#\/insights\?of=inactive-soft-bounce&count=arrived$/);
  await app.reload();
  assert.ok(await groups.getByRole('radio', { name: 'What came in', exact: true }).isChecked());
  await groups.getByText('the threshold makes soft bounces inactive').waitFor();
  await groups.getByRole('radio', { name: 'Who has it now', exact: true }).check();
  await choose(groups, 'Preference', 'opt-out');
  await app.page.getByRole('radio', { name: 'All', exact: true }).check();
  await groups.getByText('6 addresses in Opt-Outs now. The largest part is “x.example”: 4.').waitFor();
});

test('what came in is narrowed by keyboard to a domain, a reason, an origin and an import, and so are its table and its file', async () => {
  const name = 'What came in, month by month';
  const months = card(name);
  const say = async (label, text) => {
    await months.getByRole('combobox', { name: label, exact: true }).focus();
    await app.page.keyboard.press('Control+a');
    await app.page.keyboard.press('Backspace');
    await app.page.keyboard.type(text);
    await app.page.keyboard.press('Tab');
  };
  await say('Domain', '@Y.example');
  await months.getByText(/: 2 Opt-Outs\. The most came in Feb 2024: 1\. Narrowed to domain: y\.example\.$/).waitFor();
  const chart = `${name}. Narrowed to domain: y.example.`;
  const narrowed = await table(name, chart);
  assert.deepEqual([narrowed.head, narrowed.rows['Jan 2024'], narrowed.rows['Feb 2024']], [['Month', 'Opt-Outs'], [1], [1]]);
  assert.match(app.page.url(), /#\/insights\?months=0&domain=y\.example$/);
  const file = await app.download(() => months.getByRole('button', { name: 'Download table (CSV)' }).click());
  assert.match(file.name, /^mailable-events-by-month-narrowed-/);
  assert.deepEqual(rows(file.text).slice(0, 2), ['"Month","Opt-Outs","Domain"', '"2024-01","1","y.example"']);
  await app.reload();
  await months.locator('p', { hasText: /Narrowed to domain: y\.example\.$/ }).waitFor();
  assert.equal(await months.getByRole('combobox', { name: 'Domain', exact: true }).inputValue(), 'y.example');
  // What people wrote stands on no address.
  await say('Reason', 'no such');
  await months.getByText('Nothing like that came in since the first event. Narrowed to domain: y.example; reason: contains no such.').waitFor();
  await say('Domain', '');
  await months.getByText(/: 3 Hard Bounces\. .* Narrowed to reason: contains no such\.$/).waitFor();
  assert.match(app.page.url(), /#\/insights\?months=0$/);
  // One that there is means itself.
  await months.getByRole('combobox', { name: 'Reason', exact: true }).focus();
  await app.page.waitForFunction(() => document.querySelectorAll('#known-reason option').length === 3);
  assert.deepEqual(await app.page.locator('#known-reason option').evaluateAll((all) => all.map((it) => [it.value, it.textContent])), [['No reason given', '6'], ['5.1.1 No such mailbox', '2'], ['5.1.2 No such domain', '1']]);
  await say('Reason', '5.1.2 No such domain');
  await months.getByText(/: 1 Hard Bounce\. The most came in Mar 2024: 1\. Narrowed to reason: 5\.1\.2 No such domain\.$/).waitFor();
  await say('Reason', 'No reason given');
  await months.getByText(/: 6 Opt-Outs\. .* Narrowed to reason: No reason given\.$/).waitFor();
  await months.getByRole('button', { name: 'Count everything' }).click();
  await months.getByText(/: 6 Opt-Outs, 3 Hard Bounces\. The most came in Mar 2024: 4\.$/).waitFor();
  await say('Origin', 'newsletter');
  await months.getByText(/: 6 Opt-Outs\. /).waitFor();
  await say('Origin', '');
  const imports = months.getByRole('combobox', { name: 'Import', exact: true });
  const ofBounces = imports.locator('option', { hasText: /^bounces\.csv · / });
  await ofBounces.waitFor({ state: 'attached' });
  await imports.selectOption({ label: await ofBounces.textContent() });
  await months.getByText(/: 3 Hard Bounces\. .* Narrowed to import: bounces\.csv\.$/).waitFor();
  assert.match(app.page.url(), /#\/insights\?months=0&import=\d+$/);
  await app.reload();
  await months.locator('p', { hasText: /Narrowed to import: bounces\.csv\.$/ }).waitFor();
  // An import that is gone is no choice any more.
  await app.page.goto(`${browser.address}#/insights?months=0&import=4096`);
  await months.getByText(/: 6 Opt-Outs, 3 Hard Bounces\. The most came in Mar 2024: 4\.$/).waitFor();
  await app.page.waitForFunction(() => location.hash === '#/insights?months=0');
});

test('who was mailable on a day, also after a reload, and the answer as a file', async () => {
  assert.deepEqual(await day('2024-01-09'), { Contacts: 100_001, 'Spam Complaints': 0, 'Opt-Outs': 0, 'Hard Bounces': 0, 'Inactive Soft Bounces': 0, 'No e-mail address': 0, 'Could be mailed': 100_001 });
  const march = { Contacts: 100_001, 'Spam Complaints': 0, 'Opt-Outs': 6, 'Hard Bounces': 2, 'Inactive Soft Bounces': 0, 'No e-mail address': 0, 'Could be mailed': 99_993 };
  assert.deepEqual(await day('2024-03-20'), march);
  await card('Who was mailable on that day?').getByText('100,001 of them came here only later').waitFor();
  await app.reload();
  assert.equal(await app.heading(), 'Insights');
  assert.deepEqual(await day('2024-03-20'), march);
  const file = await app.download(() => app.page.getByRole('button', { name: 'Export everyone, yes or no (CSV)' }).click());
  assert.equal(file.name, 'mailable-2024-03-20-email.csv');
  const all = rows(file.text);
  assert.equal(all[0], '"Day","Email","Mobile Phone","Could Be Contacted","Why Not"');
  assert.equal(all.length, 100_002);
  assert.ok(all.includes('"2024-03-20","p0@y.example","","No","Opt-Out"'));
  assert.ok(all.includes('"2024-03-20","stranger@z.example","","Yes",""'), 'it bounced a day later');
  assert.equal(all.filter((it) => it.includes('"Yes"')).length, 99_993);
  await card('Who was mailable on that day?').getByRole('radio', { name: 'SMS', exact: true }).check();
  await card('Who was mailable on that day?').getByText('0 of 100,001 contacts could be texted.').waitFor();
});

test('days are those of the chosen time zone', async () => {
  await app.go('Settings');
  await app.page.getByLabel('Time zone').selectOption('Pacific/Honolulu');
  await app.go('Insights');
  // Midnight in Greenwich is the day before on Hawaii.
  assert.equal((await day('2024-01-09'))['Opt-Outs'], 2);
  assert.equal((await day('2024-01-08'))['Opt-Outs'], 0);
  await app.go('Settings');
  await app.page.getByLabel('Time zone').selectOption('UTC');
});

test('thresholds are tried out and nothing is saved', async () => {
  await app.importFile(list('soft.csv', 'Email,Timestamp,Soft Bounces in a Row\np20@y.example,2024-04-01,1\np21@x.example,2024-04-02,3\np22@x.example,2024-04-03,5\n'), { preference: 'soft-bounce' });
  await app.go('Insights');
  const tried = card('What if the soft-bounce threshold were …');
  await tried.getByText('At 3 in a row, 2 addresses would be inactive and not be sent to. Now it is off: all are sent to.').waitFor();
  const name = 'What if the soft-bounce threshold were …';
  const thresholds = (await table(name, 'Inactive addresses by threshold')).rows;
  assert.deepEqual([1, 3, 4, 5, 6, 20].map((it) => thresholds[`${it} in a row`][0]), [3, 2, 1, 1, 0, 0]);
  await choose(tried, 'Inactive after', '1');
  await tried.getByText('At 1 in a row, 3 addresses would be inactive').waitFor();
  assert.deepEqual((await table(name, 'Inactive addresses at 1 in a row, by domain')).rows, { 'x.example': [2], 'y.example': [1] });
  assert.equal(await app.count('Inactive Soft Bounces'), '0');
  await tried.getByRole('link', { name: 'Set it in Settings' }).click();
  assert.equal(await app.heading(), 'Settings');
});

test('every table is a file', async () => {
  await app.go('Insights');
  await app.page.getByRole('radio', { name: 'All', exact: true }).check();
  await card('Statuses over time').getByText(/At the end of Jan 2024: 2 Opt-Outs\./).waitFor();
  const file = (name, at = 0) => app.download(() => card(name).getByRole('button', { name: 'Download table (CSV)' }).nth(at).click());
  const standing = await file('Statuses over time');
  assert.match(standing.name, /^mailable-statuses-by-month-20\d\d-\d\d-\d\d\.csv$/);
  assert.deepEqual(rows(standing.text).slice(0, 4), ['"Month","Opt-Outs","Hard Bounces","Soft Bounces"', '"2024-01","2","0","0"', '"2024-02","4","1","0"', '"2024-03","6","3","0"']);
  const events = await file('What came in, month by month');
  assert.equal(rows(events.text)[4], '"2024-04","0","0","9"', 'soft bounces count as often as they happened');
  const groups = await file('Why, and from where');
  assert.match(groups.name, /^mailable-opt-outs-by-domain-/);
  assert.deepEqual(rows(groups.text), ['"Domain","Opt-Outs"', '"x.example","4"', '"y.example","2"']);
  const domains = await file('What if the soft-bounce threshold were …', 1);
  assert.deepEqual(rows(domains.text), ['"Domain","Inactive Addresses"', '"x.example","2"']);
});

test('of a day to come nothing is known, and the day that is answered for stands there', async () => {
  await app.page.goto(`${browser.address}#/insights`);
  const field = app.page.locator('#day');
  const before = await field.inputValue();
  await field.fill(`${new Date().getFullYear() + 4}-03-01`);
  await field.blur();
  assert.equal(await field.inputValue(), before);
});

test('nothing went wrong on the way', () => { assert.deepEqual(browser.wrong, []); });
