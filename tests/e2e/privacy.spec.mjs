// What people may ask for about themselves: to be erased for good, so that nothing of theirs is left in the browser and no
// list brings them back; and to be told what is stored about them.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
before(async () => { browser = await browse(); app = await browser.open(); });
after(async () => { await browser.close(); });

const list = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const contacts = 'Email,First Name,Last Name,Company,Mobile Phone,Remark\n'
  + 'Wanda.Gone@leaves.example,Wanda,Vanishing,Farewell Ltd,+12025550142,Writes poems about geese\n'
  + 'ann@stays.example,Ann,Staying,Home plc,+12025550143,\n'
  + 'silent@leaves.example,Silent,Quiet,Hush GmbH,+12025550144,\n';
const bounces = 'Email,Bounce Reason\nwanda.gone@leaves.example,550 wanda.gone@leaves.example has moved to Mars\n';
/** Nothing of this may be left anywhere, in no case of letters. */
const marks = ['wanda', 'vanishing', 'farewell', '12025550142', 'poems', 'moved to mars'];

const left = async (words = marks) => {
  const { values, text } = await app.stored();
  assert.ok(values > 3, 'the database was read');
  const lower = text.toLowerCase();
  // A number is kept as its digits: five bytes, the lowest first.
  const digits = [...new Uint8Array(new BigUint64Array([12025550142n]).buffer)].slice(0, 5).map((it) => String.fromCharCode(it)).join('');
  return [...words.filter((it) => lower.includes(it)), ...(text.includes(digits) && words === marks ? ['digits'] : [])];
};
const erase = async (typed) => {
  const dialog = app.page.getByRole('dialog', { name: 'Erase for good' });
  await dialog.getByText('This cannot be undone').waitFor();
  const button = dialog.getByRole('button', { name: 'Erase for good' });
  assert.ok(await button.isDisabled(), 'it waits for what has to be typed');
  await dialog.getByRole('textbox').fill(typed);
  await button.click();
  await app.toast('erased for good').waitFor();
};

test('someone is erased, and nothing of theirs is left in the browser', async () => {
  await app.importFile(list('crm.csv', contacts));
  await app.crowd(100_000);
  await app.importFile(list('bounced.csv', bounces), { preference: 'hard-bounce' });
  await app.more('wanda', 'Opt out');
  await app.toast('opted out').waitFor();
  assert.deepEqual(await left(['wanda', 'farewell', 'moved to mars']), ['wanda', 'farewell', 'moved to mars'], 'the look finds what is there');
  const before = await app.counts();
  await app.more('wanda', 'Erase for good');
  await erase('WANDA.gone@leaves.example');
  assert.deepEqual(await left(), []);
  await app.reload();
  assert.deepEqual(await left(), []);
  const after = await app.counts();
  assert.deepEqual(after, { ...before, 'All Contacts': 100_002, 'Opt-Outs': before['Opt-Outs'] - 1, 'Hard Bounces': before['Hard Bounces'] - 1 });
  // Of the address the preference stays, under no name.
  await app.page.goto(`${browser.address}#/bounces-and-opt-outs/opt-out`);
  await app.row('Erased address').waitFor();
});

test('the activity says that it happened, and does not undo it', async () => {
  await app.page.goto(`${browser.address}#/activity`);
  const act = app.page.locator('.act', { hasText: '1 contact erased for good' });
  await act.waitFor();
  assert.equal(await act.getByRole('button').count(), 0);
  // What was done to them alone cannot be undone any more either; what was done to others can.
  assert.equal(await app.page.locator('.act', { hasText: 'opted out' }).getByRole('button').count(), 0);
  assert.equal(await app.page.locator('.act', { hasText: 'Imported crm.csv' }).getByRole('button', { name: 'Undo' }).count(), 1);
});

test('a list does not bring them back, and says why', async () => {
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
  await app.page.locator('#file').setInputFiles(list('again.csv', contacts));
  await app.page.getByRole('button', { name: 'Preview' }).click();
  await app.page.getByRole('button', { name: 'Import Contacts' }).click();
  await app.page.getByRole('button', { name: 'Done' }).waitFor();
  const tally = await app.tally();
  assert.equal(tally['Kept suppressed'], 1);
  assert.equal(tally.New, 0);
  await app.page.getByText('This address was erased for good, and may not be contacted').waitFor();
  await app.page.getByRole('button', { name: 'Done' }).click();
  assert.equal(await app.count('All Contacts'), '100002');
  await app.reload();
  assert.deepEqual(await left(), []);
});

test('many at once want their number typed, by keyboard too', async () => {
  await app.go('All Contacts');
  await app.check('ann@stays.example');
  await app.check('silent@leaves.example');
  await app.selectionAction('Erase for good…');
  const dialog = app.page.getByRole('dialog', { name: 'Erase for good' });
  await dialog.getByText('2 contacts').first().waitFor();
  await app.page.keyboard.type('3');
  assert.ok(await dialog.getByRole('button', { name: 'Erase for good' }).isDisabled());
  await app.page.keyboard.press('Backspace');
  await app.page.keyboard.type('2');
  await app.page.keyboard.press('Enter');
  await app.toast('2 contacts erased for good').waitFor();
  assert.equal(await app.count('All Contacts'), '100000');
  assert.deepEqual(await left(['ann@', 'stays.example', 'silent', 'hush', 'home plc']), []);
});

test('whoever asks is told all that is stored, as a file and on paper', async () => {
  await app.importFile(list('asks.csv', 'Email,First Name,Company,Remark\nRita@asks.example,Rita,Query plc,Likes tea\nother@asks.example,Other,Else plc,Likes coffee\n'));
  await app.search('asks.example');
  await app.more('rita', 'Opt out');
  await app.toast('opted out').waitFor();
  await app.more('rita', 'View history');
  await app.page.getByRole('dialog').getByRole('button', { name: 'Data report…' }).click();
  const dialog = app.page.getByRole('dialog', { name: 'Data report' });
  for (const said of ['rita@asks.example', 'Query plc', 'Likes tea', 'Opt-Out', 'Contact added', 'asks.csv']) await dialog.getByText(said, { exact: false }).first().waitFor();
  const file = await app.download(() => dialog.getByRole('button', { name: 'Download JSON' }).click());
  assert.match(file.name, /^mailable-data-report-20\d\d-\d\d-\d\d\.json$/, 'nothing of the person is in the name');
  const report = JSON.parse(file.text);
  assert.deepEqual([report.format, report.version], ['mailable-data-report', 1]);
  assert.deepEqual(report.addresses.map((it) => [it.kind, it.address, it.spelling, it.state]), [['E-mail', 'rita@asks.example', 'Rita@asks.example', 'Contact']]);
  assert.deepEqual(report.profile, [{ field: 'First Name', value: 'Rita' }, { field: 'Company', value: 'Query plc' }, { field: 'Remark', value: 'Likes tea' }]);
  assert.deepEqual(report.preferences.map((it) => [it.preference, it.origin]), [['Opt-Out', 'User']]);
  assert.deepEqual(report.history.map((it) => it.event), ['Opted out', 'Contact added']);
  assert.ok(!/coffee|other@/.test(file.text), 'of nobody else');
  // On paper there is the report and nothing else.
  await app.page.evaluate(() => { window.print = () => { document.documentElement.dataset.printed = 'yes'; }; });
  await dialog.getByRole('button', { name: 'Print…' }).click();
  assert.equal(await app.page.evaluate(() => document.documentElement.dataset.printed), 'yes');
  await app.page.emulateMedia({ media: 'print' });
  assert.ok(await app.page.locator('.report').getByText('Query plc').isVisible());
  assert.ok(!(await dialog.getByRole('button', { name: 'Print…' }).isVisible()));
  assert.ok(!(await app.page.getByRole('heading', { level: 1, includeHidden: true }).isVisible()));
  await app.page.emulateMedia({ media: 'screen' });
  await app.page.keyboard.press('Escape');
});

test('who was deleted, when and by whom, is found after they are gone', async () => {
  await app.more('other@asks.example', 'Delete contact');
  await app.toast('deleted').waitFor();
  await app.page.goto(`${browser.address}#/activity`);
  await app.page.getByRole('button', { name: 'Look up an address' }).click();
  const dialog = app.page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('nobody@asks.example');
  await app.page.keyboard.press('Enter');
  await dialog.getByText('Nothing is known of it here').waitFor();
  await dialog.getByRole('textbox').fill('OTHER@asks.example');
  await app.page.keyboard.press('Enter');
  const line = dialog.locator('.timeline-item', { hasText: 'Contact deleted' });
  await line.waitFor();
  assert.match(await line.textContent(), /User/);
  await app.page.keyboard.press('Escape');
  // Of those who were erased, that they were.
  await app.page.getByRole('button', { name: 'Look up an address' }).click();
  await dialog.getByRole('textbox').fill('wanda.gone@leaves.example');
  await app.page.keyboard.press('Enter');
  await dialog.getByText('Erased for good: what is left is a salted hash').waitFor();
  await app.page.keyboard.press('Escape');
});

test('nothing went wrong on the way', () => assert.deepEqual(browser.wrong, []));
