// Keeps the page's own files for working offline. It installs only what has the hash that the build wrote
// here, all or nothing, and never replaces files under an open page: the new version waits for "Update".
const BUILD = '/*BUILD*/';
const FILES = [/*FILES*/];
const PREFIX = `mailable-${new URL(registration.scope).pathname}-`;
const CACHE = PREFIX + BUILD;
/** Programs come in two parts; the second is kept once somebody has used the page, or if an earlier version is kept. */
const FIRST = FILES.filter(([name]) => !name.includes('_rest-'));
const REST = FILES.filter((it) => !FIRST.includes(it));
const at = (name) => new URL(name, registration.scope).href;

const hexadecimal = (buffer) => [...new Uint8Array(buffer)].map((it) => it.toString(16).padStart(2, '0')).join('');

/** A file, if it is of this build. */
const fetched = async (name, hash, cache) => {
  const response = await fetch(at(name), { cache });
  if (!response.ok || response.redirected) return null;
  const body = await response.clone().arrayBuffer();
  return hexadecimal(await crypto.subtle.digest('SHA-256', body)) === hash ? response : null;
};

const keep = async (files) => {
  const cache = await caches.open(CACHE);
  await Promise.all(files.map(async ([name, hash]) => {
    // What the page has just loaded need not come once more.
    const response = (await fetched(name, hash, 'default')) ?? (await fetched(name, hash, 'reload'));
    if (!response) throw new Error(`${name} could not be fetched, or is not of this build`);
    await cache.put(at(name), response);
  }));
};

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const again = (await caches.keys()).some((it) => it.startsWith(PREFIX) && it !== CACHE);
    try {
      await keep(again ? FILES : FIRST);
    } catch (error) {
      await caches.delete(CACHE);
      throw error;
    }
  })());
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
    }
  })());
});

self.addEventListener('message', (event) => {
  if (event.data === 'update') self.skipWaiting();
  if (event.data === 'whole') {
    event.waitUntil((async () => {
      const kept = await (await caches.open(CACHE)).keys();
      await keep(REST.filter(([name]) => !kept.some((it) => it.url === at(name))));
    })());
  }
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(registration.scope)) return;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    const page = request.mode === 'navigate' ? at('index.html') : request.url.split(/[?#]/)[0];
    return (await cache.match(page)) ?? (await fetch(request).catch(() => new Response('', { status: 404 })));
  })());
});
