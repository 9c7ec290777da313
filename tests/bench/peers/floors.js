// The floors, in a worker that stays: the same bytes read and scanned and compared by bare loops, compiled as the site is.
importScripts('program/floors.js');
const SLICE = 4 << 20;
let program;
let texts;

/** Calls `each` with every slice in the program's memory; answers how long reading and putting it there took. */
async function slices(file, read, scan, each = () => {}) {
  let ms = 0;
  for (let at = 0; at < file.size; at += SLICE) {
    const start = performance.now();
    const bytes = new Uint8Array(await read(file.slice(at, at + SLICE)));
    new Uint8Array(program.memory.buffer, scan.room(), bytes.length).set(bytes);
    ms += performance.now() - start;
    each(bytes);
  }
  return ms;
}

const operations = {
  async open() { program = await wasm_bindgen({ module_or_path: 'program/floors_bg.wasm' }); return { ms: 0 }; },
  /** F1: whichever way of reading is faster. */
  async read(file) {
    const scan = new wasm_bindgen.Scan(SLICE);
    const reader = new FileReaderSync();
    const sync = await slices(file, (it) => reader.readAsArrayBuffer(it), scan);
    const async = await slices(file, (it) => it.arrayBuffer(), scan);
    scan.free();
    return { ms: Math.min(sync, async), said: { sync, async } };
  },
  /** F2: fields found, counted and dropped; reading is not in it. */
  async scan(file) {
    const scan = new wasm_bindgen.Scan(SLICE);
    let ms = 0;
    const timed = (bytes) => { const start = performance.now(); scan.piece(bytes); ms += performance.now() - start; };
    await slices(file, (it) => it.arrayBuffer(), scan, (bytes) => timed(bytes.length));
    timed(0);
    const said = { records: scan.records(), fields: scan.fields() };
    scan.free();
    return { ms, said };
  },
  /** The searched columns, as one text. */
  async texts(file, columns) {
    texts = new wasm_bindgen.Texts(Uint32Array.from(columns), file.size);
    for (let at = 0; at < file.size; at += SLICE) texts.piece(new Uint8Array(await file.slice(at, at + SLICE).arrayBuffer()));
    texts.piece(new Uint8Array(0));
    return { ms: 0, said: texts.size() };
  },
  /** F5: a word in it, by memmem alone; of seven times the middle one, since one takes a few steps of the clock. */
  find(_, word) {
    const all = [];
    let said = 0;
    for (let at = 0; at < 7; at += 1) {
      const start = performance.now();
      said = texts.find(word);
      all.push(performance.now() - start);
    }
    return { ms: all.sort((a, b) => a - b)[3], said };
  },
  /** One word once, or nothing: for the page that waits for it. */
  once: (_, word) => ({ ms: 0, said: word ? texts.find(word) : 0 }),
  /** F6: a file made of bytes that are ready, in parts of 1 MiB. */
  blob(_, bytes) {
    const parts = [];
    for (let at = 0; at < bytes; at += 1 << 20) parts.push(new Uint8Array(Math.min(1 << 20, bytes - at)).fill(97));
    const start = performance.now();
    const { size } = new Blob(parts, { type: 'text/csv' });
    return { ms: performance.now() - start, said: size };
  },
};

self.onmessage = async ({ data: [operation, file, argument] }) => {
  try {
    self.postMessage(await operations[operation](file, argument));
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
};
