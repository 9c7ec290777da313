import { browse } from '../e2e/harness.mjs';
import { painted as paintedIn } from './frames.mjs';
const browser = await browse(); const app = await browser.open(); const page = app.page; page.setDefaultTimeout(60000);
await page.goto(`${browser.address}#/import`);
await page.locator('#file').setInputFiles('/work/main/target/bench/list-clean-1000000.csv');
await page.getByRole('button', { name: 'Preview' }).click();
await page.getByRole('button', { name: 'Import Contacts' }).click();
await page.getByRole('button', { name: 'Done' }).click();
await app.rows();
const engine = async (name) => { for (const worker of page.workers()) { const it = await worker.evaluate((name) => { const all = performance.getEntriesByName(`mailable:${name}`); return all.length ? all.at(-1).duration : null; }, name).catch(() => null); if (it) return it; } };
for (let r = 0; r < 4; r++) {
  await page.goto('about:blank'); await page.goto(`${browser.address}#/contacts`); await app.ready(); await app.rows(); await page.waitForTimeout(3000);
  const out = []; { const [ms] = await paintedIn(page, 'search', ['garcia','olga','example49','17765'][r]); out.push(`search ${ms.toFixed(0)}/${(await engine('window')).toFixed(1)}`); await paintedIn(page,'search',''); await page.waitForTimeout(300); }
  for (const c of ['Company', 'Company', 'Company', 'Company', 'Company', 'Company', 'Email','Email','Email','Last']) {
    const [ms] = await paintedIn(page, 'sort', c).catch((e) => [NaN]);
    out.push(`${c} ${ms.toFixed(0)}/${(await engine('window')).toFixed(1)}`);
    await page.waitForTimeout(300);
  }
  console.log(out.join('  '));
}
await browser.close();
