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
let cleared = false;
let saving = null;
const again = document.getElementById("sign-in-again");

const say = (text, bad = false) => { saved.textContent = text; saved.classList.toggle("over", bad); };

function later() {
  dirty = true;
  clearTimeout(savingTimer);
  savingTimer = setTimeout(save, SAVE_AFTER);
}

function ask(event) {
  clearTimeout(checkingTimer);
  otherAudience ||= Boolean(event.target.closest?.("#list-audience_groups, #list-audience_areas, #draw"));
  checkingTimer = setTimeout(() => {
    document.getElementById("check").dispatchEvent(new CustomEvent("check"));
    if (otherAudience) document.getElementById("audience").dispatchEvent(new CustomEvent("audience"));
    otherAudience = false;
  }, CHECK_AFTER);
}

function save() {
  if (busy || stopped || !dirty) return saving ?? Promise.resolve();
  saving = send();
  return saving;
}

async function send() {
  busy = true;
  dirty = false;
  clearTimeout(savingTimer);
  say(saved.dataset.saving);
  let soon = SAVE_AFTER;
  try {
    const answer = await post();
    if (answer.type === "opaqueredirect") { ended(); soon = RETRY_AFTER; } else { again.hidden = true; await take(answer); }
  } catch {
    dirty = true;
    soon = RETRY_AFTER;
    say(saved.dataset.failed, true);
  }
  busy = false;
  if (dirty && !stopped) { clearTimeout(savingTimer); savingTimer = setTimeout(save, soon); }
}

const post = () => fetch(form.dataset.autosave || form.dataset.new, {
  method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" }, redirect: "manual",
});

// Signed out meanwhile: the text stays, and is saved as soon as somebody is signed in again, perhaps in another tab.
function ended() {
  dirty = true;
  again.hidden = false;
  say(saved.dataset.ended, true);
}

// A new session has a new token against forged requests; the form takes it from a page of that session.
async function renewed() {
  const page = await fetch(form.dataset.new, { redirect: "manual" });
  if (page.type === "opaqueredirect") return false;
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[name=csrfmiddlewaretoken]");
  if (fresh) form.elements.csrfmiddlewaretoken.value = fresh.value;
  return Boolean(fresh);
}

async function take(answer) {
  if (answer.status === 422) { say(saved.dataset.refused, true); return; }
  if (!answer.headers.get("Content-Type")?.includes("json")) {
    if (answer.status !== 403) throw new Error(String(answer.status));
    if (!(await renewed())) { ended(); return; }
    answer = await post();
    if (!answer.headers.get("Content-Type")?.includes("json")) throw new Error(String(answer.status));
  }
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
// A button first saves what is typed, so that neither a dead line nor an ended session takes the page away with it.
form.addEventListener("submit", async (event) => {
  if (cleared || stopped) { clearTimeout(savingTimer); dirty = false; return; }
  if (!dirty && !busy) return;
  event.preventDefault();
  if (busy) await saving;
  await save();
  if (dirty || stopped) return;
  cleared = true;
  form.requestSubmit(event.submitter);
});
if ("unsaved" in form.dataset) later();
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
