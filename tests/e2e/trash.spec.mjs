// What is kept, for how long, and how it comes back: the trash is emptied by hand and by time, and nothing of the profiles
// is left in the browser while every preference stays; someone who was erased is allowed again; a message that was kept
// outlives its sources.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
before(async () => { browser = await browse(); app = await browser.open(); });
after(async () => { await browser.close(); });

const page = () => app.page;
const button = (name) => page().getByRole('button', { name, exact: true });
const list = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const person = (name, number) => `${name}@trash.example,${name},Vanishing,Farewell ${name} Ltd,+1202555014${number},Poem of ${name}\n`;
const contacts = 'Email,First Name,Last Name,Company,Mobile Phone,Remark\n' + [...'ann bob cy dee eve'.split(' ')].map(person).join('');

/** Everything that the browser keeps, in small letters. */
const stored = async () => (await app.stored()).text.toLowerCase();
/** Which words of whose profile are left. */
const left = async (...names) => {
  const text = await stored();
  assert.ok(text.includes('@trash.example') || text.includes('trash.example'), 'the database was read');
  return names.flatMap((name) => [`farewell ${name} ltd`, `poem of ${name}`].filter((it) => text.includes(it)));
};
const open = async (hash) => { await page().goto(`${browser.address}${hash}`); await page().waitForTimeout(50); };
const remove = async (...names) => {
  await app.go('All Contacts');
  for (const name of names) await app.check(`${name}@trash.example`);
  await app.selectionAction('Delete');
  await app.toast('deleted').waitFor();
};
const typed = async (text) => {
  const dialog = page().getByRole('dialog', { name: 'Delete for good' });
  await dialog.getByText('This cannot be undone').waitFor();
  const act = dialog.getByRole('button', { name: 'Delete for good' });
  assert.ok(await act.isDisabled(), 'it waits for what has to be typed');
  await dialog.getByRole('textbox').fill(text);
  await act.click();
  await app.toast('taken out of the trash for good').waitFor();
};

test('one of the trash is deleted for good, and the others stay', async () => {
  await app.importFile(list('crm.csv', contacts));
  await app.crowd(100_000);
  await app.more('bob@trash.example', 'Opt out');
  await app.toast('opted out').waitFor();
  await remove('ann', 'bob', 'cy');
  await open('#/trash');
  await app.row('ann@trash.example').waitFor();
  assert.deepEqual(await left('ann', 'bob'), ['farewell ann ltd', 'poem of ann', 'farewell bob ltd', 'poem of bob'], 'the look finds what is there');
  const before = await app.counts();
  await app.more('ann@trash.example', 'Delete for good');
  const dialog = page().getByRole('dialog', { name: 'Delete for good' });
  await dialog.getByText('A later list brings it back as a new contact, suppressed if it is.').waitFor();
  assert.equal(await dialog.getByText('preference of').count(), 0, 'none is recorded for Ann');
  await typed('ANN@trash.example');
  assert.deepEqual(await left('ann'), []);
  assert.deepEqual((await app.rows()).map((it) => it[0]).sort(), ['bob@trash.example', 'cy@trash.example']);
  await app.reload();
  assert.deepEqual(await left('ann'), []);
  assert.deepEqual(await app.counts(), before);
  // The deletion of all three is undone for the others.
  await open('#/activity');
  await page().locator('.act', { hasText: '3 contacts deleted' }).getByRole('button', { name: 'Undo' }).click();
  await app.toast('1 contact taken out of the trash for good stays as it is').waitFor();
  assert.equal(await app.count('All Contacts'), '100004');
  await app.toast('stays as it is').getByRole('button', { name: 'Redo' }).click();
  await app.toast('Redone').waitFor();
});

test('the trash is emptied, says what stays, and no place offers the deletion to be undone', async () => {
  await open('#/trash');
  await button('Empty trash…').click();
  const dialog = page().getByRole('dialog', { name: 'Delete for good' });
  await dialog.getByText('The preference of 1 address stays').waitFor();
  await typed('2');
  await page().getByText('The trash is empty').waitFor();
  assert.ok(await button('Empty trash…').isDisabled());
  assert.deepEqual(await left('ann', 'bob', 'cy'), []);
  await open('#/activity');
  await page().locator('.act', { hasText: '2 contacts taken out of the trash for good' }).waitFor();
  for (const act of ['3 contacts deleted', '2 contacts taken out']) {
    assert.equal(await page().locator('.act', { hasText: act }).first().getByRole('button').count(), 0, act);
  }
  await app.reload();
  assert.deepEqual(await left('ann', 'bob', 'cy'), []);
});

test('a list brings them back as new contacts, suppressed who was', async () => {
  const tally = await app.importFile(list('again.csv', 'Email,First Name\nann@trash.example,Ann\nbob@trash.example,Bob\n'));
  assert.deepEqual([tally.New, tally['Kept suppressed']], [1, 1]);
  assert.equal(await app.count('Opt-Outs'), '1');
});

test('what is kept for so long goes by itself, with a notice, and not on the first day of a choice', async () => {
  await remove('dee');
  await open('#/trash');
  await app.row('dee@trash.example').waitFor();
  const kept = page().getByRole('group', { name: 'How long deleted contacts are kept' });
  await kept.getByText('Nothing here goes by itself.').waitFor();
  await app.ahead(40);
  await app.reload();
  await app.row('dee@trash.example').waitFor();
  await kept.getByRole('combobox').selectOption('30 days');
  await kept.getByText('1 contact was deleted longer ago: from tomorrow on the profile would be taken out for good.').waitFor();
  await kept.getByRole('button', { name: 'Save' }).click();
  await app.toast('Deleted contacts are kept for 30 days').waitFor();
  await kept.getByText('After that their profiles are taken out for good').waitFor();
  await app.reload();
  await page().waitForTimeout(500);
  assert.deepEqual(await left('dee'), ['farewell dee ltd', 'poem of dee'], 'on its first day a choice takes nothing');
  await app.ahead(2);
  await app.reload();
  await app.toast('1 contact taken out of the trash for good, as chosen there').waitFor();
  assert.deepEqual(await left('dee'), []);
  await open('#/activity?origin=retention');
  const act = page().locator('.act');
  await act.first().waitFor();
  assert.equal(await act.count(), 1);
  assert.match(await act.textContent(), /1 contact taken out of the trash for good.*Retention · Deleted contacts are kept for 30 days/);
  assert.equal(await act.getByRole('button').count(), 0);
});

test('someone who was erased is allowed again by hand, and comes back with what stood', async () => {
  await app.go('All Contacts');
  await app.more('eve@trash.example', 'Opt out');
  await app.toast('opted out').waitFor();
  await app.more('eve@trash.example', 'Erase for good');
  const erase = page().getByRole('dialog', { name: 'Erase for good' });
  await erase.getByRole('textbox').fill('eve@trash.example');
  await erase.getByRole('button', { name: 'Erase for good' }).click();
  await app.toast('erased for good').waitFor();
  const again = list('eve.csv', 'Email,First Name\nEve@trash.example,Eve\n');
  assert.deepEqual((await app.importFile(again))['Kept suppressed'], 1);
  await open('#/activity');
  await button('Look up an address…').click();
  await page().getByRole('dialog').getByRole('textbox').fill('eve@trash.example');
  await page().keyboard.press('Enter');
  await button('Allow this address again…').click();
  const dialog = page().getByRole('dialog', { name: 'Allow this address again' });
  await dialog.getByText('It undoes no opt-out.').waitFor();
  const act = dialog.getByRole('button', { name: 'Allow again' });
  await dialog.getByRole('textbox').first().fill('ann@trash.example');
  assert.ok(await act.isDisabled(), 'a reason is wanted');
  await dialog.getByLabel('Reason').fill('eve@trash.example rang us');
  await act.click();
  await dialog.getByText('This is not the address that was erased').waitFor();
  await dialog.getByRole('textbox').first().fill('EVE@trash.example');
  await act.click();
  await app.toast('An erased address is allowed again: fingerprint').waitFor();
  assert.ok(!(await stored()).includes('eve@'), 'the address is not written down by that, nor by the reason');
  // Undone it keeps her out, done again it does not.
  await app.undo('allowed again');
  assert.deepEqual((await app.importFile(again))['Kept suppressed'], 1);
  assert.equal(await app.count('All Contacts'), '100002');
  await open('#/activity');
  await page().locator('.act', { hasText: 'Undone: An erased address' }).getByRole('button', { name: 'Redo' }).click();
  await app.toast('Redone').waitFor();
  await app.reload();
  await app.importFile(again);
  await app.go('All Contacts');
  await app.row('Eve@trash.example').waitFor();
  await app.go('Opt-Outs');
  await app.row('Eve@trash.example').waitFor();
  await open('#/activity');
  await page().locator('.act', { hasText: 'fingerprint' }).first().waitFor();
  assert.equal(await page().locator('.act', { hasText: /^An erased address is allowed again/ }).getByRole('button').count(), 0, 'she is here');
});

test('a message that was kept outlives its list, which had another name then', async () => {
  await app.go('Messages');
  await button('New message').first().click();
  await page().locator('#file').setInputFiles(list('autumn.csv', 'Email\nann@trash.example\nbob@trash.example\n'));
  await page().getByRole('link', { name: /^Recipients:/ }).waitFor();
  await app.go('Messages');
  const row = page().getByRole('table', { name: 'Dropped lists' }).getByRole('row', { name: /autumn/ });
  const more = async (action) => {
    await page().getByRole('table', { name: 'Dropped lists' }).getByRole('button', { name: 'More' }).click();
    await page().getByRole('menuitem', { name: action }).click();
  };
  await more('Delete list');
  await app.toast('It is used by Message').waitFor();
  await page().getByRole('link', { name: 'New message' }).click();
  await button('Keep recipients').click();
  await page().getByText('What came back').waitFor();
  await app.go('Messages');
  await row.waitFor();
  await more('Rename');
  const dialog = page().getByRole('dialog', { name: 'Rename list' });
  await dialog.getByLabel('Name').fill('Winter');
  assert.equal(await dialog.getByRole('combobox').count(), 0);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await app.undo('renamed to “Winter”');
  await row.waitFor();
  await more('Rename');
  await dialog.getByLabel('Name').fill('Winter');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page().getByRole('row', { name: /Winter/ }).waitFor();
  await more('Delete list');
  await app.toast('List “Winter” deleted').waitFor();
  await app.reload();
  await page().getByRole('link', { name: 'New message' }).click();
  const source = page().getByRole('list', { name: 'Everyone in' }).getByRole('listitem');
  await source.waitFor();
  assert.equal(await source.textContent(), 'Deleted listautumn');
  await page().getByRole('link', { name: /^Recipients:/ }).click();
  await app.row('ann@trash.example').waitFor();
});

test('nothing went wrong on the way', () => assert.deepEqual(browser.wrong, []));
