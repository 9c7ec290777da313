// The focus is never lost: dialogs give it back, and what goes away leaves it to what is around. And days can be typed.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { browse } from './harness.mjs';

let browser;
let app;
let page;
before(async () => {
  browser = await browse();
  app = await browser.open();
  page = app.page;
  await page.getByRole('button', { name: 'Load 5,000 sample contacts' }).click();
  await app.toast('5,000 sample contacts loaded').waitFor();
});
after(async () => { await browser.close(); });

/** What has the focus: its name, or the class of what only holds others. */
const focused = () => page.evaluate(() => {
  const it = document.activeElement;
  return it === document.body ? 'nothing' : it.getAttribute('aria-label') || (it.matches('button, a, input, select') ? it.textContent.trim() : it.id || it.className);
});
const focusIs = async (expected) => {
  for (let at = 0; at < 100 && !expected.test(await focused()); at += 1) await page.waitForTimeout(20);
  assert.match(await focused(), expected);
};
const press = async (button, key = 'Enter') => {
  await button.focus();
  await page.keyboard.press(key);
};
const goTo = async (hash) => {
  await page.goto(`${browser.address}${hash}`);
  await app.ready();
};

test('a dialog gives the focus back, however it is closed', async () => {
  await goTo('#/bounces-and-opt-outs/opt-out');
  for (const name of ['Add email address', 'Clean up']) {
    const opens = page.getByRole('button', { name, exact: true });
    await press(opens);
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await focusIs(new RegExp(`^${name}$`));
    await press(opens);
    await press(page.getByRole('dialog').getByRole('button', { name: 'Close' }));
    await focusIs(new RegExp(`^${name}$`));
  }
  await goTo('#/contacts');
  await page.getByRole('grid').focus();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
  await focusIs(/All Contacts/);
});

test('conditions are added and removed, and the focus goes where they are', async () => {
  await goTo('#/contacts');
  await page.getByRole('button', { name: /^Filter/ }).click();
  await page.getByRole('combobox', { name: 'Condition', exact: true }).fill('domain:contoso.example');
  await page.getByRole('button', { name: 'Build', exact: true }).click();
  const group = page.getByRole('group', { name: 'Conditions' });
  await press(group.getByRole('button', { name: 'Add condition' }));
  await focusIs(/^Condition on$/);
  assert.equal(await page.getByRole('group', { name: 'Condition', exact: true }).count(), 2);
  await press(group.getByRole('button', { name: 'Remove condition' }).last());
  await focusIs(/^Remove condition$/);
  // A group that is emptied goes with its last condition.
  await press(group.getByRole('button', { name: 'Add group' }));
  await focusIs(/^(Match|Condition on)$/);
  await press(group.getByRole('button', { name: 'Remove condition' }).last());
  await focusIs(/^Remove condition$/);
  assert.equal(await page.getByRole('combobox', { name: 'Condition', exact: true }).inputValue(), 'domain:contoso.example');
  await press(group.getByRole('button', { name: 'Remove condition' }));
  await focusIs(/^Add condition$/);
});

test('a day is typed, also where its month begins with 0', async () => {
  await page.getByRole('combobox', { name: 'Condition', exact: true }).fill('status:opt-out');
  await page.getByLabel('Status since').selectOption({ label: 'between two days' });
  const first = page.getByRole('group', { name: 'Conditions' }).getByLabel('First day');
  await first.click({ position: { x: 12, y: 12 } });
  await page.keyboard.type('03012026');
  assert.equal(await first.inputValue(), '2026-03-01');
  await focusIs(/^First day$/);
  assert.match(await page.getByRole('combobox', { name: 'Condition', exact: true }).inputValue(), /since:2026-03-01\.\./);
  await page.getByRole('button', { name: /^Filter/ }).click();
});

test('a step of a program, a chip of a message and a button that is not there any more leave the focus nearby', async () => {
  await goTo('#/programs');
  await page.getByRole('button', { name: 'New program' }).first().click();
  const steps = page.getByRole('button', { name: /^Step \d: remove$/ });
  for (let at = 0; at < 2; at += 1) await page.getByRole('button', { name: 'Add a step' }).click();
  await press(steps.last());
  await focusIs(/^(?!nothing)/);
  await goTo('#/messages');
  await page.getByRole('button', { name: 'New message' }).first().click();
  await page.getByRole('button', { name: 'Add source' }).click();
  await page.getByRole('menuitem', { name: 'All Contacts' }).click();
  const step = page.getByRole('link', { name: /^Hard Bounces: −/ });
  await step.waitFor();
  await press(step);
  await page.getByRole('button', { name: 'Back to the message' }).waitFor();
  await page.keyboard.press('Tab');
  assert.notEqual(await focused(), 'nothing');
  assert.ok(await page.evaluate(() => document.querySelector('main').contains(document.activeElement)), 'goes on in what was opened');
  await press(page.getByRole('button', { name: 'Back to the message' }));
  await press(page.getByRole('button', { name: /^Keep / }).first());
  await page.getByText('Recipients kept on').waitFor();
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.querySelector('main').contains(document.activeElement)), 'goes on in the message');
});

test('what a screen can do is in the palette, and what can be made', async () => {
  const run = async (words) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Command' }).fill(words);
    await page.keyboard.press('Enter');
  };
  await goTo('#/contacts');
  await run('here columns');
  await page.getByRole('dialog', { name: 'Columns' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Columns' }).waitFor({ state: 'detached' });
  await run('here filter');
  await page.getByRole('combobox', { name: 'Condition', exact: true }).waitFor();
  await run('new folder');
  await page.getByRole('dialog', { name: 'New folder' }).waitFor();
  await page.keyboard.press('Escape');
  const [first] = await app.rows();
  await app.check(first[0]);
  await run('selected opt out');
  await app.toast('1 contact opted out').waitFor();
});

test('nothing went wrong on the way', () => { assert.deepEqual(browser.wrong, []); });
