// A plot in two parts: what one takes, the other leaves. The server says what does not add up.
(() => {
  "use strict";
  const form = document.querySelector("[data-shares]");
  if (!form) return;
  const wholes = JSON.parse(form.dataset.shares);
  const mark = document.documentElement.lang === "en" ? "." : ",";
  const isProposed = !form.querySelector(".form-errors, .has-error");
  const fieldsOf = (name) => [...form.querySelectorAll(`[data-share=${name}]`)];
  const read = (field) => Number(field.value.replace(/\s/g, "").replace(",", "."));

  function write(field, value) {
    field.value = String(Math.round(value * 10) / 10).replace(".", mark);
  }

  function leaveRest(name, field) {
    const [one, other] = fieldsOf(name);
    const rest = wholes[name] - read(field);
    if (field.value && rest >= 0) write(field === one ? other : one, rest);
  }

  // Tunnels, and what they cover, are where they are: only what lies all over follows the area.
  function followArea() {
    const share = read(fieldsOf("size")[0]) / wholes.size;
    if (!isProposed || !(share > 0 && share < 1)) return;
    for (const name of ["cultivable", "beds"]) {
      const [one, other] = fieldsOf(name);
      if (!one || "typed" in one.dataset || "typed" in other.dataset) continue;
      write(one, Math.round(wholes[name] * share));
      leaveRest(name, one);
    }
  }

  form.addEventListener("change", ({ target }) => {
    const { share } = target.dataset;
    const isOfTwo = fieldsOf("size").slice(2).every((field) => !field.value);
    if (!share || !isOfTwo || fieldsOf(share).indexOf(target) > 1) return;
    target.dataset.typed = "";
    leaveRest(share, target);
    if (share === "size") followArea();
  });
})();
