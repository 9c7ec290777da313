// Messages, from a draft to what comes back: exact numbers with 100,000 contacts, every step with its people, and the same
// after a reload.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
let page;
before(async () => { browser = await browse(); app = await browser.open(); page = app.page; });
after(async () => { await browser.close(); });

const file = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const range = (from, to) => Array.from({ length: to - from }, (_, at) => from + at);
const email = (at) => `p${at}@${at % 4 === 0 ? 'gmail.com' : 'example.com'}`;
const number = (at) => `+1212${5_000_000 + at}`;
const addresses = (from, to) => `Email\n${range(from, to).map(email).join('\n')}\n`;

/** The steps that took somebody off, and what is left. */
const fall = async () => {
  const rows = await page.getByRole('table', { name: 'Who gets it, and who is left out' }).locator('tbody tr')
    .evaluateAll((all) => all.map((row) => [row.cells[0].textContent, Number(row.cells[2].textContent.replace(/[−,]/g, ''))]));
  return Object.fromEntries(rows.filter((it) => it[1] > 0));
};
/** Waits until the waterfall says this. */
const falls = async (expected) => {
  let last;
  for (let at = 0; at < 60; at += 1) {
    last = await fall().catch(() => ({}));
    try { assert.deepEqual(last, expected); return; } catch { await page.waitForTimeout(100); }
  }
  assert.deepEqual(last, expected);
};
const add = async (button, item) => {
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
};
const rename = async (name) => {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.keyboard.press('Tab');
  await page.getByRole('heading', { level: 1, name }).waitFor();
};
const why = async (text) => {
  await page.getByLabel('Address or mobile number').fill(text);
  await page.getByRole('button', { name: 'Ask' }).click();
  await page.locator('.why-verdict, .why > p').first().waitFor();
  await page.waitForTimeout(100);
  return page.locator('.why').innerText();
};
const lines = (text) => text.replace(/^\ufeff/, '').trim().split('\r\n');
const acts = async () => {
  const here = page.url();
  await app.go('Activity');
  await page.locator('.act').first().waitFor();
  const count = await page.locator('.act').count();
  await page.goto(here);
  return count;
};

test('100,000 contacts and what is recorded of them', async () => {
  const rows = range(0, 100_000).map((at) => `${email(at)},Name ${at},${at < 20_000 ? number(at) : ''}`);
  await app.importFile(file('everyone.csv', `Email,First Name,Mobile Phone\n${rows.join('\n')}\n`));
  await app.importFile(file('out.csv', addresses(0, 5_000)), { preference: 'opt-out' });
  await app.importFile(file('hard.csv', addresses(5_000, 6_000)), { preference: 'hard-bounce' });
  await app.importFile(file('soft.csv', addresses(10_000, 12_000)), { preference: 'soft-bounce' });
  await app.importFile(file('spam.csv', addresses(0, 100)), { preference: 'spam-complaint' });
  const numbers = (from, to) => `Mobile Phone\n${range(from, to).map(number).join('\n')}\n`;
  await app.importFile(file('in.csv', numbers(0, 10_000)), { preference: 'sms-opt-in' });
  await app.importFile(file('stop.csv', numbers(9_500, 10_000)), { preference: 'sms-opt-out' });
  assert.equal(await app.count('All Contacts'), '100000');
});

const marketing = { Sources: 100_000, 'Spam Complaints': 100, 'Opt-Outs': 4_900, 'Hard Bounces': 1_000, Recipients: 94_000 };

test('a draft shows its waterfall with every change, and is saved', async () => {
  await app.go('Messages');
  await page.getByRole('heading', { name: 'Whom would a message reach?' }).waitFor();
  await page.getByRole('button', { name: 'New message' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'New message' }).waitFor();
  await page.getByText('Nobody yet.').waitFor();
  await rename('October newsletter');
  await add('Add source', 'All Contacts');
  await falls(marketing);
  await page.getByText('Soft bounces (2,000) are included').waitFor();
  await add('Leave out', 'Soft Bounces');
  await falls({ ...marketing, 'In an excluded list': 2_000, Recipients: 92_000 });
  await page.getByRole('button', { name: 'Remove Soft Bounces' }).click();
  await falls(marketing);
  await page.getByLabel('Kind').selectOption('transactional');
  await falls({ Sources: 100_000, 'Spam Complaints': 100, 'Hard Bounces': 1_000, Recipients: 98_900 });
  await page.getByLabel('Kind').selectOption('marketing');
  await falls(marketing);
  const before = await acts();
  await app.ready();
  await falls(marketing);
  // The same name again is no change.
  await page.getByLabel('Name', { exact: true }).focus();
  await page.keyboard.press('Tab');
  assert.equal(await acts(), before);
  await app.reload();
  await page.getByRole('heading', { level: 1, name: 'October newsletter' }).waitFor();
  await falls(marketing);
});

const dropped = { ...marketing, Sources: 100_010, Duplicates: 6, 'Invalid addresses': 1, Recipients: 94_003 };

test('a dropped file is one more source, in one act', async () => {
  const known = range(50_000, 50_005).map(email).join('\n');
  const text = `Email\n${known}\nnew1@example.org\nnew2@example.org\nnew3@example.org\nNEW1@example.org\nnonsense\n`;
  await page.locator('#file').setInputFiles(file('trade fair.csv', text));
  await app.toast('List “trade fair” created').waitFor();
  await falls(dropped);
  await app.undo('List “trade fair” created');
  await falls(marketing);
  await app.toast('Undone').getByRole('button', { name: 'Redo' }).click();
  await falls(dropped);
  await app.reload();
  await falls(dropped);
  assert.equal(await app.count('All Contacts'), '100000', 'nobody became a contact');
  assert.match(await page.locator('.sources').first().innerText(), /List\s*trade fair\s*10/, 'its rows, so that the sources add up');
});

test('every step opens its people', async () => {
  await page.getByRole('link', { name: 'Opt-Outs: −4,900' }).click();
  await page.getByRole('heading', { level: 1, name: 'Opt-Outs' }).waitFor();
  await page.locator('.page-count', { hasText: /^4,900$/ }).waitFor();
  await app.search('p4999@');
  await page.locator('.page-count', { hasText: /^1$/ }).waitFor();
  await app.reload();
  await page.locator('.page-count', { hasText: /^4,900$/ }).waitFor();
  await page.getByRole('button', { name: 'Back to the message' }).click();
  // Five who are contacts too, and one who stands in the file twice.
  await page.getByRole('link', { name: 'Duplicates: −6' }).click();
  await page.locator('.page-count', { hasText: /^6$/ }).waitFor();
  await page.getByRole('button', { name: 'Back to the message' }).click();
  // A line of the file that has no address is shown as it stands there, also after a reload.
  await page.getByRole('link', { name: 'Invalid addresses: −1' }).click();
  for (const again of [false, true]) {
    if (again) await app.reload();
    const unusable = page.getByRole('table', { name: '1 row of “trade fair” without a usable address' });
    assert.deepEqual(await app.texts(unusable.locator('tbody td')), ['11', 'nonsense', '`nonsense` has no @']);
    await page.getByText('No contact is among them.').waitFor();
  }
  const suppressed = page.getByRole('button', { name: 'Export suppressed' });
  await page.getByRole('button', { name: 'Back to the message' }).click();
  const left = lines((await app.download(() => suppressed.click())).text);
  assert.match(left.at(-1), /^"nonsense",.*"Invalid","","trade fair","Line 11: `nonsense` has no @"$/);
  await page.getByRole('link', { name: 'Recipients: 94,003' }).click();
  await page.locator('.page-count', { hasText: /^94,003$/ }).waitFor();
  await page.getByRole('button', { name: 'Back to the message' }).click();
  await falls(dropped);
});

test('a file is left out, and so is everyone in it', async () => {
  const text = `Email\n${range(60_000, 60_010).map(email).join('\n')}\n`;
  await page.getByLabel('File of addresses to leave out').setInputFiles(file('members.csv', text));
  await app.toast('List “members” created').waitFor();
  const fewer = { ...dropped, 'In an excluded list': 10, Recipients: 93_993 };
  await falls(fewer);
  await app.reload();
  await falls(fewer);
  assert.match(await why(email(60_004)), /Would not get it: In an excluded list\.[\s\S]*Excluded\s*In “members”/);
  const left = lines((await app.download(() => page.getByRole('button', { name: 'Export suppressed' }).click())).text);
  assert.equal(left.filter((it) => it.includes('"Excluded","","","In “members”"')).length, 10);
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('Control+z');
  await app.toast('Undone: List “members” created').waitFor();
  await falls(dropped);
  // Of a file whose columns say nothing a person says which one it is.
  await page.getByLabel('File of addresses to leave out').setInputFiles(file('board.csv', `Name,Who\nAnn,${email(60_000)}\nEva,${email(60_001)}\n${'Tom,tom\nBob,bob\n'.repeat(5)}`));
  await page.getByText('No column of “board.csv” is known to hold e-mail addresses.').waitFor();
  await page.getByLabel('E-mail addresses are in').selectOption({ label: `Who: ${email(60_000)}` });
  await app.toast('List “board” created').waitFor();
  await falls({ ...dropped, 'In an excluded list': 2, Recipients: 94_001 });
  await app.undo('List “board” created');
  await falls(dropped);
});

test('why not this person?', async () => {
  const spam = await why(' P7@example.com ');
  assert.match(spam, /p7@example\.com Would not get it: Spam Complaints\./);
  assert.match(spam, /Spam Complaint\s*since .*spam\.csv[\s\S]*Opt-Out\s*since .*out\.csv/);
  assert.match(spam, /In All Contacts\./);
  assert.match(await why(email(10_001)), /Would get it\. It bounced softly, and is still sent to\.[\s\S]*Soft Bounce\s*since .*1 in a row.*\s*still sent to/);
  assert.match(await why('new1@example.org'), /Would get it\.[\s\S]*In trade fair\./);
  assert.match(await why('nobody@example.net'), /is in none of the sources\.[\s\S]*Not known here\./);
  assert.match(await why('nobody'), /no address/);
  await page.getByLabel('Kind').selectOption('transactional');
  await page.getByText('does not count for this kind of message').waitFor({ state: 'detached' });
  assert.match(await why(email(4_001)), /Would get it\.[\s\S]*Opt-Out[\s\S]*does not count for this kind of message/);
  await page.getByLabel('Kind').selectOption('marketing');
  await page.getByText('Would not get it: Opt-Outs.').waitFor();
  await falls(dropped);
});

test('recipients and those who are left out are exported', async () => {
  const recipients = await app.download(() => page.getByRole('button', { name: 'Export 94,003 recipients' }).click());
  assert.match(recipients.name, /^october-newsletter-recipients-20\d\d-\d\d-\d\d\.csv$/);
  const rows = lines(recipients.text);
  assert.equal(rows.length, 94_004);
  assert.equal(rows[0], 'Email,First Name,Mobile Phone');
  assert.equal(rows[1], `${email(6_000)},Name 6000,${number(6_000)}`);
  assert.ok(rows.includes('new3@example.org,,'));
  assert.equal(new Set(rows).size, rows.length);
  const suppressed = await app.download(() => page.getByRole('button', { name: 'Export suppressed' }).click());
  const out = lines(suppressed.text);
  assert.equal(out.length, 6_002);
  assert.match(out[0], /"Left Out Because","Since","Origin","Detail"$/);
  assert.match(out[1], /^"p0@gmail\.com".*"Spam Complaint","20\d\d-.*Z","[^"]*spam\.csv[^"]*",""$/);
});

test('the recipients are kept exactly as they were', async () => {
  await page.getByRole('button', { name: 'Keep recipients' }).click();
  await app.toast('Message “October newsletter” kept with its recipients').waitFor();
  await page.getByText('exactly as they were then').waitFor();
  await falls(dropped);
  // Whatever happens since.
  await app.importFile(file('late.csv', addresses(60_000, 60_010)), { preference: 'opt-out' });
  await app.go('Messages');
  assert.match(await page.getByRole('table', { name: 'Messages' }).locator('tbody tr').innerText(), /October newsletter\s+E-mail · Marketing\s+Kept .*94,003/);
  await page.getByRole('link', { name: 'October newsletter' }).click();
  await falls(dropped);
  await app.reload();
  await falls(dropped);
  assert.match(await why(email(60_001)), /Is among the recipients that were kept\.[\s\S]*What stands now:[\s\S]*Opt-Out/);
  await page.getByRole('link', { name: 'Opt-Outs: −4,900' }).click();
  await page.locator('.page-count', { hasText: /^4,900$/ }).waitFor();
  await page.getByRole('button', { name: 'Back to the message' }).click();
  await page.getByRole('link', { name: 'Duplicates: −6' }).click();
  await page.locator('.page-count', { hasText: /^6$/ }).waitFor();
  await page.getByRole('button', { name: 'Back to the message' }).click();
  const recipients = await app.download(() => page.getByRole('button', { name: 'Export 94,003 recipients' }).click());
  assert.equal(lines(recipients.text).length, 94_004);
  // Ten of them opted out since: the file has them, and that is said.
  await page.getByText('may not be contacted any more, and the file still has them').waitFor();
  await page.getByRole('link', { name: '10 of the recipients' }).click();
  await page.getByRole('heading', { level: 1, name: 'Not to be contacted any more' }).waitFor();
  await page.locator('.page-count', { hasText: /^10$/ }).waitFor();
  await app.reload();
  await page.locator('.page-count', { hasText: /^10$/ }).waitFor();
  await page.getByRole('button', { name: 'Back to the message' }).click();
});

/** Adds a file of results, in the steps of an import. */
const results = async (name, text, preference) => {
  await page.locator('#file').setInputFiles(file(name, text));
  await page.getByRole('heading', { level: 1, name: 'Results of “October newsletter”' }).waitFor();
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByRole('button', { name: 'Import Contacts' }).waitFor();
  const box = page.locator('#add-preference');
  if (!(await box.isChecked())) { await box.click(); await page.getByRole('button', { name: 'Import Contacts' }).waitFor(); }
  const radio = page.locator(`input[name=preference][value="${preference}"]`);
  if (!(await radio.isChecked())) { await radio.click(); await page.getByRole('button', { name: 'Import Contacts' }).waitFor(); }
  await page.getByRole('button', { name: 'Import Contacts' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('heading', { level: 1, name: 'October newsletter' }).waitFor();
};
const rates = async () => {
  await page.waitForTimeout(300);
  return Object.fromEntries(await page.locator('.rates tbody tr').evaluateAll((all) => all.map((row) => [row.cells[0].firstChild.textContent, [row.cells[1].textContent, row.cells[2].textContent.replaceAll('\u00a0', ' ')]])));
};

test('what comes back is attached to the message, and its rates stand beside their lines', async () => {
  await results('bounced.csv', `${addresses(20_000, 21_900)}nobody@example.net\n`, 'hard-bounce');
  assert.equal(await app.count('All Contacts'), '100000', 'results make no contacts');
  await results('complained.csv', addresses(30_001, 30_095), 'spam-complaint');
  await results('unsubscribed.csv', addresses(40_000, 40_200), 'opt-out');
  const expected = {
    'Hard bounces': ['1,900', '2.02 %at or over 2 %'],
    'Soft bounces': ['0', '0.00 %'],
    'Opt-outs': ['200', '0.21 %'],
    'Spam complaints': ['94', '0.09 %below 0.1 %'],
  };
  assert.deepEqual(await rates(), expected);
  await page.getByText(/Gmail tells nobody who complained; [\d,]+ of the recipients are at Gmail/).waitFor();
  await page.getByText('1 address is in these files not among the recipients').waitFor();
  await app.reload();
  await page.locator('.rates').waitFor();
  assert.deepEqual(await rates(), expected);
  await results('more.csv', addresses(31_000, 31_200), 'spam-complaint');
  assert.deepEqual((await rates())['Spam complaints'], ['294', '0.31 %at or over 0.3 %']);
  // The person's history says that it came from the message.
  await app.go('All Contacts');
  await app.search('p30001@');
  await page.locator('.grid-row', { hasText: 'p30001@' }).getByText('October newsletter').waitFor();
});

test('text messages go to numbers that agreed', async () => {
  await app.go('Messages');
  await page.getByRole('button', { name: 'New message' }).click();
  await page.getByRole('heading', { level: 1, name: 'New message' }).waitFor();
  await rename('Sale by text');
  await page.getByLabel('Channel').selectOption('sms');
  await add('Add source', 'All Contacts');
  await falls({ Sources: 100_000, 'SMS Opt-Outs': 500, 'No SMS Opt-In': 10_000, 'No usable number': 80_000, Recipients: 9_500 });
  await add('Leave out', 'Recipients of “October newsletter”');
  await page.getByRole('button', { name: 'Remove October newsletter' }).waitFor();
  // Of those with a number the first 6,000 did not get the newsletter.
  await falls({ Sources: 100_000, 'In an excluded list': 94_000, Recipients: 6_000 });
  await page.getByRole('button', { name: 'Remove October newsletter' }).click();
  await falls({ Sources: 100_000, 'SMS Opt-Outs': 500, 'No SMS Opt-In': 10_000, 'No usable number': 80_000, Recipients: 9_500 });
  await page.locator('#file').setInputFiles(file('walk-ins.csv', `Mobile Phone\n${number(1)}\n+12125999999\n`));
  await app.toast('List “walk-ins” created').waitFor();
  await falls({ Sources: 100_002, Duplicates: 1, 'SMS Opt-Outs': 500, 'No SMS Opt-In': 10_001, 'No usable number': 80_000, Recipients: 9_500 });
  assert.match(await why('+1 212 599 9999'), /Would not get it: No SMS Opt-In\./);
  assert.match(await why(email(3)), /Would get it\./, 'an opt-out from e-mail says nothing about texts');
  const recipients = await app.download(() => page.getByRole('button', { name: 'Export 9,500 recipients' }).click());
  const rows = lines(recipients.text);
  assert.equal(rows[0], 'Mobile Phone,Email,First Name');
  assert.equal(rows[1], `${number(0)},${email(0)},Name 0`);
  assert.equal(rows.length, 9_501);
});

test('many numbers are opted out of text messages at once, and back', async () => {
  await app.go('SMS Opt-Ins');
  const before = await app.count('SMS Opt-Outs');
  const many = await app.count('SMS Opt-Ins');
  await page.getByRole('grid').focus();
  await page.keyboard.press('Control+a');
  await app.selectionAction('Opt out of SMS');
  await app.goOn('Opt out of SMS');
  await app.toast('opted out of SMS').waitFor();
  assert.equal(await app.count('SMS Opt-Ins'), '0');
  assert.equal(Number(await app.count('SMS Opt-Outs')), Number(before) + Number(many));
  await app.undo('opted out of SMS');
  assert.equal(await app.count('SMS Opt-Ins'), many);
  // Of those who came with a file nothing is typed before it was said that theirs are meant.
  await app.go('SMS Opt-Outs');
  await app.rows();
  await page.getByRole('grid').focus();
  await page.keyboard.press('Control+a');
  await app.selectionAction('Remove SMS opt-out');
  const asked = page.getByRole('dialog', { name: 'Remove SMS opt-out' });
  await asked.getByText('None of these was made here').waitFor();
  assert.equal(await asked.getByLabel(/^Type/).count(), 0);
  await asked.getByRole('checkbox', { name: /Remove these .* too/ }).check();
  await asked.getByLabel(/^Type/).fill(before);
  await asked.getByLabel('Reason').fill('All of them wrote to us');
  await asked.getByRole('button', { name: 'Remove SMS opt-out' }).click();
  await app.toast('no longer opted out of SMS').waitFor();
  assert.equal(await app.count('SMS Opt-Outs'), '0');
  await app.undo('no longer opted out of SMS');
  assert.equal(await app.count('SMS Opt-Outs'), before);
});

test('of somebody erased for good since, a kept message says that no file has them', async () => {
  const address = email(70_000);
  await app.go('All Contacts');
  await app.search(address);
  await app.more(address, 'Erase for good');
  const dialog = page.getByRole('dialog', { name: 'Erase for good' });
  await dialog.getByRole('textbox').fill(address);
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await app.toast('erased for good').waitFor();
  await app.go('Messages');
  await page.getByRole('link', { name: 'October newsletter' }).click();
  for (const again of [false, true]) {
    if (again) await app.reload();
    await page.getByText('One of them was erased for good since, and is in no file.').waitFor();
    const { text } = await app.download(() => page.getByRole('button', { name: 'Export 94,002 recipients' }).click());
    assert.equal(lines(text).length, 94_003);
  }
});

test('a message is duplicated, deleted and brought back', async () => {
  await page.goto(`${browser.address}#/messages`);
  await page.getByRole('button', { name: 'October newsletter: More' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await page.getByRole('heading', { level: 1, name: 'October newsletter (copy)' }).waitFor();
  await page.getByRole('button', { name: 'Keep recipients' }).waitFor();
  await page.getByRole('button', { name: 'October newsletter (copy): More' }).click();
  await page.getByRole('menuitem', { name: 'Delete message' }).click();
  await app.toast('Message “October newsletter (copy)” deleted').waitFor();
  await page.getByRole('table', { name: 'Messages' }).waitFor();
  assert.equal(await page.getByRole('table', { name: 'Messages' }).locator('tbody tr').count(), 2);
  await app.undo('deleted');
  await page.getByRole('link', { name: 'October newsletter (copy)' }).waitFor();
  await page.goto(`${browser.address}#/messages/999`);
  await page.getByText('There is no such message.').waitFor();
  assert.deepEqual(browser.wrong, []);
});
