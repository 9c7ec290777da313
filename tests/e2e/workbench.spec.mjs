// The bounce workbench: texts of bounces in groups, a group called by the other name, and what looks like a fault of a
// server; with one undo each, and still there after a reload.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
before(async () => { browser = await browse(); app = await browser.open('#/bounces-and-opt-outs/workbench'); });
after(async () => { await browser.close(); });

const csv = (name, header, rows) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(`${header}\n${rows.join('\n')}\n`) });
const bounces = (name, rows) => csv(name, 'status,reason,email,created', rows);
const workbench = async () => { await app.page.goto(`${browser.address}#/bounces-and-opt-outs/workbench`); };
const table = () => app.page.getByRole('table', { name: 'Bounces by what was said' });
const line = (text) => table().getByRole('row', { name: text });
/** What was said, how many hard and soft, and what is suggested. */
const lines = async () => {
  await table().waitFor();
  return table().locator('tbody tr').evaluateAll((all) => all.map((row) => [row.querySelector('.said').textContent, ...[1, 2].map((at) => Number(row.cells[at].textContent.replaceAll(',', ''))), row.querySelector('.chip')?.textContent ?? '']));
};
const becomes = async (expected) => {
  await assert.doesNotReject(app.page.waitForFunction((expected) => {
    const rows = [...document.querySelectorAll('.bounce-texts tbody tr')].map((row) => [row.querySelector('.said').textContent, row.cells[1].textContent, row.cells[2].textContent].join('|'));
    return JSON.stringify(rows) === expected;
  }, JSON.stringify(expected)), JSON.stringify(expected));
};
const reason = async (text) => {
  const dialog = app.page.getByRole('dialog', { name: 'Change to soft bounce' });
  const field = dialog.getByLabel('Reason');
  if (text) await field.fill(text);
  await dialog.getByRole('button', { name: 'Change to soft bounce' }).click();
};

test('without bounces it says what to do', async () => {
  await app.page.getByRole('heading', { name: 'No bounce is recorded' }).waitFor();
  assert.equal(await app.heading(), 'Bounce workbench');
});

test('texts of one kind are one line, with counts and a suggestion', async () => {
  await app.importFile(bounces('suppression_bounces.csv', [
    '5.2.2,"552 5.2.2 <full1@tailspin.example>: Mailbox full",full1@tailspin.example,1567639147',
    '5.2.2,"552-5.2.2 <full2@tailspin.example>: mailbox full.",full2@tailspin.example,1567639200',
    '5.1.1,"550 5.1.1 <gone@tailspin.example>: User unknown (id 12AB34)",gone@tailspin.example,1567639300',
  ]), { preference: 'hard-bounce' });
  await app.importFile(bounces('suppression_blocks.csv', [
    '5.1.1,"550 5.1.1 <left@contoso.example>: user unknown (id 99FF00)",left@contoso.example,1567639400',
    '4.0.0,"<b onmouseover=alert(1)>what</b>",odd@contoso.example,1567639500',
  ]), { preference: 'soft-bounce' });
  await app.page.goto(`${browser.address}#/bounces-and-opt-outs/hard-bounce`);
  await app.page.getByRole('link', { name: 'Bounce workbench' }).click();
  assert.deepEqual(await lines(), [
    ['552 5.2.2 address: mailbox full', 2, 0, 'Soft Bounce'],
    ['550 5.1.1 address: user unknown (id id)', 1, 1, 'Hard Bounce'],
    ['<b onmouseover=alert(number)>what</b>', 0, 1, ''],
  ]);
  await app.page.getByText('Quota issues · code 5.2.2').waitFor();
  await line(/user unknown/).getByRole('button', { name: 'Show addresses' }).click();
  const panel = app.page.getByRole('dialog');
  await panel.getByText('550 5.1.1 <gone@tailspin.example>: User unknown (id 12AB34)').waitFor();
  assert.equal(await panel.getByRole('listitem').count(), 2);
  await app.page.keyboard.press('Escape');
  await app.page.getByRole('radio', { name: 'Soft' }).check();
  await becomes([['550 5.1.1 address: user unknown (id id)', '1', '1'], ['<b onmouseover=alert(number)>what</b>', '0', '1']].map((it) => it.join('|')));
  await app.page.getByRole('radio', { name: 'All' }).check();
  await line(/mailbox full/).waitFor();
});

test('a group is changed at once, with a reason where people are sent to again, and one undo', async () => {
  await line(/user unknown/).getByRole('button', { name: 'Change to hard bounce' }).click();
  await app.toast('1 contact changed to hard bounce').waitFor();
  await becomes(['552 5.2.2 address: mailbox full|2|0', '550 5.1.1 address: user unknown (id id)|2|0', '<b onmouseover=alert(number)>what</b>|0|1']);
  await line(/mailbox full/).getByRole('button', { name: 'Change to soft bounce' }).click();
  const dialog = app.page.getByRole('dialog', { name: 'Change to soft bounce' });
  assert.ok(await dialog.getByRole('button', { name: 'Change to soft bounce' }).isDisabled(), 'a reason is needed');
  await reason('Their disk was full');
  await app.toast('2 contacts changed to soft bounce').waitFor();
  await becomes(['552 5.2.2 address: mailbox full|0|2', '550 5.1.1 address: user unknown (id id)|2|0', '<b onmouseover=alert(number)>what</b>|0|1']);
  await app.reload();
  assert.deepEqual((await lines())[0], ['552 5.2.2 address: mailbox full', 0, 2, 'Soft Bounce']);
  assert.equal((await app.counts())['Hard Bounces'], 2);
  await app.page.goto(`${browser.address}#/activity`);
  await app.page.getByText('Their disk was full').waitFor();
  await app.undone(() => app.page.keyboard.press('Control+z'));
  await workbench();
  await becomes(['552 5.2.2 address: mailbox full|2|0', '550 5.1.1 address: user unknown (id id)|2|0', '<b onmouseover=alert(number)>what</b>|0|1']);
  await app.page.getByRole('button', { name: 'Change 2 to soft bounce as suggested' }).click();
  await reason('Mailboxes were full');
  await app.toast('2 contacts changed to soft bounce').waitFor();
  await becomes(['552 5.2.2 address: mailbox full|0|2', '550 5.1.1 address: user unknown (id id)|2|0', '<b onmouseover=alert(number)>what</b>|0|1']);
});

test('100,000 bounces: 2,318 at one domain within an hour look wrong; a trickle does not', async () => {
  const start = 1_700_000_000;
  const rows = Array.from({ length: 100_000 }, (_, at) => {
    // A burst at one domain, and one bounce every ten minutes at another.
    const burst = at % 43 === 0 && at < 43 * 2_318;
    const address = burst ? `p${at}@example.org` : `p${at}@mail.example`;
    const text = at % 2 && !burst ? `552 5.2.2 <${address}>: Mailbox full` : `550 5.1.1 <${address}>: User unknown`;
    return `5.0.0,"${text}",${address},${burst ? start + at % 3000 : 1_500_000_000 + at * 600}`;
  });
  const tally = await app.importFile(bounces('suppression_bounces.csv', rows), { preference: 'hard-bounce' });
  assert.equal(tally.New, 100_000);
  await app.go('Hard Bounces');
  const look = app.page.getByText('2,318 hard bounces at example.org within an hour look like a fault of a server.');
  await look.waitFor();
  await app.page.getByRole('link', { name: 'Look at them' }).click();
  await look.waitFor();
  const before = await lines();
  assert.equal(before[0][1] + before[1][1], 100_000);
  const found = app.page.getByRole('region', { name: 'Looks wrong' });
  await found.getByText('2,318 of the 2,318 addresses known at this domain.').waitFor();
  await found.getByRole('button', { name: 'Show addresses' }).click();
  const panel = app.page.getByRole('dialog');
  await panel.getByText('The first 50.').waitFor();
  assert.equal(await panel.getByRole('listitem').count(), 50);
  await app.page.keyboard.press('Escape');
  await found.getByRole('button', { name: 'Change all 2,318 to soft bounces' }).click();
  await reason();
  await app.toast('2,318 contacts changed to soft bounce').waitFor();
  await found.waitFor({ state: 'detached' });
  assert.equal((await app.counts())['Soft Bounces'], 2_321);
  await app.reload();
  await table().waitFor();
  assert.equal(await found.count(), 0);
  await app.undone(() => app.page.keyboard.press('Control+z'));
  await found.waitFor();
  assert.deepEqual(await lines(), before);
  assert.equal((await app.counts())['Hard Bounces'], 100_002);
});

test('500 bounces that differ by an id are one line, also where the id looks like a code', async () => {
  const rows = Array.from({ length: 500 }, (_, at) => `5.1.1,"550 5.1.1 mailbox gone (id ${at})",gone${at}@ids.example,${1_600_000_000 + at * 7_200}`);
  await app.importFile(bounces('suppression_bounces.csv', rows), { preference: 'hard-bounce' });
  await workbench();
  await line(/mailbox gone/).first().waitFor();
  assert.deepEqual((await lines()).filter((row) => row[0].includes('mailbox gone')), [['550 5.1.1 mailbox gone (id number)', 500, 0, 'Hard Bounce']]);
});

test('nothing went wrong on the way', () => { assert.deepEqual(browser.wrong, []); });
