// The flows of the help article whose job Mailable does, each also across a reload.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse, data } from './harness.mjs';

let browser;
let app;
before(async () => { browser = await browse(); app = await browser.open(); });
after(async () => { await browser.close(); });

test('an empty database has the seven segments, at 0, and offers something to do', async () => {
  assert.deepEqual(await app.counts(), {
    'All Contacts': 0, 'Opt-Outs': 0, 'Hard Bounces': 0, 'Soft Bounces': 0, 'Inactive Soft Bounces': 0,
    'Spam Complaints': 0, 'SMS Opt-Ins': 0, 'SMS Opt-Outs': 0,
  });
  await app.page.getByRole('button', { name: 'Load 5,000 sample contacts' }).waitFor();
  await app.page.getByRole('button', { name: 'Select your CSV file' }).waitFor();
});

test('sample contacts come in one click, and go in one click', async () => {
  await app.page.getByRole('button', { name: 'Load 5,000 sample contacts' }).click();
  await app.toast('5,000 sample contacts loaded').waitFor();
  const counts = await app.counts();
  assert.equal(counts['All Contacts'], 5000);
  for (const name of ['Opt-Outs', 'Hard Bounces', 'Soft Bounces', 'Spam Complaints', 'SMS Opt-Ins', 'SMS Opt-Outs']) assert.ok(counts[name] > 0, name);
  await app.reload();
  assert.deepEqual(await app.counts(), counts);
});

test('Change to hard bounce: one, undone, then many', async () => {
  await app.go('Soft Bounces');
  const before = await app.counts();
  const [first, second, third] = await app.rows();
  await app.more(first[0], 'Change to hard bounce');
  await app.toast('1 contact changed to hard bounce').waitFor();
  let now = await app.counts();
  assert.equal(now['Soft Bounces'], before['Soft Bounces'] - 1);
  assert.equal(now['Hard Bounces'], before['Hard Bounces'] + 1);
  await app.undo('1 contact changed to hard bounce');
  assert.deepEqual(await app.counts(), before);
  await app.check(second[0]);
  await app.check(third[0]);
  await app.selectionAction('Change to hard bounce');
  await app.toast('2 contacts changed to hard bounce').waitFor();
  now = await app.counts();
  assert.equal(now['Soft Bounces'], before['Soft Bounces'] - 2);
  assert.equal(now['Hard Bounces'], before['Hard Bounces'] + 2);
  await app.reload();
  assert.deepEqual(await app.counts(), now);
});

test('select all N matching, and the exact N change', async () => {
  await app.go('Soft Bounces');
  const before = await app.counts();
  await app.search('contoso');
  await app.rows();
  const matching = Number((await app.page.locator('.page-count').textContent()).replaceAll(',', ''));
  assert.ok(matching > 1 && matching < before['Soft Bounces']);
  const rows = await app.rows();
  assert.ok(rows.every((row) => row.join(' ').toLowerCase().includes('contoso')));
  await app.check(rows[0][0]);
  await app.page.getByRole('button', { name: `Select all ${matching}` }).click();
  await app.selectionAction('Change to hard bounce');
  await app.toast(`${matching} contacts changed to hard bounce`).waitFor();
  assert.equal((await app.counts())['Soft Bounces'], before['Soft Bounces'] - matching);
  await app.undo(`${matching} contacts changed to hard bounce`);
  assert.deepEqual(await app.counts(), before);
});

test('Change to soft bounce takes a hard bounce back', async () => {
  await app.go('Hard Bounces');
  const before = await app.counts();
  const [first] = await app.rows();
  await app.more(first[0], 'Change to soft bounce');
  await app.toast('1 contact changed to soft bounce').waitFor();
  const now = await app.counts();
  assert.equal(now['Hard Bounces'], before['Hard Bounces'] - 1);
  assert.equal(now['Soft Bounces'], before['Soft Bounces'] + 1);
});

test('Opt out and Remove opt-out, with history and origin User', async () => {
  await app.go('All Contacts');
  await app.search('maria');
  const before = await app.counts();
  const rows = await app.rows();
  const free = rows.find((row) => row[3] === '');
  await app.more(free[0], 'Opt out');
  await app.toast('1 contact opted out').waitFor();
  await app.go('Opt-Outs');
  await app.search(free[0]);
  const [listed] = await app.rows();
  assert.equal(listed[0], free[0]);
  assert.ok(listed.includes('User'));
  await app.more(free[0], 'Remove opt-out');
  await app.toast('1 contact no longer opted out').waitFor();
  assert.deepEqual(await app.counts(), before);
  await app.go('All Contacts');
  await app.search(free[0]);
  await app.more(free[0], 'View history');
  const history = await app.texts(app.page.locator('.timeline-item'));
  assert.match(history[0], /Opt-out removed/);
  assert.match(history[1], /Opted out.*User/);
  assert.match(await app.page.locator('.verdict').textContent(), /^E-mailYes\.Text messagesNo\. /);
  await app.page.keyboard.press('Escape');
});

test('what the contact asked for themselves is lifted only with a reason', async () => {
  await app.go('Opt-Outs');
  await app.search('');
  await app.page.getByRole('columnheader', { name: 'Origin' }).getByRole('button').click();
  await app.page.getByRole('columnheader', { name: 'Origin' }).getByRole('button').click();
  await app.page.waitForTimeout(200);
  const [own] = (await app.rows()).filter((row) => row.includes('Unsubscribe link'));
  const before = await app.counts();
  await app.more(own[0], 'View history');
  assert.match(await app.page.locator('.verdict').textContent(), /^E-mailNo\. Asked not to receive e-mail/);
  await app.page.keyboard.press('Escape');
  await app.more(own[0], 'Remove opt-out');
  const dialog = app.page.getByRole('dialog', { name: 'Remove opt-out' });
  await dialog.getByText('Unsubscribe link').waitFor();
  assert.equal(await dialog.getByRole('button', { name: 'Remove opt-out' }).isDisabled(), true);
  await dialog.getByLabel('Reason').fill('Wrote to us and asked to come back');
  await dialog.getByRole('button', { name: 'Remove opt-out' }).click();
  // The toast of the one before says the same, and may still be there.
  await dialog.waitFor({ state: 'detached' });
  await app.toast('no longer opted out').waitFor();
  assert.equal((await app.counts())['Opt-Outs'], before['Opt-Outs'] - 1);
});

test('Export: an immediate CSV with profile, status, timestamp, origin and detail', async () => {
  const count = (await app.counts())['Hard Bounces'];
  const { name, text } = await app.download(() => app.segmentMore('Hard Bounces', 'Export'));
  assert.match(name, /^mailable-hard-bounces-\d{4}-\d\d-\d\d\.csv$/);
  const lines = text.trimEnd().split('\r\n');
  assert.equal(lines.length, count + 1);
  for (const header of ['Email', 'First Name', 'Last Name', 'Company', 'Contact Preference', 'Timestamp', 'Origin', 'Detail']) assert.ok(lines[0].includes(`"${header}"`), header);
  assert.match(lines[1], /Hard Bounce/);
  assert.match(lines[1], /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/);
});

test('Delete all contacts says both numbers, keeps the preferences, and can be undone', async () => {
  const before = await app.counts();
  await app.segmentMore('Spam Complaints', 'Delete all contacts');
  const dialog = app.page.getByRole('dialog', { name: 'Delete all contacts of Spam Complaints' });
  const words = await dialog.textContent();
  const complaints = before['Spam Complaints'];
  assert.ok(words.includes(`${complaints} contacts go, ${complaints} suppressions stay.`), words);
  assert.ok(words.includes(`What is recorded of ${complaints} addresses stays`), words);
  assert.equal(await dialog.locator('.whom > li', { hasText: 'Spam Complaint' }).locator('.whom-count').textContent(), String(complaints));
  await dialog.getByRole('button', { name: 'Delete all contacts' }).click();
  await app.toast('deleted').waitFor();
  const now = await app.counts();
  assert.equal(now['All Contacts'], before['All Contacts'] - before['Spam Complaints']);
  assert.equal(now['Spam Complaints'], 0);
  await app.go('Bounces & Opt-Outs');
  await app.page.getByRole('navigation', { name: 'Lists' }).getByRole('link', { name: /Spam Complaints/ }).click();
  await app.page.waitForTimeout(200);
  assert.equal(await app.page.locator('.page-count').textContent(), String(before['Spam Complaints']));
  await app.reload();
  assert.deepEqual(await app.counts(), now);
  await app.go('Activity');
  await app.undone(() => app.page.locator('.act', { hasText: 'deleted' }).first().getByRole('button', { name: 'Undo' }).click());
  assert.deepEqual(await app.counts(), before);
});

test('all contacts there are can be exported and deleted from their menu, and come back', async () => {
  const before = await app.counts();
  const { text } = await app.download(() => app.segmentMore('All Contacts', 'Export'));
  assert.equal(text.trim().split('\r\n').length, 1 + before['All Contacts']);
  await app.segmentMore('All Contacts', 'Delete all contacts');
  const dialog = app.page.getByRole('dialog', { name: /^Delete all contacts/ });
  await dialog.getByRole('button', { name: 'Delete all contacts' }).click();
  await app.toast('contacts deleted').waitFor();
  assert.equal((await app.counts())['All Contacts'], 0);
  await app.undo('contacts deleted');
  assert.deepEqual(await app.counts(), before);
});

test('Ctrl+Z undoes, Ctrl+Shift+Z does it again', async () => {
  // Without what the test before left on screen: its "Undone" would be taken for ours.
  await app.reload();
  await app.go('Soft Bounces');
  const before = await app.counts();
  const [first] = await app.rows();
  await app.more(first[0], 'Change to hard bounce');
  await app.toast('1 contact changed to hard bounce').waitFor();
  const changed = await app.counts();
  await app.undone(() => app.page.keyboard.press('Control+z'));
  assert.deepEqual(await app.counts(), before);
  await app.page.keyboard.press('Control+Shift+z');
  await app.toast('Redone').waitFor();
  assert.deepEqual(await app.counts(), changed);
  // What was done again can be undone, by that name; and again.
  await app.toast('Redone: 1 contact changed').getByRole('button', { name: 'Undo', exact: true }).click();
  // By the number: the toast of the undo before may still be there.
  const softs = `Soft Bounces${before['Soft Bounces'].toLocaleString('en')}`;
  await app.page.waitForFunction((softs) => [...document.querySelectorAll('.navigation-link')].some((it) => it.textContent === softs), softs);
  assert.deepEqual(await app.counts(), before);
  await app.reload();
  assert.deepEqual(await app.counts(), before);
  await app.go('Activity');
  const newest = app.page.locator('.act').first();
  await newest.filter({ hasText: /^Undone: 1 contact changed to hard bounce/ }).getByRole('button', { name: 'Redo' }).click();
  await newest.filter({ hasText: /^Redone: 1 contact changed to hard bounce/ }).getByRole('button', { name: 'Undo', exact: true }).waitFor();
  assert.deepEqual(await app.counts(), changed);
});

test('every command can be typed', async () => {
  await app.page.keyboard.press('Control+k');
  await app.page.keyboard.type('activ');
  await app.page.keyboard.press('Enter');
  await app.page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor();
});

test('the threshold shows what would move before it is saved, and moves exactly that', async () => {
  await app.go('Settings');
  const before = await app.counts();
  assert.equal(before['Inactive Soft Bounces'], 0);
  await app.page.getByLabel('Inactive after').selectOption('3');
  const sentence = await app.page.locator('p', { hasText: 'would move to Inactive' }).textContent();
  const number = Number(sentence.match(/[\d,]+/)[0].replaceAll(',', ''));
  assert.ok(number > 0);
  await app.page.getByRole('button', { name: 'Save' }).click();
  await app.toast('Soft-bounce threshold set to 3').waitFor();
  const now = await app.counts();
  assert.equal(now['Inactive Soft Bounces'], number);
  assert.equal(now['Soft Bounces'], before['Soft Bounces'] - number);
  await app.reload();
  assert.deepEqual(await app.counts(), now);
  await app.go('Soft Bounces');
  assert.match(await app.page.locator('.page-sentence').textContent(), /After 3 in a row/);
  // Nothing is written to anyone by it, and everyone's history says it all the same.
  await app.go('Inactive Soft Bounces');
  const [[inactive]] = await app.rows();
  await app.more(inactive, 'View history');
  const [line] = await app.texts(app.page.locator('.timeline-item').filter({ hasText: 'Became inactive' }));
  assert.match(line, /^Became inactive: \d soft bounces in a row, threshold 3Soft Bounce.* → +became +Inactive Soft Bounce.*· User$/);
  await app.page.keyboard.press('Escape');
});

test('samples leave no trace', async () => {
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Remove sample contacts' }).click();
  await app.toast('Sample contacts removed').waitFor();
  const counts = Object.values(await app.counts());
  assert.ok(counts.every((it) => it === 0), counts);
});

test('nothing went wrong on the way: no error, no violation of the policy, no request to elsewhere', () => {
  assert.deepEqual(browser.wrong, []);
});
