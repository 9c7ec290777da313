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
  const figures = async () => (await app.texts(card.locator('.tally-figure'))).map(Number);
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
  await app.goOn('Opt out');
  await app.toast('19,999 contacts opted out').waitFor();
  await app.go('Opt-out deadlines');
  const card = app.page.getByRole('region', { name: 'Newsletter tool' });
  const figures = async () => (await app.texts(card.locator('.tally-figure'))).map((it) => Number(it.replaceAll(',', '')));
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
  await app.undone(() => app.page.locator('.act', { hasText: '19,999 contacts opted out' }).getByRole('button', { name: 'Undo' }).click());
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

const chip = (name) => app.page.getByRole('group', { name: 'Statuses' }).getByRole('button', { name: new RegExp(`^${name}`) });
const hash = async () => decodeURIComponent(await app.page.evaluate(() => location.hash));
const search = (text) => app.page.locator('#search').fill(text);

test('chips filter by status, several together and since when, and Back steps through what was chosen', async () => {
  await app.go('All Contacts');
  await totalIs(ROWS + 1);
  await chip('Hard Bounce').click();
  await totalIs(300);
  assert.equal(await chip('Hard Bounce').getAttribute('aria-pressed'), 'true');
  assert.match(await chip('Hard Bounce').textContent(), /300$/);
  await chip('Opt-Out').click();
  await totalIs(302);
  assert.match(await hash(), /where=status:hard-bounce OR status:opt-out$/);
  const since = app.page.getByRole('combobox', { name: 'Status since' });
  await since.selectOption('in the last 7 days');
  await totalIs(301);
  await app.page.waitForFunction(() => /Opt-Out1$/.test([...document.querySelectorAll('.status-chips .pill')].find((it) => it.textContent.startsWith('Opt-Out'))?.textContent));
  await since.selectOption('this month');
  await since.selectOption('between two days');
  await app.page.getByLabel('First day').fill('2026-07-01');
  await app.page.getByLabel('Last day').fill('2026-07-31');
  await totalIs(1);
  await app.page.goBack();
  await app.page.goBack();
  await totalIs(301);
  assert.equal(await since.inputValue(), 'month');
  await app.page.goBack();
  await totalIs(301);
  assert.equal(await since.inputValue(), '7');
  await app.page.goBack();
  await totalIs(302);
  await app.page.goBack();
  await totalIs(300);
  assert.equal(await condition().inputValue(), 'status:hard-bounce');
  await app.reload();
  await totalIs(300);
  await chip('Hard Bounce').click();
  await totalIs(ROWS + 1);
});

test('an order stands in the address bar, and is there after a reload', async () => {
  await app.go('All Contacts');
  await totalIs(ROWS + 1);
  await app.page.getByRole('columnheader', { name: /^Company/ }).getByRole('button').first().click();
  await app.page.waitForFunction(() => /sort=/.test(location.hash));
  assert.match(await hash(), /#\/contacts\?sort=[\w-]+$/);
  assert.equal((await app.rows())[0][2], 'Acme');
  await app.reload();
  assert.equal((await app.rows())[0][2], 'Acme');
  assert.equal(await app.page.getByRole('columnheader', { name: /^Company/ }).getAttribute('aria-sort'), 'ascending');
  await app.go('All Contacts');
  assert.equal(await hash(), '#/contacts');
});

test('what may have been meant otherwise is told, and repaired with one click', async () => {
  await app.go('All Contacts');
  await filter('status:hard-bounce or status:opt-out');
  await app.page.locator('#filter-sentence', { hasText: '“or” is searched for like any word' }).waitFor();
  await button('Use OR').click();
  await totalIs(302);
  assert.equal(await condition().inputValue(), 'status:hard-bounce OR status:opt-out');
  await filter('segment:"hard bounces"');
  await totalIs(300);
  await filter('email:p9999*@gmail.com');
  await totalIs(2);
  assert.match(await app.page.locator('#filter-sentence').textContent(), /Email fits the pattern “p9999\*@gmail\.com”/);
  await filter('company=/^acme/i');
  await app.page.locator('#filter-sentence[data-tone=danger]', { hasText: 'Patterns have * for any text' }).waitFor();
});

test('values that are in the data are offered, with counts', async () => {
  await filter('');
  await condition().pressSequentially('company:ac');
  const option = (value, count) => app.page.locator('.completion', { hasText: value }).filter({ hasText: count }).first();
  await option('Acme', '10,000 contacts').waitFor();
  await condition().press('ArrowDown');
  await condition().press('Enter');
  assert.equal(await condition().inputValue(), 'company:Acme');
  await totalIs(ROWS / 10);
  await filter('');
  await condition().pressSequentially('import:');
  await option('bounced.csv', '').waitFor();
  await filter('');
  await condition().pressSequentially('domain:gm');
  await option('gmail.com', '20,000 contacts').waitFor();
  await filter('');
});

test('a segment that would follow from itself is told of while it is edited', async () => {
  await mine('Gmail people').click();
  await button('Edit condition').click();
  await condition().fill('domain:gmail.com OR segment:"Gmail people"');
  await app.page.locator('#filter-sentence[data-tone=danger]', { hasText: '“Gmail people” would follow from itself' }).waitFor();
  assert.equal(await button('Save changes').isDisabled(), true);
  await condition().fill('domain:gmail.com status:mailable');
  assert.equal(await button('Save changes').isDisabled(), false);
  await button('Cancel').click();
});

test('topics, rules and pauses are conditions, and stand in the list', async () => {
  await app.page.goto(`${browser.address}#/bounces-and-opt-outs/topics`);
  await app.page.getByLabel('New topic').fill('Product news');
  await button('Add topic').click();
  await app.page.locator('.list-row', { hasText: 'Product news' }).waitFor();
  await app.page.goto(`${browser.address}#/bounces-and-opt-outs/rules`);
  const rules = app.page.getByRole('region', { name: 'Suppressed addresses' });
  await rules.getByRole('textbox').fill('p9018@example.org');
  await rules.getByRole('button', { name: 'Preview' }).click();
  await app.page.getByRole('dialog', { name: 'Suppress addresses' }).getByRole('button', { name: /^Add/ }).click();
  await app.toast('created').waitFor();
  await app.go('All Contacts');
  await search('p9017@example.org');
  await totalIs(1);
  await app.check('p9017@example.org');
  await app.selectionAction('Topics…');
  await app.page.getByRole('dialog', { name: 'Topics' }).getByLabel('Out', { exact: true }).check();
  await app.page.getByRole('dialog', { name: 'Topics' }).getByRole('button', { name: 'Save' }).click();
  await app.toast('changed').waitFor();
  await search('p9019@example.org');
  await totalIs(1);
  await app.check('p9019@example.org');
  await app.selectionAction('Pause…');
  const pause = app.page.getByRole('dialog', { name: 'Pause' });
  await pause.getByText('14 days').click();
  await pause.getByLabel('Name').fill('Summer break');
  await pause.getByRole('button', { name: 'Pause' }).click();
  await app.toast('paused').waitFor();
  await search('');
  await totalIs(ROWS + 1);
  await filter('topic:"Product news"@out');
  await totalIs(1);
  assert.match(await app.page.locator('#filter-sentence').textContent(), /opted out of the topic “Product news”/);
  assert.doesNotMatch(await hash(), /where/, 'names stand in no address');
  await button('Build').click();
  await app.page.getByRole('group', { name: 'Condition', exact: true }).getByLabel('Answer').selectOption('Blank');
  await totalIs(ROWS);
  await button('Build').click();
  await app.page.getByRole('button', { name: 'Columns', exact: true }).click();
  await app.page.getByRole('dialog', { name: 'Columns' }).getByRole('checkbox', { name: 'Topic: Product news', exact: true }).check();
  await app.page.getByRole('button', { name: 'Done' }).click();
  await filter('topic:"Product news"@out');
  await totalIs(1);
  assert.equal((await app.rows())[0].at(-1), 'Out');
  await filter('status:rule');
  await totalIs(1);
  assert.match((await app.rows())[0].join(' '), /p9018@example\.org.*Suppressed by a rule/);
  await filter('status:paused');
  await totalIs(1);
  assert.match((await app.rows())[0].join(' '), /p9019@example\.org.*Paused/);
  await button('Clear filter').click();
  await chip('Paused').click();
  await totalIs(1);
  await chip('Paused').click();
});

test('a view is pinned to the top, with its count there and in the palette', async () => {
  await menu('Acme that bounced', 'Pin to the top');
  const pinned = app.page.getByRole('list', { name: 'Pinned' }).getByRole('link', { name: /^Acme that bounced/ });
  assert.equal(await pinned.locator('.navigation-count').textContent(), '30');
  await app.reload();
  await pinned.waitFor();
  await app.page.waitForFunction(() => document.querySelector('[aria-label=Pinned] .navigation-count')?.textContent === '30');
  await app.page.keyboard.press('Control+k');
  await app.page.keyboard.type('acme that');
  const option = app.page.getByRole('option', { name: /^Go to Acme that bounced/ });
  assert.equal(await option.locator('.navigation-count').textContent(), '30');
  await app.page.keyboard.press('Control+a');
  await app.page.keyboard.type('frobnicate');
  await app.page.getByRole('status').filter({ hasText: 'No command is called that' }).waitFor();
  await app.page.keyboard.press('Escape');
  await app.page.getByRole('dialog').waitFor({ state: 'detached' });
  const item = app.page.getByRole('list', { name: 'Pinned' }).locator('.navigation-item');
  await item.hover();
  await item.getByRole('button', { name: 'Acme that bounced: More' }).click();
  await app.page.getByRole('menuitem', { name: 'Unpin' }).click();
  await app.page.getByRole('list', { name: 'Pinned' }).waitFor({ state: 'detached' });
});

test('a folder that was closed stays closed, and its segments are the same, when somebody is opted out', async () => {
  await app.go('All Contacts');
  await button('New segment or folder').click();
  await app.page.getByRole('menuitem', { name: 'New folder' }).click();
  await named('Closed');
  const folder = app.page.locator('.navigation-folder', { hasText: 'Closed' });
  await folder.locator('summary').click();
  await folder.evaluate((it) => { it.dataset.same = 'yes'; });
  assert.equal(await folder.locator('details').getAttribute('open'), null);
  const before = Number(await app.count('Opt-Outs'));
  // Nobody of the first rows has opted out; a key on a row that is still on its way would do nothing.
  await search('p290@');
  await totalIs(1);
  await app.rows();
  await app.page.getByRole('grid').focus();
  await app.page.keyboard.press('Control+Home');
  await app.page.keyboard.press('o');
  await app.toast('1 contact opted out').waitFor();
  assert.equal(Number(await app.count('Opt-Outs')), before + 1);
  assert.deepEqual(await folder.evaluate((it) => [it.dataset.same, it.querySelector('details').open]), ['yes', false]);
  await app.undone(() => app.page.keyboard.press('Control+z'));
  assert.deepEqual(await folder.evaluate((it) => [it.dataset.same, it.querySelector('details').open]), ['yes', false]);
  await search('');
  await menu('Closed', 'Delete folder');
  await folder.waitFor({ state: 'detached' });
});

test('before many are deleted it is said who goes and what stays, and that they could be erased', async () => {
  await app.go('Hard Bounces');
  await totalIs(300);
  await app.page.getByRole('checkbox', { name: /all/i }).first().click();
  await app.selectionAction('Delete');
  const asked = app.page.getByRole('dialog', { name: 'Delete contacts' });
  await asked.getByText('300 contacts go, 300 suppressions stay.').waitFor();
  assert.deepEqual(await app.texts(asked.locator('.whom > li')), ['Hard Bounce300']);
  assert.match(await asked.locator('.whom-samples').textContent(), /^p0@gmail\.com, p1@example\.org, .* and 295 more$/);
  await asked.getByRole('checkbox', { name: /Erase them for good instead/ }).check();
  await asked.getByRole('button', { name: 'Erase for good…' }).click();
  await app.page.getByRole('dialog', { name: 'Erase for good' }).getByText('300 contacts').waitFor();
  await app.page.keyboard.press('Escape');
  await app.page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await total(), 300, 'nothing is done yet');
  await app.selectionAction('Delete');
  await app.goOn('Delete contacts', 'Delete 300 contacts');
  await app.toast('300 contacts deleted').waitFor();
  await totalIs(0);
  await app.undo('300 contacts deleted');
  await totalIs(300);
});

test('nothing was said in the console, and no request left the page', () => assert.deepEqual(browser.wrong, []));
