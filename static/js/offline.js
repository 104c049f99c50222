// Forms of the field: kept on the device as they are typed, sent when there is a network, each once.
// Without this file, or where a browser cannot do it, they are plain forms.
(() => {
  "use strict";
  const { body } = document;
  const able = window.isSecureContext && window.indexedDB && navigator.locks && navigator.serviceWorker;
  if (!able) return;
  const PREPARED = "prepared";
  const MOST_BYTES = 8_000_000;
  const LAST_SENT = 5;

  // ---------------------------------------------------------------- what the device keeps

  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open("couveuse", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("drafts", { keyPath: "id" });
      asked.result.createObjectStore("photos");
      asked.result.createObjectStore("prepared", { keyPath: "url" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  opened.catch(() => {}); // each use sees it fail and goes on without

  async function within(names, mode, work) {
    const db = await opened;
    return new Promise((resolve, reject) => {
      const all = db.transaction(names, mode, { durability: "strict" });
      const asked = work((name) => all.objectStore(name));
      all.oncomplete = () => resolve(asked?.result);
      all.onerror = all.onabort = () => reject(all.error);
    });
  }

  // Text and photos together, or neither: what is queued is whole.
  const put = (draft, photos) =>
    within(["drafts", "photos"], "readwrite", (store) => {
      store("drafts").put(draft);
      if (photos) store("photos").put(photos, draft.id);
    });
  const get = (id) => within(["drafts"], "readonly", (store) => store("drafts").get(id));
  const photosOf = async (id) =>
    (await within(["photos"], "readonly", (store) => store("photos").get(id))) ?? [];

  function drop(id) {
    return within(["drafts", "photos"], "readwrite", (store) => {
      store("drafts").delete(id);
      store("photos").delete(id);
    });
  }

  const prepared = () => within(["prepared"], "readonly", (store) => store("prepared").getAll());

  // Whose device this is at the moment: the person of the last page that somebody signed in opened.
  const person = () => body.dataset.me ?? localStorage.getItem("couveuse-person");

  async function drafts() {
    const all = await within(["drafts"], "readonly", (store) => store("drafts").getAll());
    return all.filter((one) => one.owner === person()).sort((a, b) => a.place - b.place);
  }

  async function wipePrepared() {
    await caches.delete(PREPARED);
    await within(["prepared"], "readwrite", (store) => store("prepared").clear());
  }

  async function wipe() {
    await wipePrepared();
    for (const draft of await drafts()) await drop(draft.id);
    localStorage.removeItem("couveuse-person");
  }

  // ---------------------------------------------------------------- sending

  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");
  const fresh = () => [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const withValue = (draft, name, value) => ({
    ...draft,
    entries: draft.entries.map(([key, old]) => [key, key === name ? value : old]),
  });
  const reasonsIn = (html) =>
    [...parsed(html).querySelectorAll(".form-errors li, .field .error, .notice p")].map((one) =>
      one.textContent.trim(),
    );

  // As htmx would ask: answers are then a status, not a redirect that fetch follows unseen.
  function ask(address, options = {}) {
    const headers = { "hx-request": "true", ...options.headers };
    return fetch(address, { ...options, headers, cache: "no-store", signal: AbortSignal.timeout(90_000) });
  }

  const waits = (draft, why) => ({ ...draft, state: "queued", why });
  const isRefusal = (status) => status >= 400 && status < 500 && ![401, 408, 429].includes(status);

  // The draft as it stands after an attempt. `sent` only when our own server said so. `note` keeps
  // that it may have arrived, before it can.
  async function attempt(draft, photos, note) {
    let tried = draft;
    try {
      const page = await ask(draft.form);
      if (page.status === 401) return waits(draft, "signin");
      const html = await page.text();
      if (isRefusal(page.status)) return { ...draft, state: "refused", reasons: reasonsIn(html) };
      const found = parsed(html);
      const owner = found.body.dataset.me;
      if (!page.ok || !owner) return waits(draft, "network"); // or the sign-in page of a hotel
      if (owner !== draft.owner) return waits(draft, "signin");
      const token = found.querySelector("[name=_csrf_token]").value;
      const sent = new FormData();
      draft.entries.forEach(([name, value]) => sent.append(name, value));
      for (const photo of photos) sent.append("photos", photo, photo.name);
      tried = { ...draft, attempted: true };
      await note(tried);
      const headers = { "x-csrftoken": token };
      const answer = await ask(draft.action, { method: "POST", headers, body: sent });
      return await understood(tried, answer);
    } catch {
      return waits(tried, "network");
    }
  }

  async function understood(draft, answer) {
    const place = answer.headers.get("hx-redirect");
    if (answer.status === 401) return waits(draft, "signin");
    if (answer.ok && place) return { ...draft, state: "sent", place_made: place };
    const html = await answer.text();
    if (answer.status === 409 && parsed(html).querySelector("#stored-title")) {
      return { ...draft, state: "choice", answer: html };
    }
    if (isRefusal(answer.status)) return { ...draft, state: "refused", reasons: reasonsIn(html) };
    return waits(draft, answer.ok ? "network" : "server");
  }

  async function settle(draft) {
    if (draft.state !== "sent") return put(draft);
    // What arrived leaves the device: only its name and address stay, for a while.
    const { id, owner, place, title, place_made } = draft;
    await within(["drafts", "photos"], "readwrite", (store) => {
      store("drafts").put({ id, owner, place, title, place_made, state: "sent", entries: [] });
      store("photos").delete(id);
    });
    if (draft.kind === "report") await forgetPrepared(new URL(draft.form, location.href).pathname);
    const sent = (await drafts()).filter((one) => one.state === "sent");
    for (const old of sent.slice(0, -LAST_SENT)) await drop(old.id);
  }

  async function forgetPrepared(path) {
    await (await caches.open(PREPARED)).delete(path);
    await within(["prepared"], "readwrite", (store) => store("prepared").delete(path));
  }

  // One owner of the queue among all tabs; a draft open in a form is left to that form.
  const inQueue = (work) => navigator.locks.request("couveuse-queue", work);
  const holding = (id, work) =>
    navigator.locks.request(`couveuse-draft-${id}`, { ifAvailable: true }, (lock) => lock && work());

  async function sendOne(id) {
    const draft = await get(id);
    if (draft?.state !== "queued" || draft.owner !== person()) return draft;
    const after = await attempt(draft, await photosOf(id), put);
    await settle(after);
    told();
    return after;
  }

  async function sendAll() {
    for (const { id, state } of await drafts()) {
      if (state !== "queued") continue;
      const after = await inQueue(() => holding(id, () => sendOne(id)));
      if (after?.state === "queued" && after.why !== "server") break; // the others would wait for the same
    }
  }

  let running = null;
  let isAskedAgain = false;

  async function rounds() {
    do {
      isAskedAgain = false;
      await sendAll().catch(() => {});
    } while (isAskedAgain);
    running = null;
  }

  // Asked while it sends, it goes round once more: the network may just have come back.
  function kick() {
    isAskedAgain = true;
    return (running ??= rounds());
  }

  // ---------------------------------------------------------------- telling

  const others = new BroadcastChannel("couveuse-drafts");
  others.onmessage = () => show();

  function told() {
    others.postMessage("changed");
    return show();
  }

  async function show() {
    const waiting = (await drafts()).filter((one) => one.state !== "sent");
    const line = document.querySelector("[data-waiting]");
    if (line) {
      line.hidden = !waiting.length;
      line.querySelector("[data-count]").textContent = String(waiting.length);
    }
    document.dispatchEvent(new CustomEvent("couveuse:drafts"));
    return waiting;
  }

  const word = (name) =>
    document.getElementById("offline-words")?.content.querySelector(`[data-word="${name}"]`)?.textContent ?? "";

  // ---------------------------------------------------------------- signing in and out

  async function welcome() {
    const here = body.dataset.me;
    if (!here) return;
    const before = localStorage.getItem("couveuse-person");
    localStorage.setItem("couveuse-person", here); // first: nobody reads what somebody else wrote
    if (before && before !== here) await wipePrepared();
    const language = document.documentElement.lang;
    if (localStorage.getItem("couveuse-language") === language) return;
    const shell = document.querySelector("[data-waiting] a");
    await (await caches.open("shell")).add(new Request(shell.pathname, { cache: "reload" }));
    localStorage.setItem("couveuse-language", language);
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-sign-out]");
    if (!form) return;
    event.preventDefault();
    const waiting = await show().catch(() => []);
    if (waiting.length && !window.confirm(form.dataset.signOut)) return;
    await wipe().catch(() => {});
    form.submit();
  });

  // ---------------------------------------------------------------- the start

  navigator.serviceWorker.register("/sw.js").catch(() => {});
  window.addEventListener("online", kick);
  document.addEventListener("visibilitychange", () => document.hidden || kick());
  setInterval(() => document.hidden || kick(), 30_000);

  window.couveuseDrafts = {
    ...{ MOST_BYTES, PREPARED, attempt, drafts, drop, forgetPrepared, fresh, get, holding, inQueue, kick },
    ...{ parsed, person, photosOf, prepared, put, sendOne, show, told, within, withValue, word },
  };
  welcome()
    .then(show)
    .then(kick)
    .catch(() => {});
})();
