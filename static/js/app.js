// Comfort only: every page works without this file.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  // Focus: on the summary of a refusal, else on the first field to correct, else where it was.
  const seen = new WeakSet();

  function focusRefusal() {
    const places = document.querySelectorAll("[data-focus], [aria-invalid=true]");
    const fresh = [...places].filter((place) => !seen.has(place));
    fresh.forEach((place) => seen.add(place));
    fresh[0]?.focus();
    return fresh.length > 0;
  }

  let held = null;

  function holdFocus() {
    const here = document.activeElement;
    if (!here || here === document.body) return;
    const booking = here.getAttribute("data-booking");
    held =
      (here.id && `#${CSS.escape(here.id)}`) ||
      (booking && `[data-booking="${CSS.escape(booking)}"]`) ||
      (here.rel && `a[rel="${CSS.escape(here.rel)}"]`) ||
      null;
  }

  function restoreFocus() {
    const lost = document.activeElement === document.body;
    if (lost && held) document.querySelector(held)?.focus({ preventScroll: true });
  }

  // Watching the page itself: htmx tells of a swap on the element that asked for it, which may be gone.
  document.addEventListener("htmx:before:swap", holdFocus);
  document.addEventListener("focusin", () => (held = null));
  new MutationObserver(() => focusRefusal() || restoreFocus()).observe(document.body, {
    childList: true,
    subtree: true,
  });
  focusRefusal();

  // Notices are read, then closed; menus and dialogs close as people expect.
  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest?.(selector);
    at("[data-close]")?.closest(".notice")?.remove();
    if (at("[data-print]")) window.print();
    const opener = at("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    at("[data-dialog-close]")?.closest("dialog")?.close();
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // A plain form is sent once, however often its button is pressed.
  const sent = new Set();
  window.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (sent.has(event.target)) event.preventDefault();
    sent.add(event.target);
  });
  window.addEventListener("pageshow", () => sent.clear());

  // An empty place on the board opens the booking form at that item, day and hour.
  const NIGHT = 0.25; // boards.css draws a quarter of an hour of the night this narrow
  const SPAN = 66;

  function quarterAt(share) {
    const x = Math.min(Math.max(share, 0), 0.999) * SPAN;
    if (x < 6) return x / NIGHT;
    return x < 62 ? 24 + (x - 6) : 80 + (x - 62) / NIGHT;
  }

  function holds(box, x, y, across) {
    return across ? box.left <= x && x < box.right : box.top <= y && y < box.bottom;
  }

  function dayAt(board, event) {
    const days = [...board.querySelectorAll(".board-head [data-day]")];
    const chosen = /\bday-([1-7])\b/.exec(board.className)?.[1];
    if (board.classList.contains("one")) {
      return days.find((day) => holds(day.getBoundingClientRect(), 0, event.clientY, false));
    }
    return board.querySelector(".corner").offsetWidth
      ? days.find((day) => holds(day.getBoundingClientRect(), event.clientX, 0, true))
      : days.find((day) => day.classList.contains(`d${chosen}`));
  }

  // Where the line of time of that day stands on the screen.
  function lineOf(board, row, day) {
    const corner = board.querySelector(".corner").getBoundingClientRect();
    if (!corner.width) return row.getBoundingClientRect();
    return board.classList.contains("one") ? corner : day.getBoundingClientRect();
  }

  function stamp(day, hour) {
    return `${day}T${String(hour).padStart(2, "0")}:00`;
  }

  function fill(form, name, value) {
    const field = form.elements.namedItem(name);
    if (!field || field.value === value) return;
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("click", (event) => {
    const row = event.target.closest?.(".board .row[data-item]");
    const form = document.getElementById("booking-form");
    if (!row || !form || event.target.closest("a, button, .item")) return;
    const board = row.closest(".board");
    const day = dayAt(board, event);
    if (!day) return;
    const line = lineOf(board, row, day);
    const hour = Math.floor(quarterAt((event.clientX - line.left) / line.width) / 4);
    fill(form, "item_id", row.dataset.item);
    fill(form, "starts_at", stamp(day.dataset.day, Math.min(hour, 22)));
    fill(form, "ends_at", stamp(day.dataset.day, Math.min(hour, 22) + 1));
    form.closest("details")?.setAttribute("open", "");
    form.scrollIntoView({ block: "nearest" });
    form.elements.namedItem("starts_at")?.focus();
  });
})();
