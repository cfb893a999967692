// Typing an area: the list of what it may be, chosen by mouse or keyboard, put into the form's own select or check boxes.

const AFTER = 150; // milliseconds without a key

function put(name, area) {
  const select = document.querySelector(`select[name="${CSS.escape(name)}"]`);
  if (select) {
    if (![...select.options].some((one) => one.value === area.code)) select.add(new Option(area.name, area.code));
    select.value = area.code;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    return;
  }
  const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]`)];
  let box = boxes.find((one) => one.value === area.code);
  if (!box) {
    const label = document.createElement("label");
    box = Object.assign(document.createElement("input"), { type: "checkbox", name, value: area.code });
    const text = document.createElement("span");
    text.textContent = area.name;
    label.append(box, " ", text);
    (document.getElementById(`below-${name}`) ?? boxes.at(-1).closest("label").parentElement).append(label);
  }
  box.closest("label").hidden = false;
  box.checked = true;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

for (const finder of document.querySelectorAll("[data-areas]")) {
  const input = finder.querySelector("input");
  const list = finder.querySelector("ul");
  const status = finder.querySelector("[role=status]");
  let found = [];
  let at = -1;
  let timer;
  let asked = 0;

  const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const mark = (next) => {
    at = (next + found.length) % found.length;
    [...list.children].forEach((one, index) => one.setAttribute("aria-selected", String(index === at)));
    input.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  };
  const choose = (index) => { put(finder.dataset.areas, found[index]); input.value = ""; status.textContent = found[index].path; close(); };
  const show = () => {
    list.replaceChildren(...found.map((area, index) => {
      const one = Object.assign(document.createElement("li"), { id: `${list.id}-${index}`, textContent: `${area.path} ${area.code}` });
      one.setAttribute("role", "option");
      one.setAttribute("aria-selected", "false");
      one.addEventListener("mousedown", (event) => { event.preventDefault(); choose(index); });
      return one;
    }));
    status.textContent = found.length ? String(found.length) : status.dataset.none;
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    at = -1;
  };
  async function ask() {
    const mine = ++asked;
    const text = input.value.trim();
    if (!text) { found = []; close(); return; }
    const answer = await fetch(`${finder.dataset.address}?text=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (mine !== asked || !answer?.ok) return;
    found = (await answer.json()).areas;
    show();
  }

  finder.hidden = false;
  input.addEventListener("input", (event) => { event.stopPropagation(); clearTimeout(timer); timer = setTimeout(ask, AFTER); });
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); if (!list.hidden && found.length) choose(Math.max(at, 0)); }
    if (list.hidden) return;
    if (event.key === "ArrowDown") { event.preventDefault(); mark(at + 1); }
    if (event.key === "ArrowUp") { event.preventDefault(); mark(at < 0 ? found.length - 1 : at - 1); }
    if (event.key === "Escape") { event.preventDefault(); close(); }
  });
}
