// The peers' pages: bundles them, serves them, and opens a browser in which `run.mjs` calls them by name.
import { createServer } from 'node:http';
import { copyFile, cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { browse } from '../e2e/harness.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.webmanifest': 'application/json' };

/** Serves a folder, as any static host would. */
export async function serveFolder(folder) {
  const server = createServer(async (request, response) => {
    const name = new URL(request.url, 'http://x').pathname.slice(1) || 'index.html';
    const body = name.includes('..') ? null : await readFile(join(folder, name)).catch(() => null);
    response.writeHead(body ? 200 : 404, { 'content-type': types[extname(name)] ?? 'text/plain' }).end(body);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) };
}

/** Makes the peers' folder. `floors` says whether the floors are there, which `cargo xtask bench` compiles. */
export async function makePeers(target) {
  const folder = join(target, 'peers');
  await mkdir(folder, { recursive: true });
  for (const [entry, format] of [['page', 'esm'], ['worker', 'iife'], ['sqlite', 'esm'], ['floors', 'iife'], ['grid', 'esm'], ['bare', 'iife']]) {
    await build({ entryPoints: [join(here, 'peers', `${entry}.js`)], outfile: join(folder, `${entry}.js`), bundle: true, minify: true, format, logLevel: 'error' });
  }
  const duck = dirname(require.resolve('@duckdb/duckdb-wasm/dist/duckdb-eh.wasm'));
  for (const name of ['duckdb-eh.wasm', 'duckdb-browser-eh.worker.js']) await copyFile(join(duck, name), join(folder, name));
  await copyFile(require.resolve('@sqlite.org/sqlite-wasm/sqlite3.wasm'), join(folder, 'sqlite3.wasm'));
  const page = (title, body) => `<!doctype html><meta charset="utf-8"><title>${title}</title>${body}`;
  await writeFile(join(folder, 'index.html'), page('Peers', '<input type="file" id="file"><script type="module" src="page.js"></script>'));
  await writeFile(join(folder, 'grid.html'), page('Grid', '<input type="file" id="file"><div id="grid" style="height:800px"></div><script type="module" src="grid.js"></script>'));
  await writeFile(join(folder, 'bare.html'), page('Bare', '<input type="file" id="file"><input id="field"><div id="pane"></div><script src="bare.js"></script>'));
  await writeFile(join(folder, 'empty.html'), page('Empty', ''));
  const floors = Boolean(await stat(join(target, 'floors', 'floors_bg.wasm')).catch(() => null));
  if (floors) for (const name of ['floors.js', 'floors_bg.wasm']) await cp(join(target, 'floors', name), join(folder, 'program', name));
  return { folder, floors };
}

/** A browser on the peers' page with the list chosen; `peer(name, …)` does what `peers/page.js` has under the name. */
export async function openPeers(address, file) {
  const browser = await browse({ address });
  const page = browser.context.pages()[0] ?? (await browser.context.newPage());
  page.setDefaultTimeout(600_000);
  await page.goto(address);
  await page.waitForFunction(() => window.peers);
  await page.locator('#file').setInputFiles(file);
  return { browser, page, peer: (name, ...more) => page.evaluate(([name, more]) => window.peers[name](...more), [name, more]) };
}
