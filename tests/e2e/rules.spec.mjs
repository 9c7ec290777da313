// Bounces & Opt-Outs beside its lists: rules, pauses, topics; what protects people is lifted only in words; a list is
// cleaned. Each across a reload or an undo.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
const dialog = (name) => app.page.getByRole('dialog', name ? { name } : {});
const go = async (hash) => { await app.page.goto(`${browser.address}${hash}`); await app.page.waitForTimeout(150); };
const card = (name) => app.page.getByRole('region', { name });
const count = async () => Number((await app.page.locator('.page-count').textContent()).replaceAll(',', ''));
const counted = async (wanted) => {
  await app.page.waitForFunction((it) => document.querySelector('.page-count').textContent.replaceAll(',', '') === String(it), wanted);
};
const verdict = async (address) => {
  await go('#/contacts');
  await app.search(address);
  await app.rows();
  await app.more(address, 'View history');
  await app.page.locator('.verdict').waitFor();
  const text = `${await app.page.locator('.verdict').textContent()} ${(await app.page.locator('.standing').allTextContents()).join(' | ')}`;
  return text;
};
before(async () => {
  browser = await browse();
  app = await browser.open();
  await app.page.getByRole('button', { name: 'Load 5,000 sample contacts' }).click();
  await app.toast('5,000 sample contacts loaded').waitFor();
  await app.crowd(95_000);
});
after(async () => { await browser.close(); });

test('rules are pasted, previewed, and made in one act; a bad line stays with its reason', async () => {
  await go('#/bounces-and-opt-outs/opt-out');
  await app.page.getByRole('navigation', { name: 'Bounces & Opt-Outs' }).getByRole('link', { name: 'Rules' }).click();
  const suppressed = card('Suppressed addresses');
  await suppressed.getByRole('textbox').fill('contoso.example\nnoreply@*\nno domain here');
  await suppressed.getByRole('button', { name: 'Preview' }).click();
  const preview = dialog('Suppress addresses');
  const sentence = await preview.locator('strong').first().textContent();
  assert.match(sentence, /^[\d,]+ contacts here would no longer be mailed\.$/);
  assert.equal(await preview.locator('.samples-list li').count(), 50);
  await preview.getByText('has a space in it').waitFor();
  await preview.getByRole('button', { name: 'Add 2 rules' }).click();
  await app.toast('Rules “@contoso.example” and “noreply@*” created').waitFor();
  assert.equal(await suppressed.getByRole('textbox').inputValue(), 'no domain here');
  await suppressed.locator('.list-row', { hasText: '@contoso.example' }).getByText(/^[\d,]+ contacts?$/).waitFor();
  await app.reload();
  assert.equal((await app.texts(card('Suppressed addresses').locator('.list-row'))).length, 2);
  await go('#/contacts');
  await app.search('contoso.example');
  const free = (await app.rows()).find((row) => row[3] === 'Suppressed by a rule');
  const said = await verdict(free[0]);
  assert.match(said, /E-mailNo\./);
  assert.match(said, /Suppressed by a rule.*since .*User.*@contoso\.example/);
  await app.page.keyboard.press('Escape');
  await app.undone(() => app.page.keyboard.press('Control+z'));
  await go('#/bounces-and-opt-outs/rules');
  await card('Suppressed addresses').getByText('No address is suppressed by a rule').waitFor();
  await app.page.keyboard.press('Control+Shift+z');
  await card('Suppressed addresses').locator('.list-row').nth(1).waitFor();
});

test('a rule that is removed says first who would be mailed again', async () => {
  await card('Suppressed addresses').getByRole('button', { name: 'Remove @contoso.example' }).click();
  await dialog('Remove rule').getByText(/contacts here would be mailed again/).waitFor();
  await dialog('Remove rule').getByRole('button', { name: 'Remove rule' }).click();
  await app.toast('Rule “@contoso.example” deleted').waitFor();
  assert.equal(await card('Suppressed addresses').locator('.list-row').count(), 1);
});

test('role addresses are suppressed by a switch, but for those that are allowed', async () => {
  await go('#/bounces-and-opt-outs/opt-out');
  await app.page.getByRole('button', { name: 'Add email address' }).first().click();
  await dialog().getByRole('textbox').fill('x@y.example');
  await dialog().getByRole('button', { name: 'Add', exact: true }).click();
  await app.toast('1 address added').waitFor();
  await app.page.locator('body').press('Control+z');
  await go('#/import');
  await app.page.locator('#file').setInputFiles({ name: 'roles.csv', mimeType: 'text/csv', buffer: Buffer.from('Email\ninfo@acme.example\nabuse@acme.example\ninfo@partner.example\n') });
  await app.page.getByRole('button', { name: 'Preview' }).click();
  await app.page.getByRole('button', { name: 'Import Contacts' }).click();
  await app.page.getByRole('button', { name: 'Done' }).click();
  await go('#/bounces-and-opt-outs/rules');
  const roles = card('Role addresses');
  const toggle = roles.getByRole('switch', { name: 'Suppress role addresses' });
  assert.equal(await toggle.isChecked(), false);
  await toggle.click();
  await dialog().getByText('3 contacts here would no longer be mailed').waitFor();
  await app.page.keyboard.press('Escape');
  assert.equal(await toggle.isChecked(), false, 'it follows the rule');
  await toggle.click();
  await dialog().getByRole('button', { name: 'Add rule' }).click();
  await app.toast('Rule “Role addresses” created').waitFor();
  assert.equal(await toggle.isChecked(), true);
  await roles.getByRole('textbox').fill('partner.example');
  await roles.getByRole('button', { name: 'Preview' }).click();
  await dialog('Allow role addresses').getByText('1 contact here would be mailed again').waitFor();
  await dialog().getByRole('button', { name: 'Add rule' }).click();
  await roles.locator('.list-row', { hasText: '@partner.example' }).getByText('1 role address').waitFor();
  await app.reload();
  assert.equal(await card('Role addresses').getByRole('switch').isChecked(), true);
  assert.match(await verdict('info@acme.example'), /E-mailNo\. Stands for a function/);
  await app.page.keyboard.press('Escape');
  assert.match(await verdict('info@partner.example'), /E-mailYes\./);
  await app.page.keyboard.press('Escape');
});

test('the own addresses are never opted out, and each time it is said why', async () => {
  await go('#/bounces-and-opt-outs/rules');
  const own = card('Your own addresses');
  await own.getByRole('textbox').fill('info@partner.example');
  await own.getByRole('button', { name: 'Protect' }).click();
  await own.locator('.list-row', { hasText: 'info@partner.example' }).getByText('1 contact').waitFor();
  await go('#/contacts');
  await app.search('partner.example');
  await app.rows();
  await app.more('info@partner.example', 'Opt out');
  await app.toast('one of your own addresses').waitFor();
  await app.search('info@');
  await app.rows();
  await app.check('info@partner.example');
  await app.check('info@acme.example');
  await app.selectionAction('Opt out');
  await app.toast('1 contact opted out; 1 address protected as your own. 1 was left as it is').waitFor();
  await go('#/import');
  await app.page.locator('#file').setInputFiles({ name: 'own.csv', mimeType: 'text/csv', buffer: Buffer.from('Email\ninfo@partner.example\nsomeone@new.example\n') });
  await app.page.getByRole('button', { name: 'Preview' }).click();
  await app.page.getByRole('button', { name: 'Import Contacts' }).waitFor();
  await app.page.locator('#add-preference').click();
  await app.page.locator('input[name=preference][value="opt-out"]').click();
  await app.page.getByText('one of your own addresses').first().waitFor();
});

test('people are paused from a list, and come back when the pause is ended or undone', async () => {
  await go('#/contacts');
  await app.search('litware.example');
  const [first, second] = (await app.rows()).filter((row) => row[3] === '');
  await app.check(first[0]);
  await app.check(second[0]);
  await app.selectionAction('Pause…');
  await dialog('Pause').getByText('14 days').click();
  await dialog('Pause').getByText(/They come back by themselves on/).waitFor();
  await dialog('Pause').getByLabel('Name').fill('Summer break');
  await dialog('Pause').getByRole('button', { name: 'Pause' }).click();
  await app.toast('2 contacts paused: “Summer break”').waitFor();
  await app.reload();
  assert.match(await verdict(first[0]), /E-mailNo\..*Paused.*until .*back by itself.*Summer break/);
  await app.page.keyboard.press('Escape');
  await go('#/bounces-and-opt-outs/pauses');
  const row = app.page.locator('.list-row', { hasText: 'Summer break' });
  await row.getByText(/^2 contacts · until/).waitFor();
  await row.getByRole('link', { name: 'Summer break' }).click();
  assert.deepEqual((await app.rows()).map((it) => it[0]).sort(), [first[0], second[0]].sort());
  await app.check(second[0]);
  await app.selectionAction('Take out of the pause');
  await app.toast('1 contact taken out of Pause “Summer break”').waitFor();
  await app.rowsAre(1);
  await app.page.getByRole('button', { name: 'End now' }).click();
  await app.toast('Pause “Summer break” ended').waitFor();
  await app.page.getByText('Nobody is paused').waitFor();
  assert.match(await verdict(first[0]), /E-mailYes\./);
  assert.match((await app.texts(app.page.locator('.timeline-item'))).join(' '), /Pause “Summer break” ended.*Paused: “Summer break”/);
  await app.page.keyboard.press('Escape');
  await app.undo('Pause “Summer break” ended');
  await go('#/bounces-and-opt-outs/pauses');
  await app.page.locator('.list-row', { hasText: 'Summer break' }).waitFor();
});

test('a pause can end on a day, and not before today', async () => {
  await go('#/contacts');
  const [free] = (await app.rows()).filter((row) => row[3] === '');
  await app.more(free[0], 'Pause…');
  await dialog('Pause').getByText('Until a day').click();
  const day = dialog('Pause').getByLabel('The day on which they come back');
  await day.fill('2001-01-01');
  await dialog('Pause').getByText('Choose a day after today').waitFor();
  assert.equal(await dialog('Pause').getByRole('button', { name: 'Pause' }).isDisabled(), true);
  await day.fill('2099-01-01');
  assert.equal(await dialog('Pause').getByLabel('Name').inputValue(), 'Until 2099-01-01');
  await dialog('Pause').getByRole('button', { name: 'Pause' }).click();
  await app.toast('1 contact paused: “Until 2099-01-01”').waitFor();
});

test('topics are made, answered from a selection and from the panel, and counted', async () => {
  await go('#/bounces-and-opt-outs/topics');
  for (const name of ['Product news', 'Events']) {
    await app.page.getByLabel('New topic').fill(name);
    await app.page.getByRole('button', { name: 'Add topic' }).click();
    await app.page.locator('.list-row', { hasText: name }).waitFor();
  }
  await app.page.getByText('The global opt-out stands above every topic.').waitFor();
  await go('#/contacts');
  const free = (await app.rows()).filter((row) => row[3] === '').slice(0, 3).map((row) => row[0]);
  for (const address of free) await app.check(address);
  await app.selectionAction('Topics…');
  const news = dialog('Topics').getByRole('group', { name: 'Product news' });
  await news.getByText('Now 0 in, 0 out, 3 blank.').waitFor();
  await news.getByLabel('In', { exact: true }).check();
  await dialog('Topics').getByRole('group', { name: 'Events' }).getByLabel('Out', { exact: true }).check();
  await dialog('Topics').getByRole('button', { name: 'Save' }).click();
  await app.toast('Topics “Product news” (in), “Events” (out) of 3 contacts changed').waitFor();
  await app.reload();
  await go('#/bounces-and-opt-outs/topics');
  await app.page.locator('.list-row', { hasText: 'Product news' }).getByText('3 in').waitFor();
  await app.page.locator('.list-row', { hasText: 'Events' }).getByRole('link', { name: '3 out' }).click();
  await app.rowsAre(3);
  await app.more(free[0], 'View history');
  const group = app.page.getByRole('group', { name: 'Events' });
  assert.equal(await group.getByRole('button', { name: 'Out' }).getAttribute('aria-pressed'), 'true');
  await group.getByRole('button', { name: 'Blank' }).click();
  await app.toast('Topic “Events” (blank) of 1 contact changed').waitFor();
  await app.page.locator('.timeline-item', { hasText: 'Topic “Events” set back to blank' }).waitFor();
  await app.page.keyboard.press('Escape');
  await app.rowsAre(2);
  await app.undone(() => app.page.keyboard.press('Control+z'));
  await app.rowsAre(3);
  await go('#/bounces-and-opt-outs/topics');
  await app.page.getByRole('button', { name: 'Rename Events' }).click();
  await dialog('Rename topic').getByRole('textbox').fill('Gatherings');
  await dialog('Rename topic').getByRole('button', { name: 'Rename' }).click();
  await app.page.locator('.list-row', { hasText: 'Gatherings' }).waitFor();
  await app.page.getByRole('button', { name: 'Delete Gatherings' }).click();
  await app.toast('deleted').waitFor();
  await app.undo('deleted');
  await app.page.locator('.list-row', { hasText: 'Gatherings' }).getByText('3 out').waitFor();
});

test('a spam complaint is lifted only with a reason and the address typed', async () => {
  await go('#/segments/spam-complaint');
  const [first] = await app.rows();
  const before = await count();
  await app.more(first[0], 'Remove spam complaint');
  const asked = dialog('Remove spam complaint');
  const remove = asked.getByRole('button', { name: 'Remove spam complaint' });
  await asked.getByLabel('Reason').fill('Wrote to us that it was a mistake');
  assert.equal(await remove.isDisabled(), true);
  await asked.getByLabel(/^Type/).fill('someone@else.example');
  assert.equal(await remove.isDisabled(), true);
  await asked.getByLabel(/^Type/).fill(first[0].toUpperCase());
  await remove.click();
  await app.toast('cleared of a spam complaint').waitFor();
  await counted(before - 1);
  await app.undo('cleared of a spam complaint');
  await counted(before);
});

test('of many opt-outs those made here are removed after their number is typed; the others stay', async () => {
  await go('#/segments/opt-out');
  await app.rows();
  const before = await count();
  await app.page.getByRole('grid').focus();
  await app.page.keyboard.press('Control+a');
  await app.selectionAction('Remove opt-out');
  const asked = dialog('Remove opt-out');
  await asked.getByText('were asked for by the contacts themselves').waitFor();
  const number = Number((await asked.locator('.field-label strong').textContent()).replaceAll(',', ''));
  assert.ok(number > 0 && number < before);
  const remove = asked.getByRole('button', { name: 'Remove opt-out' });
  await asked.getByLabel(/^Type/).fill(String(before));
  assert.equal(await remove.isDisabled(), true);
  // Also those whom the contacts asked for: only with a reason, and the number of all of them.
  const theirs = asked.getByRole('checkbox', { name: /Remove these .* too/ });
  await theirs.check();
  assert.equal((await asked.locator('.field-label strong').textContent()).replaceAll(',', ''), String(before));
  assert.equal(await remove.isDisabled(), true, 'a reason is missing');
  await asked.getByLabel('Reason').fill('All of them wrote to us');
  assert.equal(await remove.isDisabled(), false);
  await remove.click();
  await app.toast('no longer opted out').waitFor();
  await counted(0);
  await app.undo('no longer opted out');
  await counted(before);
  await app.page.getByRole('grid').focus();
  await app.page.keyboard.press('Control+a');
  await app.selectionAction('Remove opt-out');
  await asked.getByLabel(/^Type/).fill(String(number));
  await remove.click();
  await app.toast('no longer opted out').waitFor();
  await counted(before - number);
  await app.undo('no longer opted out');
  await counted(before);
});

test('many hard bounces become soft with a reason', async () => {
  await go('#/segments/hard-bounce');
  const [first, second] = await app.rows();
  await app.check(first[0]);
  await app.check(second[0]);
  await app.selectionAction('Change to soft bounce');
  await dialog('Change to soft bounce').getByText('2 hard bounces would become soft bounces').waitFor();
  await dialog().getByLabel('Reason').fill('Their server was down on Monday');
  await dialog().getByRole('button', { name: 'Change to soft bounce' }).click();
  await app.toast('2 contacts changed to soft bounce').waitFor();
  await app.undo('2 contacts changed to soft bounce');
});

test('a list is cleaned of record types in one act', async () => {
  await go('#/contacts');
  const before = await app.counts();
  await app.page.getByRole('button', { name: 'Clean up' }).click();
  const clean = dialog('Clean up All Contacts');
  await clean.getByText(/contacts in this list/).waitFor();
  assert.equal(await clean.getByRole('button', { name: 'Delete contacts' }).isDisabled(), true);
  await clean.getByLabel(/^Hard Bounces/).check();
  await clean.getByText(new RegExp(`^${before['Hard Bounces']} of .* would be deleted\\. The preferences of`)).waitFor();
  await clean.getByLabel(/^Opt-Outs/).check();
  await clean.getByRole('button', { name: 'Delete contacts' }).click();
  await app.toast('deleted; the preferences of').waitFor();
  const now = await app.counts();
  assert.equal(now['Hard Bounces'] + now['Opt-Outs'], 0);
  assert.ok(now['All Contacts'] < before['All Contacts']);
  await app.reload();
  await app.undone(() => app.page.locator('body').press('Control+z'));
  assert.deepEqual(await app.counts(), before);
});

test('nothing went wrong on the way', () => { assert.deepEqual(browser.wrong, []); });
