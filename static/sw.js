// Keeps the page's own files for working offline. It installs only what has the hash that the build wrote
// here, all or nothing, and never replaces files under an open page: the new version waits for "Update".
const BUILD = '/*BUILD*/';
const FILES = [/*FILES*/];
const PREFIX = `mailable-${new URL(registration.scope).pathname}-`;
const CACHE = PREFIX + BUILD;
const at = (name) => new URL(name, registration.scope).href;

const hexadecimal = (buffer) => [...new Uint8Array(buffer)].map((it) => it.toString(16).padStart(2, '0')).join('');

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    try {
      await Promise.all(FILES.map(async ([name, hash]) => {
        const response = await fetch(at(name), { cache: 'reload' });
        if (!response.ok || response.redirected) throw new Error(`${name} could not be fetched`);
        const body = await response.clone().arrayBuffer();
        if (hexadecimal(await crypto.subtle.digest('SHA-256', body)) !== hash) throw new Error(`${name} is not of this build`);
        await cache.put(at(name), response);
      }));
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
