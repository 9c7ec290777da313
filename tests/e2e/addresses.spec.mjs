// Other Lists > Bounces & Opt-Outs: the same preferences by address, always in step with All Contacts.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse, data } from './harness.mjs';

let browser;
let app;
before(async () => { browser = await browse(); app = await browser.open('#/bounces-and-opt-outs/opt-out'); });
after(async () => { await browser.close(); });

const add = async (text, preference) => {
  await app.page.getByRole('button', { name: /^Add (email address|mobile number)$/ }).first().click();
  const dialog = app.page.getByRole('dialog');
  await dialog.getByRole('textbox').fill(text);
  if (preference) await dialog.getByLabel('Preference').selectOption(preference);
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
};

test('Add email address opts out an address that is no contact', async () => {
  await add('Ann.Lee@Example.com');
  await app.toast('1 address added to Opt-Outs').waitFor();
  const [row] = await app.rows();
  assert.equal(row[0], 'Ann.Lee@Example.com');
  assert.ok(row.includes('User'));
  assert.equal((await app.counts())['Opt-Outs'], 0, 'no contact has it');
  await app.reload();
  await app.rowsAre(1);
});

test('many are pasted; what is no address stays to be corrected', async () => {
  await add('bob@example.com, carl@example.com\nDora <dora@example.com>\nnonsense\nann.lee@example.com');
  await app.toast('3 addresses added to Opt-Outs').waitFor();
  await app.page.getByText('has no @').waitFor();
  assert.equal(await app.page.getByRole('dialog').getByRole('textbox').inputValue(), 'nonsense');
  await app.page.keyboard.press('Escape');
  await app.rowsAre(4);
  await app.undone(() => app.page.keyboard.press('Control+z'));
  await app.rowsAre(1);
});

test('a contact that comes later is opted out from the start', async () => {
  await app.go('All Contacts');
  await app.page.getByRole('button', { name: 'Import contacts' }).first().click();
  await app.page.locator('#file').setInputFiles({ name: 'later.csv', mimeType: 'text/csv', buffer: Buffer.from('Email,First Name\nann.lee@example.com,Ann\n') });
  await app.page.getByRole('button', { name: 'Preview' }).click();
  await app.page.getByRole('button', { name: 'Import Contacts' }).click();
  await app.page.getByRole('button', { name: 'Done' }).click();
  assert.equal((await app.counts())['Opt-Outs'], 1);
});

test('a status changed here is changed there', async () => {
  await app.page.goto(`${browser.address}#/bounces-and-opt-outs/opt-out`);
  await app.page.waitForTimeout(200);
  await app.more('Ann.Lee@Example.com', 'Remove opt-out');
  await app.toast('1 contact no longer opted out').waitFor();
  assert.equal((await app.counts())['Opt-Outs'], 0);
});

test('mobile numbers have their own lists', async () => {
  await app.page.goto(`${browser.address}#/bounces-and-opt-outs/sms-opt-out`);
  await app.page.waitForTimeout(200);
  await add('+44 20 7946 0958\n+1 (202) 555-0101');
  await app.toast('2 numbers added to SMS Opt-Outs').waitFor();
  assert.deepEqual((await app.rows()).map((it) => it[0]).sort(), ['+12025550101', '+442079460958']);
  await app.more('+442079460958', 'Remove SMS opt-out');
  await app.toast('no longer opted out of SMS').waitFor();
  await app.rowsAre(1);
});

test('nothing went wrong on the way', () => { assert.deepEqual(browser.wrong, []); });
