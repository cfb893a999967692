// The form of an alert: saves itself, checks itself, and shows both wordings when two people wrote at once.

const form = document.getElementById("compose");
const saved = document.getElementById("saved");
const conflict = document.getElementById("conflict");
const keepMine = document.getElementById("keep-mine");
const SAVE_AFTER = 2000;
const CHECK_AFTER = 400;
const RETRY_AFTER = 5000;

let savingTimer;
let checkingTimer;
let busy = false;
let dirty = false;
let stopped = false;
let otherAudience = false;

const say = (text, bad = false) => { saved.textContent = text; saved.classList.toggle("over", bad); };

function later() {
  dirty = true;
  clearTimeout(savingTimer);
  savingTimer = setTimeout(save, SAVE_AFTER);
}

function ask(event) {
  clearTimeout(checkingTimer);
  otherAudience ||= Boolean(event.target.closest?.("#list-audience_groups, #list-audience_areas"));
  checkingTimer = setTimeout(() => {
    document.getElementById("check").dispatchEvent(new CustomEvent("check"));
    if (otherAudience) document.getElementById("audience").dispatchEvent(new CustomEvent("audience"));
    otherAudience = false;
  }, CHECK_AFTER);
}

async function save() {
  if (busy || stopped || !dirty) return;
  busy = true;
  dirty = false;
  say(saved.dataset.saving);
  try {
    const answer = await fetch(form.dataset.autosave || form.dataset.new, {
      method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" }, redirect: "error",
    });
    await take(answer);
  } catch {
    dirty = true;
    say(saved.dataset.failed, true);
    savingTimer = setTimeout(save, RETRY_AFTER);
  }
  busy = false;
  if (dirty && !stopped) later();
}

async function take(answer) {
  if (answer.status === 422) { say(saved.dataset.refused, true); return; }
  const body = await answer.json();
  if (answer.status === 409) { clash(body); return; }
  if (!answer.ok) { stopped = true; say(body.reason, true); return; }
  form.elements.version.value = body.version;
  if (body.edit) {
    // The first save has made the draft: from now on this page is its page.
    form.action = body.edit;
    form.dataset.autosave = body.autosave;
    history.replaceState(null, "", body.edit);
  }
  say(`${saved.dataset.saved} ${new Date().toLocaleTimeString("zh-CN", { hour12: false })}`);
}

function clash(body) {
  stopped = true;
  const lines = body.difference.map((line) => {
    const row = document.createElement("tr");
    const name = document.createElement("th");
    name.scope = "row";
    name.textContent = line.label;
    row.append(name);
    for (const text of [line.theirs, line.yours]) {
      const cell = document.createElement("td");
      cell.textContent = text;
      row.append(cell);
    }
    return row;
  });
  document.getElementById("difference").replaceChildren(...lines);
  keepMine.hidden = false;
  keepMine.dataset.version = body.version;
  conflict.hidden = false;
  conflict.focus();
  say(body.reason, true);
}

keepMine.addEventListener("click", () => {
  form.elements.version.value = keepMine.dataset.version;
  conflict.hidden = true;
  stopped = false;
  dirty = true;
  save();
});

form.addEventListener("input", (event) => { if (!event.target.matches(".choices-filter")) { later(); ask(event); } });
form.addEventListener("change", (event) => { if (!event.target.matches(".choices-filter")) { later(); ask(event); } });
form.addEventListener("submit", () => { clearTimeout(savingTimer); stopped = true; dirty = false; });
window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

// What was refused stays marked until it is touched, or until the check finds nothing any more.
const refusals = document.querySelector(".notice-bad[data-focus]");

function heal(field) {
  field.classList.remove("field-refused");
  for (const reason of field.querySelectorAll(".field-error")) reason.remove();
  for (const control of field.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

function settle(event) {
  const field = event.target.closest?.(".field-refused");
  if (!field) return;
  const ids = [...field.querySelectorAll("[id]")].map((one) => one.id);
  const about = (link) => ids.some((id) => id === link.hash.slice(1) || id.startsWith(`${link.hash.slice(1)}_`));
  heal(field);
  for (const link of refusals?.querySelectorAll("a") ?? []) if (about(link)) link.closest("li").remove();
  if (refusals && !refusals.querySelector("li")) refusals.remove();
}

form.addEventListener("input", settle);
form.addEventListener("change", settle);
new MutationObserver(() => {
  if (!document.querySelector("#check .notice-good")) return;
  refusals?.remove();
  form.querySelectorAll(".field-refused").forEach(heal);
}).observe(document.getElementById("check"), { childList: true, subtree: true });

for (const filter of document.querySelectorAll(".choices-filter")) {
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim();
    for (const label of document.getElementById(filter.dataset.filter).querySelectorAll("label")) {
      label.hidden = wanted !== "" && !label.textContent.includes(wanted);
    }
  });
}

// Where warnings are only relayed, choosing “warning” opens the part for their origin.
const relay = document.getElementById("relay");
form.elements.kind.addEventListener("change", () => {
  if (relay.dataset.openFor && form.elements.kind.value === relay.dataset.openFor) relay.open = true;
});
