// Contacts that are one person: found by what they have in common, merged side by side with what comes out said before, told
// apart, and merged all at once; with one undo each, and still so after a reload.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
before(async () => { browser = await browse(); app = await browser.open('#/duplicates'); });
after(async () => { await browser.close(); });

const csv = (name, header, rows) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(`${header}\n${rows.join('\n')}\n`) });
const duplicates = async (rule = '') => { await app.page.goto(`${browser.address}#/duplicates${rule && `/${rule}`}`); };
const groups = () => app.page.locator('.duplicate');
const group = (text) => app.page.locator('.duplicate', { hasText: text });
const rule = (name) => app.page.getByRole('navigation', { name: 'What they have in common' }).getByRole('link', { name: new RegExp(`^${name}`) });
const many = async (name) => Number((await rule(name).locator('.navigation-count').textContent()).replaceAll(',', ''));
const dialog = (name) => app.page.getByRole('dialog', { name });
const history = async (address) => {
  await app.page.goto(`${browser.address}#/activity`);
  await app.page.getByRole('button', { name: 'Look up an address' }).click();
  await app.page.getByRole('dialog').getByRole('textbox').fill(address);
  await app.page.keyboard.press('Enter');
  await app.page.locator('.timeline-item').first().waitFor();
  const lines = await app.page.locator('.timeline-item').evaluateAll((all) => all.map((it) => it.querySelector('.timeline-text').textContent));
  await app.page.keyboard.press('Escape');
  return lines;
};

test('with nobody there it says what to do', async () => {
  await app.page.getByRole('heading', { name: 'There is nobody yet' }).waitFor();
  assert.equal(await app.heading(), 'Duplicates');
  await app.page.getByRole('button', { name: 'Import contacts' }).waitFor();
});

test('a file with duplicates: each rule shows its groups and why', async () => {
  await app.importFile(csv('crm.csv', 'Email,First Name,Last Name,Company,Title,Mobile Phone', [
    'ann.lee@gmail.com,Ann,Lee,Acme Inc.,,+12025550101',
    'bob@shop.example,Bob,Ray,,,+12025550102',
    'robert@shop.example,Robert,Ray,,,+1 202 555 0102',
    'solo@shop.example,Solo,One,,,',
  ]));
  await app.importFile(csv('webshop.csv', 'Email,First Name,Last Name,Company,Title,Mobile Phone', [
    'annlee+shop@googlemail.com,Annie,Lee,ACME,Head of <b>things</b>,+12025550103',
  ]));
  await app.importFile(csv('optouts.csv', 'Email,Timestamp,Origin', ['ann.lee@gmail.com,2026-01-02,Unsubscribe link']), { preference: 'opt-out' });
  await app.importFile(csv('bounced.csv', 'Email,Timestamp,Bounce Reason', ['ann.lee@gmail.com,2026-01-03,550 gone']), { preference: 'hard-bounce' });
  await app.go('Duplicates');
  await group('annlee+shop@googlemail.com').waitFor();
  assert.deepEqual([await many('Same mailbox'), await many('Same mobile number'), await many('Same name and company')], [1, 1, 0]);
  await app.page.getByText('it ignores dots and what follows a plus').waitFor();
  assert.equal(await app.page.getByRole('button', { name: /^Merge all/ }).count(), 0, 'of one group there is no all');
  await rule('Same mobile number').click();
  await group('robert@shop.example').waitFor();
  assert.ok((await app.page.title()).startsWith('Duplicates'));
  assert.ok(app.page.url().endsWith('#/duplicates/mobile-number'));
  await rule('Same name and street').click();
  await app.page.getByRole('heading', { name: 'No contacts have a name and a street in common' }).waitFor();
  await app.page.getByRole('link', { name: 'Show same mailbox' }).click();
  await group('ann.lee@gmail.com').waitFor();
});

test('a merge says what comes out before, holds after a reload, and is told in both histories', async () => {
  await group('ann.lee@gmail.com').getByRole('button', { name: 'Merge Ann Lee' }).click();
  const form = dialog('Merge contacts');
  await form.getByRole('radio', { name: 'annlee+shop@googlemail.com' }).waitFor();
  assert.ok(await form.getByRole('radio', { name: 'annlee+shop@googlemail.com' }).isChecked(), 'the one that came last is proposed');
  await form.getByText('Opt-Out holds for it from now on: recorded at ann.lee@gmail.com').waitFor();
  await form.getByText('Hard Bounce holds for it from now on').waitFor();
  await form.getByText('It is not mailed any more.').waitFor();
  assert.ok(await form.getByText('Head of <b>things</b>').isVisible(), 'text from files is only text');
  await form.getByRole('radio', { name: 'First Name: Ann', exact: true }).check();
  await form.getByRole('checkbox').check();
  await form.getByText('Hard Bounce holds for it from now on').waitFor({ state: 'detached' });
  await form.getByRole('radio', { name: 'First Name: Ann', exact: true }).and(app.page.locator(':checked')).waitFor();
  await form.getByRole('button', { name: 'Merge 2 contacts' }).click();
  await app.toast('2 contacts merged into 1').waitFor();
  await group('ann.lee@gmail.com').waitFor({ state: 'detached' });
  assert.equal(await app.count('All Contacts'), '4');
  await app.reload();
  assert.equal(await app.count('All Contacts'), '4');
  const kept = await history('annlee+shop@googlemail.com');
  assert.ok(kept.includes('Merged with ann.lee@gmail.com'), kept.join('; '));
  assert.ok(kept.includes('Opted out, carried over by the merge'), kept.join('; '));
  const gone = await history('ann.lee@gmail.com');
  assert.ok(gone.includes('Merged into annlee+shop@googlemail.com'), gone.join('; '));
  await app.go('Trash');
  await app.row('ann.lee@gmail.com').waitFor();
  await app.go('All Contacts');
  await app.row('annlee+shop@googlemail.com').getByText('Opt-Out').waitFor();
  assert.equal(await app.row('annlee+shop@googlemail.com').getByText('Hard Bounce').count(), 0);
  await app.search('Ann Lee');
  await app.row('annlee+shop@googlemail.com').waitFor();
  await app.search('');
});

test('one undo brings everybody back', async () => {
  await app.page.goto(`${browser.address}#/activity?kind=duplicate`);
  const act = app.page.locator('.act', { hasText: '2 contacts merged into 1' });
  await act.getByRole('button', { name: 'Undo' }).click();
  await app.toast('Undone: 2 contacts merged into 1').waitFor();
  assert.equal(await app.count('All Contacts'), '5');
  assert.deepEqual((await app.counts())['Opt-Outs'], 1);
  await duplicates();
  await group('ann.lee@gmail.com').waitFor();
});

test('what is said to be no duplicate stays away, until that is undone', async () => {
  await duplicates('mobile-number');
  await group('robert@shop.example').getByRole('button', { name: 'Not duplicates: Bob Ray' }).click();
  await app.toast('2 contacts marked as not duplicates').waitFor();
  await group('robert@shop.example').waitFor({ state: 'detached' });
  await app.reload();
  await app.page.getByRole('heading', { name: 'No contacts have a mobile number in common' }).waitFor();
  await app.page.keyboard.press('Control+z');
  await app.toast('Undone: 2 contacts marked as not duplicates').waitFor();
  await group('robert@shop.example').waitFor();
});

test('two that nobody would find are merged from a list, by keys', async () => {
  await app.go('All Contacts');
  await app.check('solo@shop.example');
  await app.check('bob@shop.example');
  await app.selectionAction('Merge…');
  const form = dialog('Merge contacts');
  await form.getByRole('radio', { name: 'bob@shop.example' }).waitFor();
  await form.getByRole('radio', { name: 'bob@shop.example' }).focus();
  await app.page.keyboard.press('Space');
  await form.locator('.merge-outcome', { hasText: 'bob@shop.example stays. To the trash: solo@shop.example.' }).waitFor();
  await app.page.keyboard.press('Enter');
  await app.toast('2 contacts merged into 1').waitFor();
  assert.equal(await app.count('All Contacts'), '4');
  await app.undo('2 contacts merged into 1');
  assert.equal(await app.count('All Contacts'), '5');
  await app.page.keyboard.press('Control+k');
  await app.page.keyboard.type('duplicates');
  await app.page.keyboard.press('Enter');
  await groups().first().waitFor();
});

test('100,000 contacts: all groups of a rule are merged at once, and one undo brings them back', async () => {
  const rows = Array.from({ length: 100_000 }, (_, at) => {
    const of = at % 50 === 1 ? at - 1 : at;
    const address = at % 50 === 1 ? `per.son${of}+news@gmail.com` : `person${of}@${at % 50 ? 'mail.example' : 'gmail.com'}`;
    return `${address},Given${of},Family${of},${at % 50 === 1 ? `Company ${of}` : ''}`;
  });
  await app.importFile(csv('everyone.csv', 'Email,First Name,Last Name,Company', rows));
  await app.importFile(csv('out.csv', 'Email', Array.from({ length: 10 }, (_, at) => `per.son${at * 50}+news@gmail.com`)), { preference: 'opt-out' });
  const before = await app.counts();
  await duplicates('mailbox');
  await app.page.getByRole('button', { name: 'Merge all 2,001…' }).waitFor();
  assert.equal(await groups().count(), 20);
  await app.page.getByText('1 to 20 of 2,001').waitFor();
  await app.page.getByRole('button', { name: 'Last', exact: true }).click();
  await app.page.getByText('2,001 to 2,001 of 2,001').waitFor();
  assert.equal(await groups().count(), 1);
  await app.page.getByRole('button', { name: 'Merge all 2,001…' }).click();
  const form = dialog('Merge all: same mailbox');
  await form.getByText('Of each of 2,001 groups one contact stays').waitFor();
  await form.getByRole('radio', { name: 'The one with the most fields' }).check();
  await form.getByText(/2,001 contacts go to the trash/).waitFor();
  const start = Date.now();
  await form.getByRole('button', { name: 'Merge all 2,001' }).click();
  await app.toast('4,002 contacts merged into 2,001: same mailbox').waitFor();
  console.log(`# merged in ${Date.now() - start} ms`);
  await app.page.getByRole('heading', { name: /No contacts have a mailbox in common|No duplicates/ }).waitFor();
  assert.equal(Number(await app.count('All Contacts')), before['All Contacts'] - 2_001);
  await app.reload();
  assert.equal(Number(await app.count('All Contacts')), before['All Contacts'] - 2_001);
  await app.page.keyboard.press('Control+z');
  await app.toast('Undone: 4,002 contacts merged into 2,001').waitFor();
  assert.deepEqual(await app.counts(), before);
});

test('nothing went wrong on the way', () => { assert.deepEqual(browser.wrong, []); });
