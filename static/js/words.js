// The gentle warning of a report, while it is typed; the server says the same once it is saved.
(() => {
  "use strict";
  const LETTER = "[\\p{L}\\p{N}_]";
  const blank = document.querySelector("template[data-warning]");
  if (!blank) return;

  // Without accents or capitals, one letter for each, as the server folds them (rules.py).
  const letters = (text) => Array.from(text);
  const fold = (letter) => {
    const flat = Array.from(letter.normalize("NFKD"))[0].toLowerCase();
    return flat.length === 1 ? flat : "\u00b7";
  };
  const escaped = (word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const root = (word) =>
    word.endsWith("*") ? `${escaped(word.slice(0, -1))}${LETTER}*` : escaped(word);

  const watched = [...document.querySelectorAll("[data-watched]")].map((one) => ({
    line: one.dataset.line,
    pattern: new RegExp(
      `(?<!${LETTER})(?:${one.dataset.watched.split("|").map(root).join("|")})(?!${LETTER})`,
      "gu",
    ),
  }));

  function linesOf(text) {
    const typed = letters(text);
    const flat = typed.map(fold).join("");
    const found = watched.flatMap(({ line, pattern }) =>
      [...flat.matchAll(pattern)].map((match) => ({ line, at: match.index, word: match[0] })),
    );
    const seen = new Map();
    for (const one of found.sort((a, b) => a.at - b.at)) {
      const said = typed.slice(one.at, one.at + one.word.length).join("");
      if (!seen.has(one.word)) seen.set(one.word, one.line.replace("{word}", said));
    }
    return [...seen.values()];
  }

  function warn(place, text) {
    const lines = linesOf(text);
    const shown = [...place.querySelectorAll("li")].map((one) => one.textContent);
    if (lines.join("\n") === shown.join("\n")) return;
    place.replaceChildren();
    if (!lines.length) return;
    const warning = blank.content.cloneNode(true);
    const list = document.createElement("ul");
    warning.querySelector("p").after(list);
    for (const line of lines) {
      list.append(Object.assign(document.createElement("li"), { textContent: line }));
    }
    place.append(warning);
  }

  function look(field) {
    const place = document.querySelector(`[data-words-of="${CSS.escape(field.name ?? "")}"]`);
    if (place) warn(place, field.value);
  }

  document.addEventListener("input", (event) => look(event.target));
  // A draft that this device kept is put back after the page is shown.
  window.addEventListener("load", () => document.querySelectorAll("textarea").forEach(look));
})();
