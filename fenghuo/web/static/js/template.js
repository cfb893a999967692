// The blanks of a template fill its words while they are typed; words that somebody changed by hand are left alone.

const form = document.getElementById("compose");
const blanks = [...form.querySelectorAll("[data-blank]")];
const worded = [...form.querySelectorAll("[data-words]")];
const filled = form.elements.filled;
const BLANK = /[{｛]([^{}｛｝\s]{1,20})[}｝]/gu;
const PLACES = ["地点", "地区", "区域", "范围", "影响范围"];
const PERIODS = ["时间", "时段", "起止时间"];

const fill = (text, values) => text.replace(BLANK, (blank, name) => values[name]?.trim() || blank);
const told = () => Object.fromEntries(blanks.filter((one) => one.value.trim()).map((one) => [one.dataset.blank, one.value]));

function last() {
  try { return JSON.parse(filled.value || "{}"); } catch { return {}; }
}

function refill() {
  const before = last();
  const now = told();
  for (const one of worded) {
    if (one.value.trim() === fill(one.dataset.words, before).trim()) one.value = fill(one.dataset.words, now);
  }
  filled.value = JSON.stringify(now);
  for (const one of blanks) one.classList.toggle("blank-open", !one.value.trim());
}

// What the rest of the form answers: it follows the chosen areas and times until somebody writes something else.
function spokenPlaces() {
  const chosen = [...form.querySelectorAll("[name=areas]:checked")].map((one) => one.labels[0].textContent.trim());
  return chosen.length <= 3 ? chosen.join("、") : `${chosen[0]}等${chosen.length}处`;
}

function spokenPeriod() {
  const read = (name) => /^(\d+)-(\d+)-(\d+)T(\d+):(\d+)/.exec(form.elements[name].value)?.slice(1).map(Number);
  const [begins, ends] = [read("starts_at"), read("expires_at")];
  if (!begins || !ends) return "";
  const hour = ([, , , at, minute]) => (minute ? `${at}时${minute}分` : `${at}时`);
  const first = `${begins[2]}日${hour(begins)}`;
  if (begins[0] !== ends[0] || begins[1] !== ends[1]) return `${begins[1]}月${first}至${ends[1]}月${ends[2]}日${hour(ends)}`;
  return begins[2] === ends[2] ? `${first}至${hour(ends)}` : `${first}至${ends[2]}日${hour(ends)}`;
}

let suggested = [spokenPlaces(), spokenPeriod()];

function follow() {
  const now = [spokenPlaces(), spokenPeriod()];
  for (const one of blanks) {
    const which = PLACES.includes(one.dataset.blank) ? 0 : PERIODS.includes(one.dataset.blank) ? 1 : -1;
    if (which >= 0 && now[which] && one.value === suggested[which]) one.value = now[which];
  }
  suggested = now.map((one, which) => one || suggested[which]);
  refill();
}

form.addEventListener("input", (event) => { if (event.target.dataset?.blank) refill(); });
form.addEventListener("change", (event) => { if (["areas", "starts_at", "expires_at"].includes(event.target.name)) follow(); });
for (const one of blanks) one.classList.toggle("blank-open", !one.value.trim());
blanks.find((one) => !one.value.trim())?.focus({ preventScroll: false });

// Searching the templates: lines without the words disappear, folds with a find open.
const search = document.getElementById("chooser-filter");
search?.addEventListener("input", () => {
  const wanted = search.value.trim();
  for (const one of document.querySelectorAll("#chooser [data-find]")) one.hidden = wanted !== "" && !one.dataset.find.includes(wanted);
  for (const fold of document.querySelectorAll("#chooser .chooser-more")) {
    if (wanted) fold.open = Boolean(fold.querySelector("[data-find]:not([hidden])"));
  }
});
search?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  const shown = [...document.querySelectorAll("#chooser .chip")].filter((one) => one.offsetParent);
  shown[0]?.focus();
});

// The part for the origin opens when this government may not issue what is being written.
const relay = document.getElementById("relay");
function origin() {
  const level = form.querySelector("[name=level]:checked")?.value;
  const may = relay.dataset.mayIssue.split(" ").filter(Boolean);
  const needed = form.elements.kind.value === "warning" && (!may.length || (level && !may.includes(level)));
  document.getElementById("relay-why").hidden = !needed;
  if (needed) relay.open = true;
}
form.addEventListener("change", (event) => { if (["kind", "level"].includes(event.target.name)) origin(); });

// A link to a field inside a fold opens the fold.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#id_"]');
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  event.preventDefault();
  target.scrollIntoView({ block: "center" });
  target.focus();
});
for (const refused of document.querySelectorAll(".field-refused")) {
  for (let fold = refused.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}
