// Segments and lists laid over each other: exact numbers in every region, chosen by pointer and by keys, shown, kept and
// exported; and who of a file's list is no contact.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
let page;
const ROWS = 100_000;
const email = (at) => `p${at}@example.org`;
const file = (name, rows) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(['Email', ...rows].join('\n')) });
const range = (from, to) => Array.from({ length: to - from }, (_, at) => email(from + at));
before(async () => {
  browser = await browse();
  app = await browser.open();
  page = app.page;
  await app.importFile(file('everyone.csv', range(0, ROWS)));
  await app.importFile(file('out.csv', range(0, 6_000)), { preference: 'opt-out' });
  await app.importFile(file('hard.csv', range(4_000, 8_000)), { preference: 'hard-bounce' });
  // A list of a file: 3,000 of its addresses are contacts, 500 are not.
  await app.go('Messages');
  await page.getByRole('button', { name: 'New message' }).first().click();
  await page.locator('#file').setInputFiles(file('June fair.csv', [...range(5_000, 8_000), ...range(ROWS, ROWS + 500)]));
  await app.toast('June fair').waitFor();
});
after(async () => { await browser.close(); });

const dialog = () => page.getByRole('dialog', { name: 'Compare segments and lists' });
const set = (name, label) => dialog().getByLabel(name).selectOption({ label });
const box = (name) => dialog().getByRole('group', { name: 'Choose here or in the picture' }).getByRole('checkbox', { name });
const region = (name) => dialog().locator('.venn').getByRole('checkbox', { name });
const numbers = async () => {
  const rows = await dialog().locator('.compare-regions > .choice').evaluateAll((all) => all.map((it) => [it.children[1].textContent, Number(it.children[2].textContent.replaceAll(',', ''))]));
  return Object.fromEntries(rows);
};
const numbersAre = async (expected) => {
  for (let at = 0; at < 50; at += 1) {
    if (JSON.stringify(await numbers().catch(() => ({}))) === JSON.stringify(expected)) return;
    await page.waitForTimeout(50);
  }
  assert.deepEqual(await numbers(), expected);
};
const totalIs = (count) => page.waitForFunction((count) => document.querySelector('.page-count')?.textContent.replaceAll(',', '') === String(count), count);

test('two segments, with a number in every region that adds up to everyone', async () => {
  await app.segmentMore('Opt-Outs', 'Compare with…');
  await dialog().getByText('Choose a second one').waitFor();
  await set('Second (B)', 'Hard Bounces');
  await numbersAre({ 'In both': 2_000, 'Only in Opt-Outs': 4_000, 'Only in Hard Bounces': 2_000, 'In neither': 92_000 });
  const drawn = await dialog().locator('.venn-number').allTextContents();
  assert.deepEqual(drawn.sort(), ['2,000', '2,000', '4,000', '92,000']);
});

test('a file that is added is the next of them, and the first keeps its name', async () => {
  await dialog().getByLabel('File of addresses').setInputFiles(file('Autumn fair.csv', range(0, 10)));
  const names = (label) => dialog().getByLabel(label).locator('option:checked').textContent();
  await dialog().getByLabel('Third (C)').locator('option:checked', { hasText: 'Autumn fair' }).waitFor({ state: 'attached' });
  assert.deepEqual([await names('First (A)'), await names('Second (B)'), await names('Third (C)')], ['Opt-Outs', 'Hard Bounces', 'Autumn fair']);
  await app.page.keyboard.press('Escape');
  await app.undo('Autumn fair');
  await app.segmentMore('Opt-Outs', 'Compare with…');
  await set('Second (B)', 'Hard Bounces');
  await numbersAre({ 'In both': 2_000, 'Only in Opt-Outs': 4_000, 'Only in Hard Bounces': 2_000, 'In neither': 92_000 });
});

test('regions are chosen by keys and by pointer, and are a condition in words', async () => {
  await region(/^In both/).focus();
  await page.keyboard.press('Space');
  assert.equal(await region(/^In both/).getAttribute('aria-checked'), 'true');
  assert.ok(await box('In both').isChecked(), 'the list beside it says the same');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await dialog().getByText('6,000 contacts').last().waitFor();
  await region(/^Only in Hard/).click({ position: { x: 5, y: 5 }, force: true }).catch(() => {});
  await dialog().getByRole('button', { name: 'None', exact: true }).click();
  await dialog().getByText('Nothing is chosen yet.').waitFor();
  assert.ok(await dialog().getByRole('button', { name: 'Show these people' }).isDisabled());
  await box('Only in Opt-Outs').check();
  const said = await dialog().locator('.compare-outcome').innerText();
  assert.match(said, /4,000 contacts\. Contacts whose status is Opt-Out, but not those whose status is Hard Bounce\./);
});

test('who is in the regions is shown, and the picture comes back from the condition', async () => {
  await dialog().getByRole('button', { name: 'Show these people' }).click();
  await totalIs(4_000);
  assert.equal(await app.heading(), 'All Contacts');
  assert.equal(await page.getByRole('combobox', { name: 'Condition', exact: true }).inputValue(), 'status:opt-out -status:hard-bounce');
  await page.getByRole('button', { name: 'Picture', exact: true }).click();
  assert.ok(await box('Only in Opt-Outs').isChecked());
  await box('In both').check();
  await dialog().getByRole('button', { name: 'Use as the condition' }).click();
  await totalIs(6_000);
  assert.equal(await page.getByRole('combobox', { name: 'Condition', exact: true }).inputValue(), 'status:opt-out');
});

test('a list of a file: its contacts are in the picture, the other addresses are told and exported', async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Command' }).fill('compare');
  await page.keyboard.press('Enter');
  await set('First (A)', 'June fair');
  await dialog().getByText('500 addresses of “June fair” are no contacts here').waitFor();
  await set('Second (B)', 'Opt-Outs');
  await set('Third (C), if you like', 'Hard Bounces');
  await numbersAre({
    'In all three': 1_000,
    'In “June fair” and Opt-Outs, and not in the third': 0,
    'In “June fair” and Hard Bounces, and not in the third': 2_000,
    'In Opt-Outs and Hard Bounces, and not in the third': 1_000,
    'Only in “June fair”': 0,
    'Only in Opt-Outs': 4_000,
    'Only in Hard Bounces': 0,
    'In none of them': 92_000,
  });
  const { name, text } = await app.download(() => dialog().getByRole('button', { name: 'Export them' }).click());
  assert.match(name, /^mailable-no-contacts-/);
  const lines = text.replace(/^\ufeff/, '').trim().split('\r\n');
  assert.equal(lines.length, 501);
  assert.ok(lines[1].includes(email(ROWS)), lines[1]);
  const table = await app.download(() => dialog().getByRole('button', { name: 'Download table (CSV)' }).click());
  assert.match(table.text, /"In none of them","92000"/);
});

test('what is chosen is kept as a segment, and exported', async () => {
  await dialog().getByRole('button', { name: 'In all', exact: true }).click();
  const { text } = await app.download(() => dialog().getByRole('button', { name: 'Export', exact: true }).click());
  assert.equal(text.trim().split('\r\n').length, 1_001);
  await dialog().getByRole('button', { name: 'Save as segment' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('All three');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await totalIs(1_000);
  await page.locator('.page-sentence', { hasText: 'June fair' }).waitFor();
  assert.deepEqual(browser.wrong, []);
});

test('a file is compared at once, chosen or dropped', async () => {
  await app.segmentMore('Opt-Outs', 'Compare with…');
  await dialog().getByLabel('File of addresses').setInputFiles(file('autumn.csv', range(5_500, 6_500)));
  await app.toast('List “autumn” created').waitFor();
  await numbersAre({ 'In both': 500, 'Only in Opt-Outs': 5_500, 'Only in “autumn”': 500, 'In neither': 93_500 });
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['Name,Who\nAnn,p5600@example.org\nBen,p99999@example.org\n' + 'Cid,cid\nDan,dan\n'.repeat(5)], 'board.csv', { type: 'text/csv' }));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await dialog().getByLabel('E-mail addresses are in').selectOption({ label: 'Who: p5600@example.org' });
  await app.toast('List “board” created').waitFor();
  await box('In all three').waitFor();
  assert.equal((await numbers())['In all three'], 1);
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  await app.undo('List “board” created');
  await app.undo('List “autumn” created');
});
