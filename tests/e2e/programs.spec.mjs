// Automated programs: what a dry run says is what a run does; each runs when it should, once; and runs can be undone.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
before(async () => {
  browser = await browse();
  app = await browser.open('#/contacts');
  await app.page.getByRole('button', { name: 'Load 5,000 sample contacts' }).click();
  await app.toast('5,000 sample contacts loaded').waitFor();
  await app.crowd(95_000);
});
after(async () => { await browser.close(); });

const page = () => app.page;
const card = (name) => page().locator('section.card', { has: page().getByRole('heading', { name }) });
const dryRun = () => card(/^Dry run/);
const runs = async () => page().getByRole('list', { name: 'Runs' }).locator('li').evaluateAll((all) => all.map((it) => it.querySelector('.act-what > span').textContent + (it.querySelector('.badge') ? ', undone' : '')));
const number = (text) => Number(text.match(/[\d,]+/)[0].replaceAll(',', ''));
/** How many contacts the dry run says would be changed; 0 for nobody. */
const changes = async () => {
  const sum = dryRun().locator('.program-sum strong');
  await sum.waitFor();
  const text = await sum.textContent();
  return text.startsWith('Nobody') ? 0 : number(text);
};
// By way of the list: the same address again is the same screen, with what was typed there.
/** Waits until the dry run says so: it follows what was done. */
const changesAre = async (count) => {
  const said = count === 0 ? 'Nobody' : `${count.toLocaleString('en')} contact`;
  await dryRun().locator('.program-sum strong', { hasText: said }).waitFor();
};
const open = async (hash) => {
  await page().goto(`${browser.address}#/programs`);
  await page().getByRole('heading', { level: 1, name: 'Automated Programs' }).waitFor();
  await page().goto(`${browser.address}${hash}`);
};
/** Fills in a new program; each step is its word and what else is chosen in it. */
const fill = async ({ name, condition = '', trigger, time, steps = [] }) => {
  await open('#/programs/new');
  await page().getByLabel('Name', { exact: true }).fill(name);
  await page().getByRole('textbox', { name: 'Condition' }).fill(condition);
  await page().getByLabel(trigger ?? 'By hand').check();
  if (time) await page().getByLabel('Time of day').fill(time);
  for (const [at, step] of steps.entries()) {
    await page().getByRole('button', { name: 'Add a step' }).click();
    await page().getByLabel(`Step ${at + 1}`, { exact: true }).selectOption(step.kind);
    if (step.only) await page().getByLabel(`Step ${at + 1}: only if`).fill(step.only);
    if (step.number) await page().locator('.program-step').nth(at).locator('[inputmode=numeric]').fill(step.number);
  }
  await page().waitForTimeout(500);
};
const press = (name) => dryRun().getByRole('button', { name, exact: true }).click();
const switchOn = async () => { await press('Switch on'); await page().locator('.page-bar .badge', { hasText: 'On' }).waitFor(); };

/** Undoes the last run of the program that is open last. */
const changesBack = async () => {
  await open('#/programs');
  await page().getByRole('link', { name: 'Until' }).click();
  await app.undone(() => page().getByRole('button', { name: /^Undo the run/ }).click());
  await changesAre(3_000);
};

test('with no program yet, two examples open filled in', async () => {
  await app.go('Automated Programs');
  assert.equal(await app.heading(), 'Automated Programs');
  await page().getByRole('button', { name: 'Begin with this: Hard bounce after 5 soft bounces' }).click();
  await page().getByRole('heading', { level: 1, name: 'Hard bounce after 5 soft bounces' }).waitFor();
  assert.equal(await page().getByRole('textbox', { name: 'Condition' }).inputValue(), 'soft:5');
  assert.ok(await page().getByLabel('When an import ends').isChecked());
  await open('#/programs/new/opt-out-daily');
  await page().getByRole('heading', { level: 1, name: 'Opt out everyone in a segment daily' }).waitFor();
  assert.equal(await page().getByLabel('Time of day').inputValue(), '07:00');
  await page().keyboard.press('Control+k');
  await page().getByRole('combobox', { name: 'Command' }).fill('program hard');
  await page().keyboard.press('Enter');
  await page().getByRole('heading', { level: 1, name: 'Hard bounce after 5 soft bounces' }).waitFor();
});

test('what is wrong is said at its place, and nothing can be switched on unseen', async () => {
  await fill({ name: 'Broken', condition: 'status:nonsense', trigger: 'When the page opens' });
  await card('Whom it looks at').getByRole('alert').waitFor();
  assert.equal(await page().getByRole('textbox', { name: 'Condition' }).getAttribute('aria-invalid'), 'true');
  assert.ok(await dryRun().getByRole('button', { name: 'Switch on' }).isDisabled());
  await page().getByRole('textbox', { name: 'Condition' }).fill('status:soft-bounce');
  await card('Whom it looks at').getByText('Contacts whose status is Soft Bounce.').waitFor();
  assert.ok(await dryRun().getByRole('button', { name: 'Switch on' }).isDisabled(), 'no step yet');
  await page().getByRole('button', { name: 'Add a step' }).click();
  await page().getByLabel('Step 1', { exact: true }).selectOption('hard-count');
  await page().locator('.program-step [inputmode=numeric]').fill('50');
  await page().getByText('Soft bounces in a row go from 1 to 20.').first().waitFor();
  assert.ok(await dryRun().getByRole('button', { name: 'Switch on' }).isDisabled());
});

test('a dry run says what the run does, with people, and the run is undone as one', async () => {
  const before = await app.counts();
  await fill({
    name: 'Tidy', condition: 'status:soft-bounce',
    steps: [{ kind: 'hard-count', number: '2' }, { kind: 'opt-out', only: 'status:hard-bounce' }],
  });
  const would = await changes();
  assert.ok(would > 10, `${would}`);
  assert.equal((await app.counts())['Hard Bounces'], before['Hard Bounces'], 'a dry run changes nothing');
  const people = dryRun().locator('details').first();
  await people.locator('summary').click();
  assert.equal(number(await people.locator('summary').textContent()), would);
  await people.getByRole('button').first().click();
  await page().getByRole('dialog', { name: 'Contact' }).waitFor();
  await page().keyboard.press('Escape');
  await press('Save');
  await app.toast('Program “Tidy” created').waitFor();
  await changesAre(would);
  await press('Run now');
  await app.toast(`Program “Tidy” ran: ${would.toLocaleString('en')} contacts changed`).waitFor();
  const after = await app.counts();
  assert.equal(after['Hard Bounces'] - before['Hard Bounces'], would);
  await changesAre(0);
  assert.deepEqual(await runs(), [`${would.toLocaleString('en')} changed`]);
  await app.undone(() => page().getByRole('button', { name: /^Undo the run/ }).click());
  assert.deepEqual(await app.counts(), before);
  assert.deepEqual(await runs(), [`${would.toLocaleString('en')} changed, undone`]);
});

test('the steps go up and down and away', async () => {
  await page().getByRole('button', { name: 'Step 1: move down' }).click();
  const kinds = () => page().locator('.program-step-head select').evaluateAll((all) => all.map((it) => it.value));
  assert.deepEqual(await kinds(), ['opt-out', 'hard-count']);
  assert.equal(await page().getByLabel('Step 1: only if').inputValue(), 'status:hard-bounce');
  await page().getByRole('button', { name: 'Step 2: move up' }).click();
  await page().getByRole('button', { name: 'Step 2: remove' }).click();
  assert.deepEqual(await kinds(), ['hard-count']);
});

test('everyone whom a step would touch is paged through, and exported', async () => {
  await fill({ name: 'Many', condition: 'status:mailable', steps: [{ kind: 'opt-out' }] });
  const would = await changes();
  assert.ok(would > 150, `${would}`);
  const people = dryRun().locator('details').first();
  await people.locator('summary').click();
  const said = people.locator('.pages [aria-live]');
  const names = () => app.texts(people.locator('li .link'));
  const seen = new Set(await names());
  assert.equal(await said.textContent(), `1 to 50 of ${would.toLocaleString('en')}`);
  assert.ok(await people.getByRole('button', { name: 'Previous' }).isDisabled());
  await people.getByRole('button', { name: 'Next' }).click();
  await said.filter({ hasText: '51 to 100' }).waitFor();
  for (const name of await names()) seen.add(name);
  assert.equal(seen.size, 100, 'nobody comes twice');
  await people.getByRole('button', { name: 'Last' }).click();
  await said.filter({ hasText: `to ${would.toLocaleString('en')} of` }).waitFor();
  assert.equal((await names()).length, would % 50 || 50);
  assert.ok(await people.getByRole('button', { name: 'Next' }).isDisabled());
  const { text } = await app.download(() => people.getByRole('button', { name: 'Export' }).click());
  const lines = text.replace(/^\ufeff/, '').trim().split('\r\n');
  assert.equal(lines.length, would + 1);
  assert.match(lines[0], /^"Email",.*"Before","Since"$/);
  for (const name of seen) assert.ok(text.includes(`"${name}"`), name);
});

test('one for when the page opens runs after a reload, exactly once', async () => {
  await fill({ name: 'On open', condition: 'status:soft-bounce', trigger: 'When the page opens', steps: [{ kind: 'hard-count', number: '3' }] });
  const would = await changes();
  assert.ok(would > 0);
  const before = await app.counts();
  await switchOn();
  await app.toast('Program “On open” created and switched on').waitFor();
  assert.equal((await app.counts())['Hard Bounces'], before['Hard Bounces'], 'not before the page opens');
  await app.reload();
  await app.toast(`Program “On open” ran: ${would.toLocaleString('en')}`).waitFor();
  assert.equal((await app.counts())['Hard Bounces'], before['Hard Bounces'] + would);
  await app.reload();
  await page().waitForTimeout(600);
  assert.deepEqual(await runs(), [`${would.toLocaleString('en')} changed`]);
  await app.go('Automated Programs');
  const row = page().getByRole('list', { name: 'Programs' }).locator('li', { hasText: 'On open' });
  await row.getByText(/Last run .*: \d+ changed/).waitFor();
  await row.getByRole('switch').click();
  await app.toast('switched off').waitFor();
  assert.equal(await row.getByRole('switch').getAttribute('aria-checked'), 'false');
  // On again only by way of its dry run.
  await row.getByRole('switch').click();
  await dryRun().getByRole('button', { name: 'Switch on' }).waitFor();
});

test('one for imports runs when an import ends; own and suppressed addresses are left', async () => {
  await fill({ name: 'After import', condition: 'domain:imported.example', trigger: 'When an import ends', steps: [{ kind: 'opt-out' }] });
  await changesAre(0);
  await switchOn();
  const before = await app.counts();
  const rows = Array.from({ length: 3_000 }, (_, at) => `p${at}@imported.example`).join('\n');
  const file = { name: 'three-thousand.csv', mimeType: 'text/csv', buffer: Buffer.from(`Email\n${rows}\n`) };
  await app.importFile(file);
  await app.toast('Program “After import” ran: 3,000 contacts changed').waitFor();
  assert.equal((await app.counts())['Opt-Outs'], before['Opt-Outs'] + 3_000);
  await app.importFile(file);
  await page().waitForTimeout(400);
  await open('#/programs');
  await page().getByRole('link', { name: 'After import' }).click();
  await page().getByRole('list', { name: 'Runs' }).locator('li').first().waitFor();
  assert.deepEqual(await runs(), ['3,000 changed'], 'an import that changes nothing is none');
  await press('Switch off');
  await app.toast('switched off').waitFor();
});

test('one that removes opt-outs has to say why, and leaves what a file brought', async () => {
  await fill({ name: 'Sorry', condition: 'status:opt-out', steps: [{ kind: 'lift' }] });
  await page().getByRole('heading', { name: 'This program makes people mailable again' }).waitFor();
  await dryRun().getByText('say why that is right').waitFor();
  await page().getByLabel(/^Why this is right/).fill('Opted out by a program in error');
  await changesAre(3_000);
  const before = await app.counts();
  await press('Save and run now');
  await app.toast('Program “Sorry” ran: 3,000 contacts changed').waitFor();
  assert.equal((await app.counts())['Opt-Outs'], before['Opt-Outs'] - 3_000);
  await app.go('Activity');
  await page().locator('.act', { hasText: 'Program “Sorry” ran' }).getByText('Opted out by a program in error').waitFor();
  await app.undone(() => page().locator('.act', { hasText: 'Program “Sorry” ran' }).getByRole('button', { name: 'Undo' }).click());
  assert.deepEqual(await app.counts(), before);
});

test('a pause until a day lasts until that day, and is told where it ends', async () => {
  await fill({ name: 'Until', condition: 'domain:imported.example', steps: [{ kind: 'pause-until' }] });
  await dryRun().getByText('Choose a day after today.').waitFor();
  const day = new Date(Date.now() + 2 * 86_400_000).toLocaleDateString('sv');
  await page().getByLabel('The day on which they come back').fill(day);
  await changesAre(3_000);
  await dryRun().getByText(`Pause until ${day}`).waitFor();
  await press('Save and run now');
  await app.toast('Program “Until” ran: 3,000 contacts changed').waitFor();
  await page().goto(`${browser.address}#/bounces-and-opt-outs/pauses`);
  await page().getByRole('link', { name: `Program: Until, until ${day}` }).waitFor();
  await changesBack();
});

test('a daily run that was missed is caught up once, also when it finds nobody', async () => {
  await fill({ name: 'Daily', condition: 'domain:imported.example', trigger: 'Daily at a time', time: '00:00', steps: [{ kind: 'field' }, { kind: 'hard-days', number: '9' }] });
  await page().locator('.program-step').first().getByLabel('Field').selectOption({ label: 'Department' });
  await page().locator('.program-step').first().getByLabel('Text').fill('Imported');
  await changesAre(3_000);
  await switchOn();
  await page().getByText(/^Next run: .*00:00/).waitFor();
  await app.reload();
  await page().waitForTimeout(500);
  assert.deepEqual(await runs(), [], 'midnight was before it was switched on');
  await app.ahead(3);
  await app.reload();
  await app.toast('Program “Daily” ran: 3,000 contacts changed').waitFor();
  await app.reload();
  await page().waitForTimeout(500);
  assert.deepEqual(await runs(), ['3,000 changed'], 'three missed days are one run, and it is not done again');
  await app.ahead(2);
  await app.reload();
  await page().getByText('0 changed', { exact: true }).waitFor();
  await app.reload();
  await page().waitForTimeout(500);
  assert.deepEqual(await runs(), ['0 changed', '3,000 changed'], 'a run that found nobody is one too');
  assert.equal(await page().getByRole('button', { name: /^Undo the run/ }).count(), 1, 'in which nothing is to be undone');
  await app.undone(() => page().getByRole('button', { name: /^Undo the run/ }).click());
  await page().getByText('it is still on').waitFor();
});

test('what was not saved is there to go on with, until it is saved or discarded', async () => {
  const left = page().getByRole('list', { name: 'Not saved' });
  await open('#/programs');
  while (await left.count()) await left.getByRole('button', { name: /^Discard/ }).first().click();
  await open('#/programs/new');
  await page().getByLabel('Name', { exact: true }).fill('Half done');
  await page().getByRole('textbox', { name: 'Condition' }).fill('status:soft-bounce');
  await page().getByRole('button', { name: 'Add a step' }).click();
  await app.go('All Contacts');
  await app.go('Automated Programs');
  await left.getByText('Half done').waitFor();
  // Another new one is blank, and opened only it leaves nothing behind.
  await page().getByRole('button', { name: 'New program' }).first().click();
  await page().getByLabel('Name', { exact: true }).waitFor();
  assert.equal(await page().getByLabel('Name', { exact: true }).inputValue(), '');
  await app.go('Automated Programs');
  assert.equal(await left.getByRole('listitem').count(), 1);
  await left.getByRole('button', { name: 'Go on: Half done' }).click();
  await page().getByRole('heading', { level: 1, name: 'Half done' }).waitFor();
  assert.equal(await page().getByRole('textbox', { name: 'Condition' }).inputValue(), 'status:soft-bounce');
  assert.equal(await page().locator('.program-step').count(), 1);
  await changes();
  await press('Save');
  await app.toast('Program “Half done” created').waitFor();
  // Of a kept one, what was changed stays in its form, and is said to be unsaved.
  const badge = page().locator('.page-bar .badge', { hasText: 'Changes not saved' });
  await page().getByLabel('Name', { exact: true }).fill('Half undone');
  await badge.waitFor();
  await app.go('All Contacts');
  await open('#/programs');
  await left.getByText('Half undone').waitFor();
  assert.equal(await page().evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true }))), true, 'closing the page is asked about');
  await page().getByRole('link', { name: 'Half done' }).click();
  await badge.waitFor();
  assert.equal(await page().getByLabel('Name', { exact: true }).inputValue(), 'Half undone');
  await page().getByRole('button', { name: 'Discard changes' }).click();
  await badge.waitFor({ state: 'detached' });
  assert.equal(await page().getByLabel('Name', { exact: true }).inputValue(), 'Half done');
  await open('#/programs');
  await page().getByRole('link', { name: 'Half done' }).waitFor();
  assert.equal(await left.count(), 0);
  // A new one that nobody wants.
  await open('#/programs/new');
  await page().getByLabel('Name', { exact: true }).fill('Unwanted');
  await open('#/programs');
  await left.getByRole('button', { name: 'Discard: Unwanted' }).click();
  await left.waitFor({ state: 'detached' });
  assert.equal(await page().evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true }))), false);
});

test('nothing went wrong on the way', () => { assert.deepEqual(browser.wrong, []); });
