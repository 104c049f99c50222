// A form that saves itself as it is typed ([data-kept]), and the preparation of a day's round.
(() => {
  "use strict";
  const kept = window.couveuseDrafts;
  if (!kept) return;
  const { word } = kept;

  // ---------------------------------------------------------------- from a form and back

  const named = (form) => [...form.elements].filter((one) => one.name && one.name !== "_csrf_token");
  const labelOf = (field) => {
    const label = field.labels?.[0]?.cloneNode(true);
    label?.querySelectorAll(".optional").forEach((one) => one.remove());
    return label?.textContent.trim() ?? "";
  };

  function entriesOf(form) {
    const all = [...new FormData(form)];
    return all.filter(([name, value]) => name !== "_csrf_token" && typeof value === "string");
  }

  // What a person reads of it on the page of what waits.
  function shownOf(form) {
    const lines = [];
    for (const field of named(form)) {
      const line = field.closest(".agreed-line");
      const isEmpty = line && !line.querySelector("[name^=step_what]").value;
      if (isEmpty || ["hidden", "file"].includes(field.type) || !field.value) continue;
      if (["checkbox", "radio"].includes(field.type)) {
        if (field.checked) lines.push(["", labelOf(field)]);
      } else if (field.matches("select")) {
        lines.push([labelOf(field), field.selectedOptions[0].textContent.trim()]);
      } else lines.push([labelOf(field), field.value]);
    }
    return lines;
  }

  function fill(form, entries) {
    const values = new Map();
    for (const [name, value] of entries) values.set(name, [...(values.get(name) ?? []), value]);
    for (const field of named(form)) {
      const texts = values.get(field.name) ?? [];
      if (["checkbox", "radio"].includes(field.type)) field.checked = texts.includes(field.value);
      else if (field.type !== "file" && texts.length) field.value = texts.shift();
    }
    const known = new Set(named(form).map((one) => one.name));
    for (const [name, texts] of values) {
      if (known.has(name)) continue;
      for (const value of texts) {
        const hidden = Object.assign(document.createElement("input"), { type: "hidden", name, value });
        form.append(hidden); // a line more than the page shows
      }
    }
  }

  function putFiles(input, photos) {
    const files = new DataTransfer();
    photos.forEach((photo) => files.items.add(photo));
    if (input) input.files = files.files;
  }

  // ---------------------------------------------------------------- one form

  function keep(form) {
    const state = form.querySelector("[data-kept-state]");
    const input = form.querySelector("[type=file]");
    const files = () => [...(input?.files ?? [])];
    const action = new URL(form.action).pathname;
    const say = (name) => {
      state.hidden = false;
      state.textContent = word(name);
    };
    form.elements.namedItem("once").value = kept.fresh();
    let draft = null;
    let isTouched = false;
    let isDirty = false;
    let onlyHere = ""; // the word for why this page alone holds what stands in it
    const ready = resume().then((found) => (draft = found));
    let writing = ready.catch(() => {});

    // The drafts of this form that no other tab holds; a visit queued already is another visit.
    async function resume() {
      const asked = location.hash.startsWith("#d-") ? location.hash.slice(3) : null;
      const again = (one) =>
        one.action === action && (asked ? one.id === asked : form.dataset.kept === "report" || one.state === "draft");
      for (const one of (await kept.drafts()).filter(again)) {
        if (one.state === "sent" || one.state === "choice" || !(await hold(one.id))) continue;
        const found = await kept.get(one.id);
        if (!found || found.state === "sent") continue;
        if (isTouched) break; // typed before it came: another draft
        fill(form, found.entries);
        putFiles(input, await kept.photosOf(found.id));
        if (found.state === "refused") refuse(found.reasons);
        say("resumed");
        return found;
      }
      return null;
    }

    // Until this page is left.
    function hold(id) {
      return new Promise((resolve) => {
        const held = kept.holding(id, () => {
          resolve(true);
          return new Promise(() => {});
        });
        held.then(() => resolve(false));
      });
    }

    async function begin() {
      const id = form.elements.namedItem("once").value;
      const places = (await kept.drafts()).map((one) => one.place);
      await hold(id);
      return {
        ...{ id, owner: kept.person(), place: Math.max(0, ...places) + 1, kind: form.dataset.kept },
        ...{ action, form: location.pathname + location.search, attempted: false },
      };
    }

    async function write(as, photos) {
      draft ??= await begin();
      const once = form.elements.namedItem("once");
      // Perhaps it arrived as it was: what changed since is another text, to be compared with it.
      // A visit keeps its key all the same, so that it can never be noted twice.
      if (draft.attempted && as === "draft" && draft.kind === "report") {
        once.value = kept.fresh();
        draft = { ...draft, attempted: false };
      }
      const who = form.querySelector("select[name=person_id]")?.selectedOptions[0];
      const title = who?.value ? `${form.dataset.title}, ${who.textContent.trim()}` : form.dataset.title;
      const said = { title, entries: entriesOf(form), shown: shownOf(form) };
      draft = { photos: 0, ...draft, state: as, why: undefined, ...said };
      if (photos) draft.photos = photos.length;
      await kept.put(draft, photos);
    }

    function save() {
      isTouched = true;
      if (isDirty) return;
      isDirty = true;
      say("keeping");
      writing = writing.then(async () => {
        isDirty = false;
        await keepAll(onlyHere ? files() : undefined);
        if (!isDirty) say(onlyHere || "kept");
      });
    }

    function saveFiles() {
      isTouched = true;
      say("keeping");
      writing = writing.then(async () => {
        const photos = [];
        for (const photo of files()) photos.push(await window.couveusePhotos.lighter(photo));
        putFiles(input, photos);
        await keepAll(photos);
        say(onlyHere || "kept");
      });
    }

    // Where there is no room for the photos, the text alone perhaps.
    async function keepAll(photos) {
      try {
        await write("draft", photos);
        onlyHere = "";
      } catch (error) {
        onlyHere = error?.name === "QuotaExceededError" ? "no_room" : "not_kept";
        if (files().length) await write("draft", []).catch(() => {});
      }
      kept.told().catch(() => {});
    }

    // Not on leaving a field: what is said above the button would move it from under the finger.
    form.addEventListener("input", (event) => event.target !== input && save());
    form.addEventListener("change", (event) => event.target === input && saveFiles());
    window.addEventListener("beforeunload", (event) => onlyHere && event.preventDefault());

    let isSending = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (isSending) return;
      isSending = form.inert = true;
      say("sending");
      await writing.catch(() => {});
      const after = await send();
      isSending = form.inert = false;
      answer(after);
    });

    async function send() {
      const bytes = files().reduce((sum, one) => sum + one.size, 0);
      if (bytes > kept.MOST_BYTES) return { state: "refused", reasons: [word("too_heavy")] };
      const withPlace = form.elements.namedItem("keep_place")?.checked;
      const bare = (photo) => (withPlace ? photo : window.couveusePhotos.withoutPlace(photo));
      const photos = await Promise.all(files().map(bare));
      try {
        await write("queued", photos);
      } catch {
        return sendFromHere(photos);
      }
      onlyHere = "";
      const after = await kept.inQueue(() => kept.sendOne(draft.id));
      draft = after ?? draft;
      return after;
    }

    // The device has no room for it: it goes from this page, which is not left before it arrived.
    async function sendFromHere(photos) {
      if (!draft) return { state: "plain" };
      onlyHere = "no_room";
      const note = (tried) => kept.put({ ...tried, photos: 0, state: "draft" }, []).catch(() => {});
      const after = await kept.inQueue(() => kept.attempt(draft, photos, note));
      draft = { ...after, state: "draft" };
      if (after.state === "choice") return { state: "plain" };
      if (after.state === "sent") await kept.drop(draft.id).catch(() => {});
      return after;
    }

    function answer(after) {
      if (["sent", "plain"].includes(after?.state)) onlyHere = "";
      if (after?.state === "plain") return form.submit(); // as without this file
      if (after?.state === "sent") return location.assign(after.place_made);
      if (after?.state === "refused") return refuse(after.reasons);
      if (onlyHere) return say("only_here");
      const waiting = document.querySelector("[data-waiting] a").pathname;
      // Without a worker yet, leaving would show the browser's own page.
      if (navigator.serviceWorker.controller || navigator.onLine) location.assign(`${waiting}#d-${draft.id}`);
      else say("waits_network");
    }

    function refuse(reasons) {
      form.querySelector(".form-errors")?.remove();
      const box = document.createElement("div");
      box.className = "form-errors";
      box.tabIndex = -1;
      box.setAttribute("role", "alert");
      const list = document.createElement("ul");
      for (const reason of reasons.length ? reasons : [word("refused")]) {
        list.append(Object.assign(document.createElement("li"), { textContent: reason }));
      }
      box.append(list);
      form.prepend(box);
      box.focus();
      say("refused");
    }
  }

  document.querySelectorAll("form[data-kept]").forEach(keep);
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());

  // ---------------------------------------------------------------- the round of the day

  async function prepare(button) {
    const state = document.querySelector("[data-prepare-state]");
    const links = [...document.querySelectorAll("[data-prepares]")];
    const pages = await caches.open(kept.PREPARED);
    const told = (text) => (state.textContent = text);
    let done = 0;
    button.disabled = true;
    told(word("preparing"));
    try {
      await navigator.storage?.persist?.();
      await navigator.serviceWorker.ready;
      for (const link of links) {
        const { pathname } = new URL(link.href);
        const answer = await fetch(pathname, { cache: "no-store" });
        const html = await answer.clone().text();
        // An empty form of the same person, never a report that is written.
        const found = kept.parsed(html);
        const isForm = found.querySelector("form[data-kept]:not([data-stored])");
        if (!answer.ok || !isForm || found.body.dataset.me !== kept.person()) continue;
        await pages.put(pathname, answer);
        await kept.within(["prepared"], "readwrite", (store) =>
          store("prepared").put({ url: pathname, title: link.dataset.prepares }),
        );
        done += 1;
      }
      told(word("prepared").replace("{n}", String(done)));
    } catch {
      told(word("not_prepared"));
    }
    button.disabled = false;
  }

  const button = document.querySelector("[data-prepare]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => prepare(button));
  }
})();
