// The log: found by what, from where, when and by words; exported, checked, and told from one that was changed. The trash:
// who was deleted comes back as they were. All of it among a hundred thousand others.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
const ROWS = 100_000;
before(async () => { browser = await browse(); app = await browser.open(); });
after(async () => { await browser.close(); });

const list = { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from('Email,First Name,Company\nann@example.com,Ann,Acme\nbob@example.com,Bob,Bolt\ncid@example.com,Cid,Core\ndee@example.com,Dee,Dune\n') };
const acts = async () => {
  await app.page.waitForTimeout(250);
  return (await app.page.locator('.act-what > span:first-child').allTextContents());
};
const choose = (label, value) => app.page.getByRole('group', { name: 'Filters' }).getByLabel(label, { exact: true }).selectOption(value);
const exported = async (item) => app.download(async () => {
  await app.page.getByRole('button', { name: 'Export', exact: true }).click();
  await app.page.getByRole('menuitem', { name: item }).click();
});
const check = async (name, text) => {
  await app.page.locator('#log-file').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
  await app.page.locator('.log-check', { hasText: name }).waitFor();
  const said = await app.page.locator('.log-check .notice-text').innerText();
  await app.page.locator('.log-check').getByRole('button', { name: 'Dismiss' }).click();
  await app.page.locator('.log-check').waitFor({ state: 'detached' });
  return said;
};

test('things are done', async () => {
  await app.importFile(list);
  await app.crowd(ROWS);
  await app.more('bob@example.com', 'Opt out');
  await app.toast('1 contact opted out').waitFor();
  await app.check('bob@example.com');
  await app.check('cid@example.com');
  await app.selectionAction('Delete');
  await app.toast('2 contacts deleted').waitFor();
  await app.go('Activity');
  assert.deepEqual(await acts(), ['2 contacts deleted', '1 contact opted out', 'Imported crowd.csv: 100,000 new, 0 changed', 'Imported people.csv: 4 new, 0 changed']);
  assert.equal(await app.page.locator('.page-count').textContent(), '4');
});

test('filters combine, and stand in the address without what was typed', async () => {
  await choose('What', 'opt-out');
  assert.deepEqual(await acts(), ['1 contact opted out']);
  assert.equal(await app.page.locator('.page-count').textContent(), '1 of 4');
  await choose('From where', 'import');
  assert.deepEqual(await acts(), []);
  await app.page.getByText('No act is like that.').waitFor();
  await choose('What', '');
  assert.deepEqual(await acts(), ['Imported crowd.csv: 100,000 new, 0 changed', 'Imported people.csv: 4 new, 0 changed']);
  await choose('When', '1');
  await app.search('people 4');
  assert.equal((await acts()).length, 1);
  const { hash } = new URL(app.page.url());
  assert.equal(hash, '#/activity?origin=import&days=1');
  await app.reload();
  assert.deepEqual(await acts(), ['Imported crowd.csv: 100,000 new, 0 changed', 'Imported people.csv: 4 new, 0 changed']);
  assert.equal(await app.page.getByLabel('From where').inputValue(), 'import');
  await choose('When', 'days');
  await app.page.getByLabel('Last day').fill('2020-01-01');
  assert.deepEqual(await acts(), []);
  assert.match(app.page.url(), /#\/activity\?origin=import&to=2020-01-01$/);
  await app.page.getByRole('button', { name: 'Clear filters' }).click();
  assert.equal((await acts()).length, 4);
  assert.match(app.page.url(), /#\/activity$/);
});

test('the log is exported, and told from one that was changed', async () => {
  const csv = await exported('CSV');
  assert.match(csv.name, /^mailable-log-20\d\d-\d\d-\d\d\.csv$/);
  const lines = csv.text.replace(/^\ufeff/, '').trim().split('\r\n');
  assert.equal(lines.length, 5);
  assert.match(lines[3], /^"3","20\d\d-[^"]*Z","opt-out","1 contact opted out","hand","User","","1","no","",/);
  assert.match(await check('whole.csv', csv.text), /“whole.csv” is whole: 4 acts, from 1 to 4[^]*matches the log in this browser up to act 4 of 4\./);
  const altered = csv.text.replace('1 contact opted out', '1 contact opted in!');
  assert.match(await check('altered.csv', altered), /“altered.csv” is not whole\. Line 4: It is not as it was written[^]*up to act 2 of 4/);
  const short = `\ufeff${[lines[0], lines[1], lines[2]].join('\r\n')}\r\n`;
  assert.match(await check('short.csv', short), /is not whole\. Line 3: Lines that were written after it are missing/);
  const json = await exported('JSON');
  const parsed = JSON.parse(json.text);
  assert.deepEqual(parsed.acts.map((it) => it.kind), ['import', 'import', 'opt-out', 'deletion']);
  assert.equal(parsed.acts[1].previous, parsed.acts[0].digest);
  assert.match(await check('log.json', json.text), /is whole: 4 acts[^]*up to act 4 of 4/);
  // Laid out by another program it still is the same log.
  assert.match(await check('pretty.json', JSON.stringify(parsed, null, 2)), /is whole: 4 acts/);
  assert.match(await check('other.json', json.text.replace('"addresses":2', '"addresses":3')), /is not whole\. Line 5/);
  assert.match(await check('list.csv', 'Email\na@example.com\n'), /This is no log of Mailable/);
  await choose('What', 'deletion');
  await acts();
  const some = await exported('CSV');
  assert.match(some.name, /filtered/);
  assert.match(await check('some.csv', some.text), /is whole: 1 act, [^]*left others out\.[^]*up to act 4 of 4/);
  await app.page.getByRole('button', { name: 'Clear filters' }).click();
});

test('anyone can check the chain with what is documented', async () => {
  const { createHash } = await import('node:crypto');
  const sha = (text) => createHash('sha256').update(text, 'utf8').digest('hex');
  const { acts: all } = JSON.parse((await exported('JSON')).text);
  let [previous, seal] = ['0'.repeat(64), '0'.repeat(64)];
  for (const act of all) {
    const cell = { ...act, undone: act.undone ? 'yes' : 'no', undo_of: act.undo_of.join(' ') };
    const head = [previous, cell.number, cell.time, cell.kind, cell.origin_kind, cell.addresses, cell.undo_of, cell.members];
    assert.equal(act.previous, previous);
    assert.equal(act.digest, sha(head.map((it) => `${it}\n`).join('')));
    previous = act.digest;
    const cells = Object.entries(cell).filter(([name]) => name !== 'seal').map(([, it]) => `${Buffer.byteLength(String(it))}:${it}\n`);
    seal = sha(`${seal}\n${cells.join('')}`);
    assert.equal(act.seal, seal);
  }
});

test('a log that is dropped on Activity is checked, not imported', async () => {
  const { text } = await exported('CSV');
  await app.page.evaluate((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], 'dropped.csv', { type: 'text/csv' }));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, text);
  await app.page.locator('.log-check', { hasText: '“dropped.csv” is whole' }).waitFor();
  assert.equal(await app.heading(), 'Activity');
});

test('the trash gives back who was deleted, as they were', async () => {
  await app.go('Trash');
  const rows = async () => (await app.rows()).map((row) => row.join('|'));
  const [bob, cid] = await rows();
  assert.match(bob, /^bob@example\.com\|Bob\|Bolt\|Opt-Out\|.*20\d\d.*\|User\|2 contacts deleted$/);
  assert.match(cid, /^cid@example\.com\|Cid\|Core\|\|/);
  const file = await app.download(() => app.page.getByRole('button', { name: 'Export' }).first().click());
  const [head, ...lines] = file.text.trim().split('\r\n');
  assert.match(head, /"Deleted","Deleted By","Deleted With"$/);
  assert.equal(lines.length, 2);
  assert.match(lines[0], /^"bob@example\.com".*"Opt-Out".*"20\d\d-\d\d-\d\d[^"]*","User","2 contacts deleted"$/, 'what stands on the address, and when, by whom and with whom it was deleted');
  await app.search('bolt');
  assert.equal((await rows()).length, 1);
  await app.search('');
  await app.reload();
  assert.equal(await app.heading(), 'Trash');
  assert.equal((await rows()).length, 2);
  await app.check('bob@example.com');
  await app.selectionAction('Restore');
  await app.toast('1 contact restored; the preferences of 1 address stay').waitFor();
  assert.deepEqual((await rows()).length, 1);
  await app.reload();
  assert.equal(await app.count('All Contacts'), String(ROWS + 3));
  assert.equal(await app.count('Opt-Outs'), '1', 'who was opted out comes back opted out');
  await app.go('All Contacts');
  assert.match((await rows()).join('\n'), /bob@example\.com\|Bob\|Bolt\|Opt-Out/);
  await app.page.keyboard.press('Control+z');
  await app.toast('Undone: 1 contact restored').waitFor();
  await app.reload();
  assert.equal(await app.count('All Contacts'), String(ROWS + 2));
  await app.go('Trash');
  assert.equal((await rows()).length, 2);
});

test('all are restored at once, also from the menu of one', async () => {
  await app.more('cid@example.com', 'Restore contact');
  await app.toast('1 contact restored').waitFor();
  await app.page.getByRole('checkbox', { name: /all/i }).first().click();
  await app.selectionAction('Restore');
  await app.page.getByText('The trash is empty').waitFor();
  await app.reload();
  assert.equal(await app.count('All Contacts'), String(ROWS + 4));
  await app.go('Activity');
  assert.equal((await acts())[0], '1 contact restored');
  await app.page.keyboard.press('Control+k');
  await app.page.keyboard.type('trash');
  await app.page.keyboard.press('Enter');
  await app.page.getByRole('heading', { name: 'Trash', level: 1 }).waitFor();
});

test('who is imported again is no more in the trash, and comes with a blank profile', async () => {
  await app.go('All Contacts');
  await app.check('cid@example.com');
  await app.check('dee@example.com');
  await app.selectionAction('Delete');
  await app.toast('2 contacts deleted').waitFor();
  await app.importFile({ name: 'again.csv', mimeType: 'text/csv', buffer: Buffer.from('Email\ncid@example.com\n') });
  await app.reload();
  await app.go('Trash');
  assert.deepEqual((await app.rows()).map((it) => it[0]), ['dee@example.com']);
  await app.go('All Contacts');
  const [cid] = (await app.rows()).filter((it) => it[0] === 'cid@example.com');
  assert.deepEqual(cid.slice(0, 3), ['cid@example.com', '', '']);
});

test('many acts are shown by pages', async () => {
  await app.go('Activity');
  const count = async () => Number(await app.page.locator('.page-count').textContent());
  const before = await count();
  for (let at = before; at < 52; at += 1) {
    await app.page.keyboard.press((at - before) % 2 ? 'Control+Shift+z' : 'Control+z');
    await app.page.waitForFunction((at) => Number(document.querySelector('.page-count').textContent) > at, at);
  }
  assert.equal((await acts()).length, 50);
  await app.page.getByRole('button', { name: 'Oldest' }).click();
  const last = await acts();
  assert.equal(last.at(-1), 'Imported people.csv: 4 new, 0 changed');
  assert.ok(last.length < 50);
  await app.page.getByRole('button', { name: 'Newer' }).click();
  assert.equal((await acts()).length, 50);
  // Wherever the list stands, what came of a check is seen.
  await app.page.locator('.pager').scrollIntoViewIfNeeded();
  await app.page.locator('#log-file').setInputFiles({ name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from('Email\n') });
  await app.page.locator('.log-check').waitFor();
  assert.ok(await app.page.locator('.log-check').evaluate((it) => it.getBoundingClientRect().top > 0 && it.getBoundingClientRect().bottom < innerHeight));
});

test('nothing went wrong on the way', () => { assert.deepEqual(browser.wrong, []); });
