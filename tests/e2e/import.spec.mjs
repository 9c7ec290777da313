// Real files in, every row accounted for, nothing half-imported, nobody made mailable.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { writeFile, rm } from 'node:fs/promises';
import { browse, data } from './harness.mjs';

let browser;
let app;
before(async () => { browser = await browse(); app = await browser.open(); });
after(async () => { await browser.close(); });

const zero = { New: 0, Changed: 0, Unchanged: 0, 'Kept suppressed': 0, Rejected: 0 };

test('an Act-On opt-out segment arrives with its dates and origins', async () => {
  const tally = await app.importFile(data('act-on-opt-outs.csv'));
  assert.deepEqual(tally, { ...zero, New: 3 });
  assert.equal((await app.counts())['Opt-Outs'], 3);
  await app.go('Opt-Outs');
  await app.search('jane');
  const [[address, name, company, timestamp, origin]] = await app.rows();
  assert.deepEqual([address, name, company, origin], ['jane.doe@northwind.example', 'Jane Doe', 'Northwind', 'Program: ccc']);
  assert.match(timestamp, /13 May 2021/);
  await app.search('sam.roe');
  assert.equal((await app.rows())[0][0], 'Sam.Roe@Contoso.example');
});

test('Mailchimp: cleaned are hard bounces, unsubscribed are opt-outs, SPAM is a complaint', async () => {
  await app.importFile(data('cleaned_email_audience_export_1a2b.csv'));
  await app.importFile(data('unsubscribed_email_audience_export_1a2b.csv'));
  const counts = await app.counts();
  assert.equal(counts['Hard Bounces'], 2);
  assert.equal(counts['Opt-Outs'], 4);
  assert.equal(counts['Spam Complaints'], 1);
});

test('SendGrid bounces: newlines in quotes, and a suppression without a profile', async () => {
  assert.deepEqual(await app.importFile(data('suppression_bounces.csv')), { ...zero, New: 2 });
  await app.go('Hard Bounces');
  await app.search('nobody@tailspin');
  const [row] = await app.rows();
  assert.match(row.at(-1), /does not exist\. Please try\s+double-checking.*"nobody" is not here/s);
});

test('HubSpot: fifty columns, the exact Email wins, the flag says who opted out', async () => {
  const before = await app.counts();
  const tally = await app.importFile(data('hubspot-crm-exports-all-contacts.csv'));
  assert.deepEqual(tally, { ...zero, New: 2 });
  const now = await app.counts();
  assert.equal(now['Opt-Outs'], before['Opt-Outs'] + 1);
  await app.go('All Contacts');
  await app.search('proseware');
  assert.deepEqual((await app.rows()).map((it) => it[0]).sort(), ['maria.garcia@proseware.example', 'tom.okafor@proseware.example']);
  await app.more('tom.okafor', 'View history');
  assert.match(await app.page.locator('.facts.profile').textContent(), /Property 40y/);
  await app.page.keyboard.press('Escape');
});

test('a bare column, UTF-16 with tabs, Windows-1252 with semicolons', async () => {
  assert.deepEqual(await app.importFile(data('one-column.txt'), { preference: 'hard-bounce' }), { ...zero, New: 3 });
  assert.deepEqual(await app.importFile(data('unicode-text.csv')), { ...zero, New: 2 });
  assert.deepEqual(await app.importFile(data('windows-1252-semicolons.csv'), { preference: 'soft-bounce' }), { ...zero, New: 2 });
  await app.go('All Contacts');
  await app.search('margie');
  assert.deepEqual((await app.rows()).map((it) => it.slice(1, 3)).sort(), [['Zoë', 'Margie’s Travel'], ['Łukasz', '東京支店']].sort());
  await app.search('amelie');
  assert.deepEqual((await app.rows())[0].slice(0, 3), ['amelie@alpine.example', 'Amélie Dubois; Martin', 'Übersee']);
  await app.go('Soft Bounces');
  await app.search('alpine');
  await app.rowsAre(2);
});

test('a list that says row by row who opted out is taken at its word, and what it says is shown before', async () => {
  const before = await app.counts();
  const person = (at, status) => `said${at}@litware.example,Said ${at},${status}`;
  const words = (at) => (at % 40 === 0 ? 'Opted out' : at % 100 === 1 ? 'Hard Bounce' : at % 500 === 3 ? 'Waiting' : 'Subscribed');
  const list = `Email,First Name,Status\n${Array.from({ length: 3_000 }, (_, at) => person(at, words(at))).join('\n')}\n`;
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
  await app.page.locator('#file').setInputFiles({ name: 'crm.csv', mimeType: 'text/csv', buffer: Buffer.from(list) });
  await app.page.getByText('“Status” says of each row whether you may contact it.').waitFor();
  await app.page.getByRole('button', { name: 'Preview' }).click();
  const said = app.page.getByRole('table', { name: 'What “Status” says' });
  await said.waitFor();
  const rows = await said.locator('tbody tr').evaluateAll((all) => all.map((it) => [...it.children].map((cell) => cell.textContent.trim())));
  assert.deepEqual(rows, [
    ['Subscribed', '2,889', 'Nothing new'],
    ['Opted out', '75', 'Opt-Out'],
    ['Hard Bounce', '30', 'Hard Bounce'],
    ['Waiting', '6', 'Not known here: nothing comes of it'],
  ]);
  await app.page.getByRole('button', { name: 'Import Contacts' }).click();
  await app.page.getByText('105 got a contact preference.').waitFor();
  await app.page.getByRole('button', { name: 'Done' }).click();
  await app.reload();
  const now = await app.counts();
  assert.equal(now['Opt-Outs'], before['Opt-Outs'] + 75);
  assert.equal(now['Hard Bounces'], before['Hard Bounces'] + 30);
});

test('a field that says who opted out is not overlooked', async () => {
  const before = await app.counts();
  const list = 'Email,Kind,Status\nkind1@litware.example,Customer,Subscribed\nkind2@litware.example,Prospect,Opted out\nkind3@litware.example,Unsubscribed,Subscribed\n';
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
  await app.page.locator('#file').setInputFiles({ name: 'kinds.csv', mimeType: 'text/csv', buffer: Buffer.from(list) });
  await app.page.getByRole('button', { name: 'Preview' }).click();
  await app.page.getByText('The column “Kind” becomes a field, and in 1 row it says “Unsubscribed”').waitFor();
  await app.page.getByRole('button', { name: 'Take “Kind” for the status of each row' }).click();
  await app.page.getByRole('table', { name: 'What “Kind” says' }).waitFor();
  await app.page.getByRole('table', { name: 'What “Status” says' }).waitFor();
  await app.page.getByRole('button', { name: 'Import Contacts' }).click();
  await app.page.getByRole('button', { name: 'Done' }).click();
  assert.equal((await app.counts())['Opt-Outs'], before['Opt-Outs'] + 2);

  // Answers of yes and no, of which there may be several.
  const flags = 'Email,Do not email,Bounced\nflag1@litware.example,no,no\nflag2@litware.example,yes,no\nflag3@litware.example,no,yes\n';
  await app.importFile({ name: 'flags.csv', mimeType: 'text/csv', buffer: Buffer.from(flags) }, {
    mapped: async (page) => {
      assert.equal(await page.getByLabel('Do not email goes to').inputValue(), 'yes-opt-out');
      assert.equal(await page.getByLabel('Bounced goes to').inputValue(), 'yes-hard-bounce');
    },
  });
  const now = await app.counts();
  assert.equal(now['Opt-Outs'], before['Opt-Outs'] + 3);
  assert.equal(now['Hard Bounces'], before['Hard Bounces'] + 1);
});

test('importing never makes a suppressed address mailable, and says so', async () => {
  const before = await app.counts();
  await writeFile('/tmp/mailable-again.csv', 'Email,First Name,Status of mail\njane.doe@northwind.example,Janet,subscribed\nfresh@northwind.example,Fred,subscribed\n');
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
  await app.page.locator('#file').setInputFiles('/tmp/mailable-again.csv');
  await app.page.getByRole('button', { name: 'Preview' }).click();
  await app.page.getByText('Nobody becomes mailable by this import.').waitFor();
  assert.deepEqual(await app.tally(), { ...zero, New: 1, 'Kept suppressed': 1 });
  assert.deepEqual(await app.counts(), before, 'a preview writes nothing');
  await app.page.getByRole('button', { name: 'Import Contacts' }).click();
  await app.page.getByRole('button', { name: 'Done' }).waitFor();
  const now = await app.counts();
  assert.equal(now['Opt-Outs'], before['Opt-Outs']);
  assert.equal(now['All Contacts'], before['All Contacts'] + 1);
  await app.undone(() => app.page.getByRole('button', { name: 'Undo import' }).click());
  assert.deepEqual(await app.counts(), before);
  await app.reload();
  assert.deepEqual(await app.counts(), before);
  await rm('/tmp/mailable-again.csv');
});

test('ragged rows, repeated headers and rejected rows: all are accounted for, and can be downloaded', async () => {
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
  await app.page.locator('#file').setInputFiles(data('ragged.csv'));
  await app.page.getByText('numbered here').waitFor();
  await app.page.getByText('more or fewer cells').waitFor();
  await app.page.getByRole('button', { name: 'Preview' }).click();
  await app.page.getByRole('button', { name: 'Import Contacts' }).waitFor();
  assert.deepEqual(await app.tally(), { ...zero, New: 3, Rejected: 3 });
  const { text } = await app.download(() => app.page.getByRole('button', { name: 'Download rejected rows' }).click());
  const lines = text.trimEnd().split('\r\n');
  assert.equal(lines.length, 4);
  assert.match(lines[1], /^"5","`nobody` has no @"/);
  assert.match(lines[2], /^"6","The row has no address"/);
  assert.match(lines[3], /^"7","is the header again"/);
});

for (const [file, words] of [
  ['empty.csv', 'This file is empty'],
  ['workbook.csv', 'an Excel workbook'],
  ['rubbish.csv', 'not a text file'],
  ['no-address.csv', 'Map one column to Email or Mobile Phone'],
  ['unclosed-quote.csv', 'The quote that opens on line 3 is never closed'],
]) {
  test(`${file} is refused in a sentence, and nothing of it is imported`, async () => {
    const before = await app.counts();
    await app.go('All Contacts');
    await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
    await app.page.locator('#file').setInputFiles(data(file));
    await app.page.getByText(words).first().waitFor();
    assert.deepEqual(await app.counts(), before);
  });
}

test('ten thousand columns are refused', async () => {
  await writeFile('/tmp/mailable-wide.csv', `${Array.from({ length: 10_000 }, (_, at) => `c${at}`).join(',')}\n`);
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
  await app.page.locator('#file').setInputFiles('/tmp/mailable-wide.csv');
  await app.page.getByText('more than 512 columns').waitFor();
  await rm('/tmp/mailable-wide.csv');
});

test('a file that changes before it is read is refused, and nothing is imported', async () => {
  const before = await app.counts();
  await writeFile('/tmp/mailable-gone.csv', 'Email,Name of person\nsomeone@adventure.example,Some One\n');
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
  await app.page.locator('#file').setInputFiles('/tmp/mailable-gone.csv');
  await app.page.getByRole('button', { name: 'Preview' }).waitFor();
  await writeFile('/tmp/mailable-gone.csv', 'changed');
  await app.page.getByRole('button', { name: 'Preview' }).click();
  await app.page.getByText('cannot be read any more').waitFor();
  assert.deepEqual(await app.counts(), before);
  await app.reload();
  assert.deepEqual(await app.counts(), before);
  await rm('/tmp/mailable-gone.csv');
});

/** A list of many, so that reading it takes a while and fills blocks. */
async function longList() {
  const rows = Array.from({ length: 400_000 }, (_, at) => `someone${at}@adventure.example,Some One ${at},a little more text to read in every row`).join('\n');
  await writeFile('/tmp/mailable-long.csv', `Email,Name of person,Note\n${rows}\n`);
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
  await app.page.locator('#file').setInputFiles('/tmp/mailable-long.csv');
  await app.page.getByRole('button', { name: 'Preview' }).click();
}

/** How many values of blocks the browser keeps. */
const storedBlocks = () => app.page.evaluate(async () => {
  const [{ name }] = (await indexedDB.databases()).filter((it) => it.name.startsWith('mailable'));
  const database = await new Promise((done) => { const it = indexedDB.open(name); it.onsuccess = () => done(it.result); });
  const count = await new Promise((done) => { const it = database.transaction('block').objectStore('block').count(); it.onsuccess = () => done(it.result); });
  database.close();
  return count;
});

test('Cancel leaves everything as it was', async () => {
  const [before, blocks] = [await app.counts(), await storedBlocks()];
  await longList();
  await app.page.locator('.job').getByRole('button', { name: 'Cancel' }).click();
  await app.page.getByText('Everything is as it was before').waitFor();
  assert.deepEqual(await app.counts(), before);
  await app.reload();
  assert.deepEqual(await app.counts(), before);
  assert.equal(await storedBlocks(), blocks, 'nothing is left of it');
});

test('a preview that is left leaves nothing; one that is imported is what was previewed', async () => {
  const [before, blocks] = [await app.counts(), await storedBlocks()];
  await longList();
  await app.page.getByRole('button', { name: 'Import Contacts' }).waitFor();
  assert.ok(await storedBlocks() > blocks, 'what was read is stored already, and counts for nothing');
  await app.go('All Contacts');
  await app.page.waitForTimeout(300);
  assert.equal(await storedBlocks(), blocks, 'it is gone with the preview');
  await longList();
  await app.page.getByRole('button', { name: 'Import Contacts' }).waitFor();
  const previewed = await app.tally();
  // What comes now is not what was seen.
  await writeFile('/tmp/mailable-long.csv', 'Email,Name of person,Note\nother@adventure.example,Other,\n');
  await app.page.getByRole('button', { name: 'Import Contacts' }).click();
  await app.page.getByRole('button', { name: 'Done' }).waitFor();
  assert.deepEqual(await app.tally(), previewed);
  assert.equal((await app.counts())['All Contacts'], before['All Contacts'] + 400_000);
  await app.undone(() => app.page.getByRole('button', { name: 'Undo import' }).click());
  await app.reload();
  assert.deepEqual(await app.counts(), before);
  await rm('/tmp/mailable-long.csv');
});

test('encoding, separator and header are found, and can be changed', async () => {
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
  await app.page.locator('#file').setInputFiles(data('windows-1252-semicolons.csv'));
  const columns = () => app.page.locator('.mapping tbody tr').count();
  await app.page.getByText('Amélie').first().waitFor();
  assert.equal(await columns(), 4);
  assert.equal(await app.page.locator('#encoding').inputValue(), 'Windows-1252');
  await app.page.locator('#separator').selectOption('Comma ,');
  await app.page.waitForFunction(() => document.querySelectorAll('.mapping tbody tr').length === 1);
  await app.page.locator('#separator').selectOption('Semicolon ;');
  await app.page.waitForFunction(() => document.querySelectorAll('.mapping tbody tr').length === 4);
  await app.page.locator('#has-header').click();
  await app.page.getByText('Column 1', { exact: true }).waitFor();
  await app.page.locator('#encoding').selectOption('UTF-16 LE');
  await app.page.getByText('Amélie').first().waitFor({ state: 'detached' });
});

test('columns are skipped, made, and merged by the rule that was chosen', async () => {
  const first = { name: 'first.csv', mimeType: 'text/csv', buffer: Buffer.from('Email,First Name,Shoe size,Secret\nrule@wingtip.example,Old,41,x\n') };
  const second = { name: 'second.csv', mimeType: 'text/csv', buffer: Buffer.from('Email,First Name,Shoe size\nrule@wingtip.example,New,42\n') };
  await app.importFile(first, { mapped: async (page) => page.getByLabel('Secret goes to').selectOption('skip') });
  const tally = await app.importFile(second, { mapped: async (page) => page.getByLabel('First Name: if there is a value').selectOption('overwrite') });
  assert.equal(tally.Changed, 1);
  await app.search('rule@wingtip');
  await app.more('rule@wingtip', 'View history');
  const facts = await app.page.locator('.facts.profile').textContent();
  assert.match(facts, /First NameNew/);
  assert.match(facts, /Shoe size41/, 'filled fields stay unless they are to be overwritten');
  assert.doesNotMatch(facts, /Secret/);
  await app.page.keyboard.press('Escape');
});

test('a file dropped anywhere opens the import', async () => {
  await app.go('Settings');
  const transfer = await app.page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['Email\ndropped@wingtip.example\n'], 'dropped.csv', { type: 'text/csv' }));
    return transfer;
  });
  await app.page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
  await app.page.getByRole('button', { name: 'Preview' }).waitFor();
  assert.match(await app.page.locator('.page-count').textContent(), /dropped\.csv/);
});

test('what is exported is imported again with the same preferences', async () => {
  await app.go('All Contacts');
  const before = await app.counts();
  const { text } = await app.download(() => app.page.getByRole('button', { name: 'Export', exact: true }).click());
  await writeFile('/tmp/mailable-all.csv', text);
  const other = await browse({ address: browser.address });
  const again = await other.open();
  await again.importFile('/tmp/mailable-all.csv');
  const now = await again.counts();
  assert.equal(now['All Contacts'], before['All Contacts']);
  assert.equal(now['Spam Complaints'], before['Spam Complaints']);
  assert.equal(now['Soft Bounces'], before['Soft Bounces']);
  assert.deepEqual(other.wrong, []);
  await other.close();
  await rm('/tmp/mailable-all.csv');
});

test('a file is read also where no thread of its own can be started, or where that thread dies', async () => {
  const changes = [
    (boot) => boot.replace("'self.mailableStartReader=()=>new Worker(self.mailableReader);'", "''"),
    (boot) => boot.replace("JSON.stringify(loader('reader'))", 'JSON.stringify("throw new Error(1)")'),
  ];
  for (const change of changes) {
    const other = await browse();
    await other.changeBoot(other.context, change);
    const there = await other.open();
    await there.importFile(data('act-on-opt-outs.csv'));
    assert.ok(Number(await there.count('All Contacts')) > 0);
    await other.close();
  }
});

test('a bounce file that calls its texts Reason: they are the detail, with the line they stand on', async () => {
  await app.importFile(data('bounces-with-reasons.csv'), {
    preference: 'hard-bounce',
    mapped: async (page) => {
      assert.equal(await page.getByLabel('Reason goes to').inputValue(), 'detail');
      await page.getByText('“Reason” is taken for the detail of the preference').waitFor();
    },
  });
  await app.go('Hard Bounces');
  await app.search('gone@fabrikam');
  assert.equal((await app.rows())[0].at(-1), '550 5.1.1 User unknown (id 421)');
  await app.more('gone@fabrikam', 'View history');
  const lines = () => app.texts(app.page.locator('.timeline-item'));
  // It bounced before it came here.
  const [added, bounce] = await lines();
  assert.match(bounce, /^Hard bounceNo preference → +became +Hard Bounce/);
  assert.match(bounce, /Import: bounces-with-reasons\.csv · line 3550 5\.1\.1 User unknown \(id 421\)$/);
  assert.match(added, /^Contact added.*line 3$/);
  await app.page.keyboard.press('Escape');
  await app.more('gone@fabrikam', 'Change to soft bounce');
  await app.toast('1 contact changed to soft bounce').waitFor();
  await app.undo('1 contact changed to soft bounce');
  await app.reload();
  await app.go('Hard Bounces');
  await app.search('gone@fabrikam');
  await app.more('gone@fabrikam', 'View history');
  await app.page.locator('.timeline-item', { hasText: 'Undone: 1 contact changed to soft bounce' }).waitFor();
  assert.deepEqual((await lines()).map((it) => it.slice(0, 8)), ['Undone: ', 'Changed ', 'Contact ', 'Hard bou']);
  await app.page.keyboard.press('Escape');
});

test('somebody’s own Reason stays a field, until the file is said to bring a preference', async () => {
  const file = { name: 'guests.csv', mimeType: 'text/csv', buffer: Buffer.from('Email,Reason\nguest@proseware.example,asked on the phone\n') };
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
  await app.page.locator('#file').setInputFiles(file);
  const target = app.page.getByLabel('Reason goes to');
  assert.equal(await target.inputValue(), 'new');
  await app.page.getByRole('button', { name: 'Preview' }).click();
  await app.page.getByRole('button', { name: 'Import Contacts' }).waitFor();
  const offer = app.page.getByRole('button', { name: 'Keep it as the detail of the preference' });
  assert.equal(await offer.count(), 0);
  await app.page.locator('#add-preference').click();
  await offer.click();
  await offer.waitFor({ state: 'detached' });
  await app.page.getByRole('button', { name: 'Import Contacts' }).click();
  await app.page.getByRole('button', { name: 'Done' }).click();
  await app.go('Opt-Outs');
  await app.search('guest@proseware');
  assert.equal((await app.rows())[0].at(-1), 'asked on the phone');
});

test('an opt-out that came with a file which names nobody is lifted with a reason only', async () => {
  const file = { name: 'suppression_unsubscribes.csv', mimeType: 'text/csv', buffer: Buffer.from('email,created\nleft@proseware.example,1767225600\n') };
  await app.importFile(file);
  await app.go('Opt-Outs');
  await app.search('left@proseware');
  await app.more('left@proseware', 'Remove opt-out');
  const dialog = app.page.getByRole('dialog', { name: 'Remove opt-out' });
  await dialog.getByText('Nothing says that someone here made this opt-out').waitFor();
  await dialog.getByText('Import: suppression_unsubscribes.csv').waitFor();
  assert.equal(await dialog.getByRole('button', { name: 'Remove opt-out' }).isDisabled(), true);
  await app.page.keyboard.press('Escape');
});

test('what a server said is the detail, also where somebody has a field called Reason; and a detail of nothing is warned of', async () => {
  const text = (of) => ({ name: `${of}.csv`, mimeType: 'text/csv', buffer: Buffer.from(`Email,Reason\n${of}@proseware.example,${of === 'calls' ? 'wants a call' : '550 5.1.1 User unknown'}\n`) });
  await app.importFile(text('calls'));
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
  await app.page.locator('#file').setInputFiles(text('bounces'));
  const target = app.page.getByLabel('Reason goes to');
  assert.equal(await target.inputValue(), 'detail');
  await app.page.getByRole('button', { name: 'Preview' }).click();
  const warning = app.page.getByText('nothing says which: tick');
  await warning.waitFor();
  await app.page.locator('#add-preference').click();
  await warning.waitFor({ state: 'detached' });
  await app.page.locator('input[name=preference][value="hard-bounce"]').click();
  await app.page.getByRole('button', { name: 'Import Contacts' }).click();
  await app.page.getByRole('button', { name: 'Done' }).click();
  await app.go('Hard Bounces');
  await app.search('bounces@proseware');
  assert.equal((await app.rows())[0].at(-1), '550 5.1.1 User unknown');
});

test('a file in which nothing was new changes nothing, and Activity says that it was read', async () => {
  const before = await app.counts();
  const file = { name: 'known.csv', mimeType: 'text/csv', buffer: Buffer.from('Email\nguest@proseware.example\n') };
  assert.deepEqual(await app.importFile(file), { ...zero, 'Kept suppressed': 1 });
  assert.deepEqual(await app.counts(), before);
  await app.reload();
  await app.go('Activity');
  const act = app.page.locator('.act', { hasText: 'Read known.csv: nothing new in 1 row' });
  await act.waitFor();
  assert.equal(await act.getByRole('button', { name: 'Undo' }).count(), 0);
  await act.getByText('1 row = 0 new').waitFor();
});

test('phone numbers are exported as numbers, and come back as they were', async () => {
  await app.importFile({ name: 'phones.csv', mimeType: 'text/csv', buffer: Buffer.from('Email,Mobile Phone,Note\nphone@wingtip.example,+4915112345678,=1+1\n') });
  await app.search('phone@wingtip');
  await app.check('phone@wingtip');
  const { text } = await app.download(() => app.selectionAction('Export'));
  assert.match(text, /"\+4915112345678"/);
  assert.match(text, /"'=1\+1"/);
  assert.deepEqual(await app.importFile({ name: 'again.csv', mimeType: 'text/csv', buffer: Buffer.from(text) }), { ...zero, Unchanged: 1 });
});

test('nothing went wrong on the way', () => { assert.deepEqual(browser.wrong, []); });
