// What reading the stored values takes that does nothing else: alone, and by a worker of our page while that starts,
// into a WebAssembly memory, where the engine must have them. Nothing is checked, understood or found there.
import assert from 'node:assert/strict';

/** Reads all by the shortest way there is. Its text goes into pages and workers. */
const readAll = async (take = () => {}) => {
  const [{ name }] = (await indexedDB.databases()).filter((it) => it.name.startsWith('mailable'));
  const answer = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
  const database = await answer(indexedDB.open(name));
  const values = () => database.transaction('block').objectStore('block');
  const start = performance.now();
  const keys = await answer(values().getAllKeys());
  let bytes = 0;
  await Promise.all(keys.map(async (key) => {
    const value = await answer(values().get(key));
    const read = value instanceof Blob ? new Uint8Array(await value.arrayBuffer()) : value;
    bytes += read.byteLength;
    take(read);
  }));
  performance.measure('mailable:reading', { start });
  database.close();
  return { ms: performance.now() - start, bytes };
};

/** Alone: in a page of the same origin in which nothing of ours runs. Answers milliseconds and bytes. */
export async function readAlone(browser, page) {
  await browser.outside(page);
  return page.evaluate(readAll);
}

/** In the place of the engine: begins once the page has sent what the engine would begin with. */
const inItsPlace = `
  const memory = new Uint8Array(new WebAssembly.Memory({ initial: 8192 }).buffer);
  let at = 0;
  onmessage = ({ data }) => data.part === 'first' && (${readAll})((bytes) => { memory.set(bytes, at); at += bytes.length; });
`;

/** Has the page start with a worker that only reads; `quietly` brings the page up. Answers what `measured` does. */
export async function readInItsPlace(browser, page, quietly, measured) {
  await page.goto('about:blank');
  const session = await browser.pastServiceWorker(page);
  const asBefore = await browser.changeBoot(page, (boot) => boot.replace('new Blob([source]', `new Blob([${JSON.stringify(inItsPlace)}]`));
  await quietly();
  const took = await measured('reading');
  await asBefore();
  await session.detach();
  assert.ok(took.ms > 0);
  return took;
}
