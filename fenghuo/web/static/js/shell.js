// The frame's own movement: the server's clock, and focus on what needs reading after a refused form.

const clock = document.querySelector("[data-clock]");
if (clock) {
  // The clock of the server, not of this computer: the difference is taken once, when the page arrives.
  const ahead = Date.parse(clock.dateTime) - Date.now();
  const zone = document.documentElement.dataset.zone || undefined;
  const shape = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: zone });
  const tick = () => { clock.textContent = shape.format(new Date(Date.now() + ahead)); };
  tick();
  setInterval(tick, 1000);
}

document.querySelector("[data-focus]")?.focus();

// A button that is grey stays reachable, so that its reason is read; it only does nothing.
document.addEventListener("click", (event) => {
  if (event.target.closest('[aria-disabled="true"]')) event.preventDefault();
}, true);

// One press, one act: a form that is on its way is not sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  setTimeout(() => { delete form.dataset.sent; }, 5000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
