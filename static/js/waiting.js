// The page of what waits on this device: read, send, resume, delete, choose. Works without network.
(() => {
  "use strict";
  const kept = window.couveuseDrafts;
  if (!kept) return;
  const { word } = kept;
  const find = (selector) => document.querySelector(selector);
  const here = find("[data-sign-in]");
  find("[data-not-able]").hidden = true;

  function element(name, text = "", className = "", more = {}) {
    return Object.assign(document.createElement(name), { textContent: text, className, ...more });
  }

  const button = (name, act, kind = "") =>
    element("button", word(name), `btn ${kind}`, { type: "button", onclick: act });
  const link = (name, href, kind = "") => element("a", word(name), `btn ${kind}`, { href });

  // ---------------------------------------------------------------- what can be done

  async function change(draft) {
    await kept.put(draft);
    await kept.told();
    return kept.kick();
  }

  const send = (draft) => change({ ...draft, state: "queued", why: undefined });

  async function remove(draft) {
    if (draft.state !== "sent" && !window.confirm(word("sure"))) return;
    await kept.drop(draft.id);
    await kept.told();
  }

  // Mine becomes the version after the one that was shown; if yet another came, it is asked again.
  function keepMine(draft) {
    const form = kept.parsed(draft.answer).querySelector("#report-form");
    const version = form.querySelector("[name=version]").value;
    const mine = kept.withValue(kept.withValue(draft, "version", version), "once", kept.fresh());
    return send({ ...mine, answer: undefined, attempted: false });
  }

  // ---------------------------------------------------------------- how it looks

  function textOf(draft) {
    const list = element("dl", "", "facts");
    const ticks = draft.shown.filter(([label]) => !label).map(([, text]) => text);
    const lines = draft.shown.filter(([label]) => label);
    if (ticks.length) list.append(element("dd", ticks.join(", ")));
    for (const [label, text] of lines) {
      const row = element("div");
      row.append(element("dt", label), element("dd", text, "typed"));
      list.append(row);
    }
    if (draft.photos) list.append(element("dd", word("photos").replace("{n}", String(draft.photos))));
    return list;
  }

  function stored(draft) {
    const section = kept.parsed(draft.answer).querySelector("#stored-title").parentElement;
    const copy = document.importNode(section, true);
    copy.querySelector("#stored-title").remove();
    copy.querySelectorAll("h3").forEach((one) => one.replaceWith(element("h4", one.textContent)));
    copy.removeAttribute("aria-labelledby");
    return copy;
  }

  function versions(draft) {
    const both = element("div", "", "versions");
    const mine = element("div");
    const other = element("div");
    mine.append(element("h3", word("mine")), textOf(draft));
    other.append(element("h3", word("stored")), stored(draft));
    both.append(mine, other);
    return both;
  }

  function stateOf(draft) {
    if (draft.state === "queued") return word(draft.why ? `waits_${draft.why}` : "waits");
    return word({ draft: "kept", refused: "refused", choice: "choice", sent: "sent" }[draft.state]);
  }

  function actionsOf(draft) {
    const actions = element("p", "", "actions");
    const resume = link("resume", `${draft.form}#d-${draft.id}`);
    const gone = button("delete", () => remove(draft), "btn-quiet");
    if (draft.state === "sent") actions.append(link("open", draft.place_made), button("hide", () => remove(draft), "btn-quiet"));
    else if (draft.state === "choice") {
      actions.append(button("keep_mine", () => keepMine(draft), "btn-primary"));
      actions.append(button("keep_other", () => remove(draft)));
    } else {
      if (draft.why === "signin") actions.append(link("sign_in", here.dataset.signIn, "btn-primary"));
      else actions.append(button("send", () => send(draft), "btn-primary"));
      actions.append(resume, gone);
    }
    return actions;
  }

  function card(draft) {
    const box = element("div", "", "card draft", { id: `d-${draft.id}` });
    box.setAttribute("role", "listitem");
    box.dataset.state = draft.state;
    box.append(element("h2", draft.title), element("p", stateOf(draft), "kept"));
    if (draft.state === "refused") {
      const reasons = element("ul", "", "reasons");
      draft.reasons.forEach((one) => reasons.append(element("li", one)));
      box.append(reasons);
    }
    if (draft.state === "choice") box.append(versions(draft));
    else if (draft.state !== "sent") {
      const more = element("details", "", "more");
      more.append(element("summary", word("read")), textOf(draft));
      box.append(more);
    }
    box.append(actionsOf(draft));
    return box;
  }

  async function draw() {
    const drafts = await kept.drafts();
    const open = new Set([...document.querySelectorAll(".draft details[open]")].map((one) => one.parentElement.id));
    const cards = drafts.map(card);
    cards.filter((one) => open.has(one.id)).forEach((one) => (one.querySelector("details") ?? {}).open = true);
    find("[data-drafts]").replaceChildren(...cards);
    find("[data-none]").hidden = drafts.length > 0;
    find("[data-retry]").hidden = !drafts.some((one) => one.state === "queued");
    const ready = await kept.prepared();
    find("[data-ready]").hidden = !ready.length;
    const lines = ready.map(({ url, title }) => {
      const line = element("li");
      line.append(element("a", title, "", { href: url }));
      return line;
    });
    find("[data-ready-list]").replaceChildren(...lines);
    const isElsewhere = location.pathname !== here.dataset.shell;
    find("[data-not-here]").hidden = !isElsewhere;
    find("[data-no-network]").hidden = navigator.onLine && !isElsewhere;
  }

  document.addEventListener("couveuse:drafts", () => draw().catch(() => {}));
  for (const change of ["online", "offline"]) window.addEventListener(change, () => draw().catch(() => {}));
  find("[data-retry] button").addEventListener("click", () => kept.kick());
  find("[data-again]").addEventListener("click", () => location.reload());
  draw().catch(() => {});
})();
