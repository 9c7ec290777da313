// Starts Mailable: the page's own program, and the worker, which comes first where there are contacts.
//
// What the page's program finds on globalThis (the contract with src/client.rs):
//   mailableStartWorker(listener, failed) -> Worker
//     Hands over the running worker: `listener` gets every message event, first those that came before.
//     `failed` gets a sentence when the worker dies. Called again, it ends the old worker and starts another.
//
//   mailableWhole() -> true, or a Promise
//     Sees to it that the page's program is whole; then the engine's becomes so, too, and all is kept for working offline.
//     `true`: it is.
//
// No inline script anywhere: the content-security policy allows this origin's files and nothing else.
const here = document.currentScript ?? document.querySelector('script[data-js]');
const address = (name) => new URL(here.dataset[name], document.baseURI).href;

// Inside a frame of another site somebody else would decide what is seen and clicked.
if (window.top !== window.self) throw new Error('Mailable does not run inside a frame');

// Trusted Types: the framework writes static markup through templates, and workers start from addresses.
// Nothing that came from a file passes here; what looks like a script is refused all the same.
const ours = [location.origin + '/', 'blob:' + location.origin + '/'];
globalThis.trustedTypes?.createPolicy('default', {
  createHTML: (html) => {
    if (/<script|\son\w+\s*=|javascript:/i.test(html)) throw new TypeError('Markup with a script in it');
    return html;
  },
  createScriptURL: (url) => {
    const absolute = new URL(url, document.baseURI).href;
    if (!ours.some((it) => absolute.startsWith(it))) throw new TypeError('A script from elsewhere');
    return absolute;
  },
});

const canRun = () => {
  try {
    // A function that uses one simd128 instruction.
    const simd = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);
    return WebAssembly.validate(simd) && 'indexedDB' in globalThis;
  } catch {
    return false;
  }
};

// A part of a program, compiled as it comes. The page has it done for the engine, too: of what was compiled for a page
// Chromium keeps all for a reload, optimised as it is by then, and some on disk; what a worker compiled goes with it.
const compile = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error('A part of Mailable could not be loaded');
  // Hosts that do not know the type of these files would not have them compiled as they come.
  return response.headers.get('content-type') === 'application/wasm' ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
};

// A program comes in two parts (xtask/src/split.rs): what runs when the page opens, and the rest. `first` and `rest` get
// them, `address` is where the rest is. `early`: it needs both before it starts; `then`: what follows once it is whole.
// Workers get the text of this function, so it uses nothing from around it.
const joined = (first, rest, address, early, then = () => {}) => {
  let imports, link, coming, linked = false;
  const join = (module) => {
    if (linked) return;
    new WebAssembly.Instance(module, { ...imports, link });
    linked = true;
    then();
  };
  const whole = () => linked || (coming ??= rest().then(join).then(() => true, (error) => { coming = undefined; throw error; }));
  // A function of the rest is called before it is there: what calls cannot wait, so this does.
  const load = () => {
    const request = new XMLHttpRequest();
    request.open('GET', address, false);
    request.overrideMimeType('text/plain; charset=x-user-defined');
    request.send();
    join(new WebAssembly.Module(Uint8Array.from(request.responseText, (it) => it.charCodeAt(0) & 255)));
  };
  // The script around the program instantiates it; what it gives to it, the rest needs too.
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (module, given) => {
    WebAssembly.instantiate = instantiate;
    imports = given;
    const instance = await instantiate(module, { ...given, link: { load } });
    link = instance.exports;
    if (early) await whole();
    return instance;
  };
  return { compiled: first(), whole };
};

// In the engine's worker: the parts of its program, which the page sends, by their names. Its text goes there, too.
const parts = () => {
  const all = {};
  const of = (name) => {
    if (!all[name]) {
      const it = all[name] = {};
      it.there = new Promise((done, failed) => Object.assign(it, { done, failed }));
      it.there.catch(() => {});
    }
    return all[name];
  };
  addEventListener('message', (event) => {
    const { part, module, failed } = event.data ?? {};
    if (!part) return;
    event.stopImmediatePropagation();
    if (module) return of(part).done(module);
    of(part).failed(new Error(failed));
    // What needs it asks again.
    delete all[part];
  });
  return (name) => of(name).there;
};

// The text of a thread that reads stored values for the engine (src/storage/value_thread.rs). It gets [0, database],
// and answers [0]: it runs; then numbered questions, [number, store, keys, ...buffers to read into], and answers each with
// [number, ...values], or with the number alone if it cannot.
const values = () => {
  const answered = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const open = async (name) => {
    const opening = indexedDB.open(name);
    // One that is not there is not made here.
    opening.onupgradeneeded = () => opening.transaction.abort();
    // Browsers have been seen never to answer.
    const patience = new Promise((_, failed) => setTimeout(failed, 2000));
    const database = await Promise.race([answered(opening), patience]);
    database.onversionchange = () => database.close();
    return database;
  };
  // Fresh memory takes longer than what is read into it.
  const buffers = [];
  const read = async (file) => {
    const at = buffers.findIndex((it) => it.byteLength >= file.size);
    const [buffer] = at < 0 ? [new ArrayBuffer(file.size * 1.25)] : buffers.splice(at, 1);
    try {
      const reader = file.stream().getReader({ mode: 'byob' });
      const { value } = await reader.read(new Uint8Array(buffer, 0, file.size), { min: file.size });
      reader.cancel().catch(() => {});
      if (value.length === file.size) return value;
    } catch {
      // A browser that has no such streams.
    }
    return new Uint8Array(await file.arrayBuffer());
  };
  // In their order, so that the first is there while the others come; two at once, so that the browser never waits.
  const turns = [Promise.resolve(), Promise.resolve()];
  const bytes = (value) => {
    if (!(value instanceof Blob)) return value;
    const coming = turns.shift().then(() => read(value));
    turns.push(coming.catch(() => {}));
    return coming;
  };
  let database;
  onmessage = async ({ data }) => {
    const [number, of, keys, ...more] = data;
    if (!number) {
      database = open(of);
      database.catch(() => {});
      return postMessage([number]);
    }
    buffers.push(...more);
    try {
      const all = (await database).transaction(of).objectStore(of);
      const found = await Promise.all(keys.map((it) => answered(all.get(it)).then(bytes)));
      postMessage([number, ...found], found.filter(Boolean).map((it) => it.buffer));
    } catch {
      postMessage([number]);
    }
  };
};

let worker;
let early = [];

// Whoever comes back to their contacts needs the rest of the engine at once, and has it here.
let again = false;
// The engine gets the rest of its program as soon as it is started.
let whole = false;

// A worker loaded by address ignores the policy of a page's <meta>; one from a blob obeys it. The reader is a worker
// of the engine's: the same program, which reads files while the engine takes in what was read.
const loader = (role, more = '') => {
  const folder = new URL('.', document.baseURI).pathname;
  const script = JSON.stringify(address('worker'));
  return [
    // Trusted Types hold in the worker too: it may load its own script, and the engine its readers, and nothing else.
    `self.trustedTypes?.createPolicy('default',{createScriptURL:(it)=>{if(it!==${script}&&it!==self.mailableReader&&it!==self.mailableValues)throw new TypeError('A script from elsewhere');return it}});`,
    // An error in asynchronous code of the worker would otherwise reach nobody.
    'self.onunhandledrejection=(it)=>setTimeout(()=>{throw it.reason});',
    `self.mailableFolder=${JSON.stringify(folder)};self.mailableRole='${role}';${more}`,
    // The program comes while the script around it is read.
    role === 'reader'
      ? `const compile=${compile},part=(it)=>compile(it==='first'?${JSON.stringify(address('workerWasm'))}:${JSON.stringify(address('workerRest'))});`
      : `const part=(${parts})();`,
    // What comes before the program is there is kept for it.
    'const early=[];self.onmessage=(it)=>early.push(it);',
    `const program=(${joined})(()=>part('first'),()=>part('rest'),${JSON.stringify(address('workerRest'))},${again || role === 'reader'});`,
    // If the engine's rest cannot be had when the page sends it, what needs it loads it.
    `importScripts(${script});program.compiled.then((it)=>wasm_bindgen({module_or_path:it})).then(()=>{for(const it of early)self.onmessage(it);${role === 'reader' ? '' : "part('rest').then(program.whole).catch(()=>{})"}});`,
  ].join('');
};

// Where there are no contacts the page comes first: this is there once it is.
let shown;

/** Sends a part of its program to the engine. */
const send = async (part, name) => {
  const to = worker;
  await shown;
  try {
    to.postMessage({ part, module: await compile(address(name)) });
  } catch (error) {
    to.postMessage({ part, failed: error.message });
  }
};

const startWorker = () => {
  const reader = JSON.stringify(loader('reader'));
  const source = loader('engine', [
    `self.mailableReader=URL.createObjectURL(new Blob([${reader}],{type:'text/javascript'}));`,
    'self.mailableStartReader=()=>new Worker(self.mailableReader);',
    `self.mailableValues=URL.createObjectURL(new Blob([${JSON.stringify(`(${values})()`)}],{type:'text/javascript'}));`,
    'self.mailableStartValues=()=>new Worker(self.mailableValues);',
  ].join(''));
  const blob = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  worker = new Worker(blob);
  send('first', 'workerWasm');
  if (whole) send('rest', 'workerRest');
  early = [];
  worker.onmessage = (event) => early.push(event);
  worker.onerror = (event) => early.push(event);
};

globalThis.mailableStartWorker = (listener, failed) => {
  if (early === null) {
    worker.terminate();
    startWorker();
  }
  worker.onmessage = listener;
  worker.onerror = (event) => failed(event.message || 'The worker stopped');
  for (const event of early) event.type === 'error' ? worker.onerror(event) : listener(event);
  early = null;
  return worker;
};

if (canRun()) {
  // Screens that come first; see `comes_first` in src/ui/app.rs.
  const later = !/^(#\/?|#\/(contacts|segments|settings)\b.*)?$/.test(location.hash);
  // Compiled while the script around it is on its way.
  const page = joined(() => compile(address('wasm')), () => compile(address('rest')), address('rest'), later, () => {
    if (!whole) send('rest', 'workerRest');
    whole = true;
    navigator.serviceWorker?.ready.then((it) => it.active.postMessage('whole'));
  });
  const script = import(address('js'));
  // After what is loaded was asked for: the first look into it takes the browser some milliseconds.
  try {
    whole = again = localStorage.getItem('mailable-canary') !== null;
  } catch {
    // A browser that remembers nothing.
  }
  // Where there are contacts, they take longest; where there are none, nobody waits for the engine, and the page comes first.
  if (again) startWorker();
  globalThis.mailableWhole = page.whole;
  // Whoever does something will need the rest soon. If it cannot be loaded, that is said when it is needed.
  for (const it of ['pointerdown', 'keydown']) {
    addEventListener(it, async () => { try { await page.whole(); } catch {} }, { capture: true, once: true });
  }
  const parsed = document.readyState === 'loading' && new Promise((done) => document.addEventListener('DOMContentLoaded', done));
  const [program, module] = await Promise.all([script, page.compiled, parsed]);
  let show;
  if (!worker) {
    shown = new Promise((done) => { show = done; });
    startWorker();
  }
  await program.default({ module_or_path: module });
  show?.();
  if ('serviceWorker' in navigator && location.protocol.startsWith('http')) {
    navigator.serviceWorker.register(new URL('sw.js', document.baseURI).href, { updateViaCache: 'none' }).catch(() => {});
  }
} else {
  const say = () => { document.getElementById('cannot-run').hidden = false; };
  document.readyState === 'loading' ? document.addEventListener('DOMContentLoaded', say) : say();
}
