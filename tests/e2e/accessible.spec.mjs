// axe finds nothing on any screen or dialog, in light and in dark, on a desk and on a phone. The pictures it
// takes on the way are for looking at: target/screens.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { browse, data } from './harness.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = fileURLToPath(new URL('../../target/screens/', import.meta.url));

for (const [width, height] of [[1440, 900], [390, 844]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`every screen at ${width} in ${colorScheme}`, async () => {
      await mkdir(pictures, { recursive: true });
      const browser = await browse({ width, height, colorScheme });
      const app = await browser.open();
      const { page } = app;
      const narrow = width < 800;
      const found = [];
      const look = async (name, page = app.page) => {
        await page.waitForTimeout(350);
        await page.screenshot({ path: `${pictures}${name}-${width}-${colorScheme}.png` });
        // Through the debugger, since the page's own policy lets nobody in.
        const session = await browser.context.newCDPSession(page);
        await session.send('Page.setBypassCSP', { enabled: false });
        const run = `${axe};axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((it) => JSON.stringify(it.violations.map((v) => [v.id, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + ' :: ' + n.failureSummary.slice(0, 200))])))`;
        const { result, exceptionDetails } = await session.send('Runtime.evaluate', { expression: run, awaitPromise: true });
        assert.ok(!exceptionDetails, JSON.stringify(exceptionDetails));
        for (const violation of JSON.parse(result.value)) found.push([name, ...violation]);
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1);
        assert.ok(!sideways, `${name} scrolls sideways`);
      };
      const go = async (hash) => { await page.goto(`${browser.address}${hash}`); };
      await look('first-visit');
      await page.getByRole('button', { name: 'Load 5,000 sample contacts' }).click();
      await app.toast('5,000 sample contacts loaded').waitFor();
      await look('all-contacts');
      if (narrow) {
        await page.getByRole('button', { name: 'Navigation' }).click();
        await look('navigation');
        await page.mouse.click(width - 10, 400);
      }
      await go('#/segments/soft-bounce');
      await app.rows();
      await page.locator('.grid-row').nth(2).getByRole('checkbox').click();
      await page.locator('.grid-row').nth(4).getByRole('checkbox').click();
      await look('soft-bounces-selected');
      await page.locator('.grid-row').nth(5).hover();
      await page.locator('.grid-row').nth(5).getByRole('button', { name: /^More/ }).click();
      await look('row-menu');
      await page.getByRole('menuitem', { name: 'View history' }).click();
      await look('person');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Columns' }).click();
      await look('columns');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Done' }).click().catch(() => {});
      await go('#/bounces-and-opt-outs/hard-bounce');
      await look('bounces-and-opt-outs');
      await page.getByRole('button', { name: 'Add email address' }).click();
      await look('add-email-address');
      await page.keyboard.press('Escape');
      await go('#/import');
      await look('import-file');
      await page.locator('#file').setInputFiles(data('unsubscribed_email_audience_export_1a2b.csv'));
      await page.getByRole('button', { name: 'Preview' }).waitFor();
      await look('import-map');
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.getByRole('button', { name: 'Import Contacts' }).waitFor();
      await look('import-summary');
      await page.getByRole('button', { name: 'Import Contacts' }).click();
      await page.getByRole('button', { name: 'Done' }).waitFor();
      await look('import-report');
      await go('#/contacts?where=status:hard-bounce%20-domain:example.org');
      await page.getByRole('button', { name: 'Build', exact: true }).click();
      await look('filter');
      await page.getByRole('button', { name: 'Build', exact: true }).click();
      await page.getByRole('button', { name: 'Parts', exact: true }).click();
      await page.locator('.facet').first().waitFor();
      await look('parts');
      await page.getByRole('button', { name: 'Save as segment' }).click();
      await look('save-as-segment');
      await page.getByRole('dialog').getByLabel('Name').fill('A segment');
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
      await app.toast('created').waitFor();
      await look('own-segment');
      await go('#/deadlines');
      await page.getByRole('button', { name: 'Add platform' }).first().click();
      await page.getByRole('dialog').getByLabel('Name').fill('Newsletter tool');
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
      await page.getByRole('region', { name: 'Newsletter tool' }).waitFor();
      await look('deadlines');
      await go('#/scrub');
      await look('scrub');
      await page.locator('#file').setInputFiles(data('unsubscribed_email_audience_export_1a2b.csv'));
      await page.getByRole('button', { name: 'Scrub another list' }).waitFor();
      await page.locator('details.removed summary').first().click();
      await look('scrub-report');
      await go('#/segments/spam-complaint');
      await app.rows();
      await page.locator('.grid-row').nth(1).hover();
      await page.locator('.grid-row').nth(1).getByRole('button', { name: /^More/ }).click();
      await page.getByRole('menuitem', { name: 'Remove spam complaint' }).click();
      await look('reason');
      await page.keyboard.press('Escape');
      if (narrow) await page.getByRole('button', { name: 'Navigation' }).click();
      await app.segmentMore('Hard Bounces', 'Delete all contacts');
      await look('delete-all-contacts');
      await page.keyboard.press('Escape');
      await go('#/activity');
      await look('activity');
      await go('#/settings');
      await page.getByLabel('Inactive after').selectOption('3');
      await look('settings');
      await page.getByRole('button', { name: 'Delete everything' }).click();
      await look('delete-everything');
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await look('keyboard');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+k');
      await look('palette');
      await page.keyboard.press('Escape');
      const second = await browser.context.newPage();
      await second.goto(browser.address);
      await second.getByRole('heading', { name: 'Open in another tab' }).waitFor();
      await look('other-tab', second);
      assert.deepEqual(found, []);
      assert.deepEqual(browser.wrong, []);
      await browser.close();
    });
  }
}
