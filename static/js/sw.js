// Keeps what the pages are made of, and shows what waits when there is no network. A page of
// somebody is kept only when that person prepared it (offline.js); nothing is sent from here.
// Its first lines, SHELL and FILES, come from the server.
const STATIC = "static";
const SHELLS = "shell";
const PREPARED = "prepared";
const PATIENCE = 6000; // one bar of network: after so long, a prepared page is shown

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) =>
  event.waitUntil(forget().then(() => self.clients.claim())),
);

async function keep() {
  const files = await caches.open(STATIC);
  const missing = [];
  for (const file of FILES) if (!(await files.match(file))) missing.push(file);
  await files.addAll(missing);
  await (await caches.open(SHELLS)).add(new Request(SHELL, { cache: "reload" }));
}

// Prepared pages need the files of their day: those of before go once none is left.
async function forget() {
  if ((await (await caches.open(PREPARED)).keys()).length) return;
  const files = await caches.open(STATIC);
  const wanted = new Set(FILES.map((file) => new URL(file, self.location.origin).href));
  for (const asked of await files.keys()) if (!wanted.has(asked.url)) await files.delete(asked);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(fileOf(request));
  else if (request.mode === "navigate") event.respondWith(pageOf(request, url));
});

async function fileOf(request) {
  const files = await caches.open(STATIC);
  return (await files.match(request)) ?? fetch(request);
}

async function pageOf(request, url) {
  const known = await (await caches.open(PREPARED)).match(url.pathname);
  const fresh = fetch(request);
  fresh.catch(() => {}); // it may fail after the prepared page was shown
  try {
    return await (known ? Promise.race([fresh, tooLate()]) : fresh);
  } catch {
    return known ?? (await (await caches.open(SHELLS)).match(SHELL)) ?? Response.error();
  }
}

function tooLate() {
  return new Promise((_, reject) => setTimeout(() => reject(new Error("slow")), PATIENCE));
}
