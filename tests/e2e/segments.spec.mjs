// Own segments, filters and views: typed, built, saved, changed, combined, undone; always with the right number.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
const ROWS = 100_000;
before(async () => {
  browser = await browse();
  app = await browser.open();
  // A hundred thousand contacts: every fifth at Gmail, every tenth of Acme.
  const lines = ['Email,First Name,Last Name,Company'];
  for (let at = 0; at < ROWS; at += 1) lines.push(`p${at}@${at % 5 ? 'example.org' : 'gmail.com'},First${at % 97},Last${at % 89},${at % 10 ? 'Other' : 'Acme'}`);
  const file = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await app.importFile(file('people.csv', lines.join('\n')));
  const bounced = ['Email', ...Array.from({ length: 300 }, (_, at) => `p${at}@${at % 5 ? 'example.org' : 'gmail.com'}`)];
  await app.importFile(file('bounced.csv', bounced.join('\n')), { preference: 'hard-bounce' });
});
after(async () => { await browser.close(); });

const total = async () => Number((await app.page.locator('.page-count').textContent()).replaceAll(',', ''));
const totalIs = async (count) => {
  await app.page.waitForFunction((count) => document.querySelector('.page-count')?.textContent.replaceAll(',', '') === String(count), count);
};
const condition = () => app.page.getByRole('combobox', { name: 'Condition', exact: true });
const button = (name) => app.page.getByRole('button', { name, exact: true });
const filter = async (text) => {
  if (!(await condition().isVisible())) await app.page.getByRole('button', { name: /^Filter/ }).click();
  await condition().fill(text);
};
const mine = (name) => app.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: new RegExp(`^${name}`) });
const ownCount = async (name, count) => {
  await app.page.waitForFunction(([name, count]) => [...document.querySelectorAll('.navigation-own .navigation-link')].some((it) => it.textContent === `${name}${count}`), [name, count]);
};
const menu = async (name, entry) => {
  const item = app.page.locator('.navigation-own .navigation-item', { has: app.page.getByRole('button', { name: `${name}: More` }) }).last();
  await item.hover();
  await item.getByRole('button', { name: `${name}: More` }).click();
  await app.page.getByRole('menuitem', { name: entry, exact: true }).click();
};
const named = async (name) => {
  await app.page.getByRole('dialog').getByLabel('Name').fill(name);
  await app.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await app.page.getByRole('dialog').waitFor({ state: 'detached' });
};

test('a typed condition filters at once, says what it means and what is wrong with it', async () => {
  await app.go('All Contacts');
  await filter('status:hard-bounce domain:gmail.com');
  await totalIs(60);
  assert.match(await app.page.locator('#filter-sentence').textContent(), /Hard Bounce.*gmail\.com/);
  await condition().fill('status:hrad-bounce');
  await app.page.locator('#filter-sentence[data-tone=danger]', { hasText: 'hard-bounce' }).waitFor();
  assert.equal(await condition().getAttribute('aria-invalid'), 'true');
  assert.equal(await total(), 60, 'the list stays as it was');
  await condition().fill('company=acme -status:hard-bounce');
  await totalIs(ROWS / 10 - 30);
});

test('completion offers what comes next, by keyboard', async () => {
  await condition().fill('');
  await condition().pressSequentially('stat');
  await app.page.getByRole('option', { name: /status:/ }).waitFor();
  await condition().press('ArrowDown');
  await condition().press('Enter');
  await condition().pressSequentially('hard');
  await app.page.getByRole('option', { name: /hard-bounce/ }).first().waitFor();
  await condition().press('ArrowDown');
  await condition().press('Enter');
  assert.match(await condition().inputValue(), /^status:hard-bounce ?$/);
  await totalIs(300);
});

test('a filter without personal data stands in the address bar, another one does not', async () => {
  assert.match(decodeURIComponent(await app.page.evaluate(() => location.hash)), /where=status:hard-bounce/);
  await app.reload();
  await totalIs(300);
  assert.equal(await condition().inputValue(), 'status:hard-bounce');
  await condition().fill('p17@example.org');
  await totalIs(1);
  assert.doesNotMatch(await app.page.evaluate(() => location.href), /p17|where/);
  await button('Clear filter').click();
  await totalIs(ROWS);
});

test('the builder makes the same conditions, and the text follows', async () => {
  await filter('');
  await button('Build').click();
  await button('Add condition').click();
  const first = app.page.getByRole('group', { name: 'Condition', exact: true }).first();
  await first.getByLabel('Condition on').selectOption('status');
  await first.getByLabel('Status', { exact: true }).selectOption('hard-bounce');
  await totalIs(300);
  await button('Add group').click();
  const inner = app.page.getByRole('group', { name: 'Conditions' }).nth(1);
  await inner.getByLabel('Match').selectOption('none');
  await inner.getByLabel('Condition on').selectOption('domain');
  await inner.getByLabel('Domain', { exact: true }).fill('gmail.com');
  await totalIs(240);
  assert.match(await condition().inputValue(), /status:hard-bounce/);
  assert.match(await condition().inputValue(), /domain:gmail\.com/);
  await button('Build').click();
  await button('Clear filter').click();
});

test('the parts of a list have exact numbers, and one click leaves only one', async () => {
  await filter('');
  await button('Parts').click();
  const gmail = app.page.locator('.facet', { hasText: 'gmail.com' });
  await gmail.waitFor();
  assert.equal(await gmail.locator('.facet-count').textContent(), '20,000');
  await gmail.click();
  await totalIs(20_000);
  await app.page.getByRole('group', { name: 'Parts by' }).getByRole('button', { name: 'Status', exact: true }).click();
  assert.equal(await app.page.locator('.facet', { hasText: 'Hard Bounce' }).locator('.facet-count').textContent(), '60');
  await button('Parts').click();
});

test('a segment by condition is always current, is edited, and undone', async () => {
  await condition().fill('domain:gmail.com status:mailable');
  await totalIs(20_000 - 60);
  await button('Save as segment').click();
  await named('Gmail people');
  await ownCount('Gmail people', '19,940');
  assert.equal(await app.heading(), 'Gmail people');
  await totalIs(19_940);
  // Someone is opted out, and is no longer in it.
  await app.search('p1000@gmail.com');
  await app.more('p1000@gmail.com', 'Opt out');
  await app.search('');
  await totalIs(19_939);
  await ownCount('Gmail people', '19,939');
  await app.reload();
  await ownCount('Gmail people', '19,939');
  assert.equal(await app.heading(), 'Gmail people');
  assert.doesNotMatch(await app.page.title(), /Gmail people/);
  await button('Edit condition').click();
  await condition().fill('domain:gmail.com');
  await totalIs(20_000);
  await button('Save changes').click();
  await ownCount('Gmail people', '20,000');
  await app.undo('changed');
  await ownCount('Gmail people', '19,939');
});

test('a fixed segment is made of a selection, grows, shrinks, and is part of conditions', async () => {
  await app.go('Hard Bounces');
  await totalIs(300);
  await app.check('p0@gmail.com');
  await app.check('p1@example.org');
  await app.selectionAction('Add to segment');
  await app.page.getByRole('menuitem', { name: 'New segment…' }).click();
  await named('Two of them');
  await ownCount('Two of them', '2');
  await app.check('p2@example.org');
  await app.selectionAction('Add to segment');
  await app.page.getByRole('menuitem', { name: 'Two of them' }).click();
  await ownCount('Two of them', '3');
  await mine('Two of them').click();
  await totalIs(3);
  await app.check('p0@gmail.com');
  await app.selectionAction('Take out of segment');
  await totalIs(2);
  await app.undo('taken out of');
  await totalIs(3);
  await app.go('All Contacts');
  await filter('segment:"Two of them" -domain:gmail.com');
  await totalIs(2);
  await button('Clear filter').click();
});

test('segments stand in folders, and are renamed, copied and deleted', async () => {
  await button('New segment or folder').click();
  await app.page.getByRole('menuitem', { name: 'New folder' }).click();
  await named('Spring');
  await menu('Two of them', 'Rename or move');
  await app.page.getByRole('dialog').getByLabel('Folder').selectOption({ label: 'Spring' });
  await named('Three of them');
  await app.page.locator('.navigation-folder', { hasText: 'Spring' }).getByRole('link', { name: /^Three of them/ }).waitFor();
  await menu('Three of them', 'Duplicate');
  await ownCount('Three of them (copy)', '3');
  await menu('Three of them (copy)', 'Delete segment');
  await app.toast('deleted').waitFor();
  await menu('Spring', 'Delete folder');
  await app.page.locator('.navigation-folder').waitFor({ state: 'detached' });
  await mine('Three of them').waitFor();
  await app.undo('Folder “Spring” deleted');
  await app.page.locator('.navigation-folder', { hasText: 'Spring' }).getByRole('link', { name: /^Three of them/ }).waitFor();
  await app.reload();
  await app.page.locator('.navigation-folder', { hasText: 'Spring' }).getByRole('link', { name: /^Three of them/ }).waitFor();
  await ownCount('Three of them', '3');
});

test('a name that is taken is said at once', async () => {
  await button('New segment or folder').click();
  await app.page.getByRole('menuitem', { name: 'New fixed segment' }).click();
  await app.page.getByRole('dialog').getByLabel('Name').fill('gmail PEOPLE');
  await app.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await app.page.getByRole('dialog').getByRole('alert').waitFor();
  await app.page.keyboard.press('Escape');
});

test('a view keeps filter, columns and order', async () => {
  await app.go('All Contacts');
  await filter('company=acme status:hard-bounce');
  await totalIs(30);
  await app.page.getByRole('columnheader', { name: /Email/ }).getByRole('button').first().click();
  await button('Save view').click();
  await named('Acme that bounced');
  await ownCount('Acme that bounced', '30');
  await app.go('All Contacts');
  await totalIs(ROWS);
  await mine('Acme that bounced').click();
  await totalIs(30);
  assert.equal((await app.rows())[0][0], 'p0@gmail.com');
  await app.reload();
  await totalIs(30);
  assert.equal(await app.heading(), 'Acme that bounced');
});

test('platforms are told of each opt-out once', async () => {
  await app.go('Opt-out deadlines');
  await button('Add platform').first().click();
  await named('Newsletter tool');
  const card = app.page.getByRole('region', { name: 'Newsletter tool' });
  const figures = async () => (await card.locator('.tally-figure').allTextContents()).map(Number);
  assert.deepEqual(await figures(), [1, 0, 0, 0], 'p1000 was opted out above');
  await card.getByRole('button', { name: 'Download 1 address and tick off…' }).click();
  const { name, text } = await app.download(() => app.page.getByRole('dialog').getByRole('button', { name: 'Download 1 address and tick off' }).click());
  assert.match(name, /^mailable-opt-outs-for-newsletter-tool-\d{4}-\d\d-\d\d\.csv$/);
  assert.match(text, /^Email,Contact Preference,Timestamp,Origin\r\np1000@gmail\.com,Opt-Out,20.*,User\r\n$/);
  await card.getByRole('button', { name: 'Everyone was passed on' }).waitFor();
  assert.deepEqual(await figures(), [0, 0, 0, 1]);
  await app.reload();
  await card.getByRole('button', { name: 'Everyone was passed on' }).waitFor();
  // By which file it was told last stands there, and in the log.
  await card.getByText(`by the file ${name}`).waitFor();
  await card.getByRole('link', { name: 'In Activity' }).click();
  await app.page.locator('.act', { hasText: name }).waitFor();
});

test('a fifth of them is opted out at once, and the platform is told of each once', async () => {
  await app.go('All Contacts');
  await filter('domain:gmail.com -status:opt-out');
  await totalIs(ROWS / 5 - 1);
  await app.page.getByRole('checkbox', { name: /all/i }).first().click();
  await app.selectionAction('Opt out');
  await app.toast('19,999 contacts opted out').waitFor();
  await app.go('Opt-out deadlines');
  const card = app.page.getByRole('region', { name: 'Newsletter tool' });
  const figures = async () => (await card.locator('.tally-figure').allTextContents()).map((it) => Number(it.replaceAll(',', '')));
  assert.deepEqual(await figures(), [19_999, 0, 0, 1], 'all have their days left');
  await app.reload();
  await card.getByRole('button', { name: 'Download 19,999 addresses and tick off…' }).click();
  const { text } = await app.download(() => app.page.getByRole('dialog').getByRole('button', { name: 'Download 19,999 addresses and tick off' }).click());
  const lines = text.trim().split('\r\n');
  assert.equal(lines.length, 1 + 19_999);
  assert.equal(new Set(lines).size, lines.length, 'each once');
  assert.ok(lines.slice(1).every((it) => /^p\d+@gmail\.com,Opt-Out,20[^,]*,User$/.test(it)) && !text.includes('p1000@gmail.com'));
  await card.getByRole('button', { name: 'Everyone was passed on' }).waitFor();
  assert.deepEqual(await figures(), [0, 0, 0, 20_000]);
  await app.go('Activity');
  await app.page.locator('.act', { hasText: '19,999 contacts opted out' }).getByRole('button', { name: 'Undo' }).click();
  await app.toast('Undone').waitFor();
  await app.reload();
  await app.go('Opt-out deadlines');
  await card.getByRole('button', { name: 'Everyone was passed on' }).waitFor();
});

test('what is exported of a segment is who is in it', async () => {
  const { text } = await app.download(() => menu('Three of them', 'Export'));
  assert.equal(text.trim().split('\r\n').length, 1 + 3);
});

test('a day is that of the zone that was chosen, also where its clocks were set otherwise then', async () => {
  // Half past midnight in New York in summer, and the evening before if it were winter, as it may be now.
  const file = { name: 'dated.csv', mimeType: 'text/csv', buffer: Buffer.from('Email,Timestamp\nnight@example.net,2026-07-10T04:30:00Z\n') };
  await app.importFile(file, { preference: 'opt-out' });
  await app.page.goto(`${browser.address}#/settings`);
  await app.page.getByLabel('Time zone').selectOption('America/New_York');
  await app.go('All Contacts');
  await filter('status:opt-out since:2026-07-10');
  await totalIs(1);
  await condition().fill('status:opt-out since:2026-07-09');
  await totalIs(0);
  await app.page.goto(`${browser.address}#/settings`);
  await app.page.getByLabel('Time zone').selectOption('Pacific/Honolulu');
  await app.go('All Contacts');
  await filter('status:opt-out since:2026-07-09');
  await totalIs(1);
  // It is remembered, and said to a new worker before anything is asked.
  await app.reload();
  await filter('');
  await filter('status:opt-out since:2026-07-09');
  await totalIs(1);
});

test('nothing was said in the console, and no request left the page', () => assert.deepEqual(browser.wrong, []));
