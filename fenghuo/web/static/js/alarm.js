// A warning from above rings until somebody has taken note of it, and shows how long it has been here.
// The server says what rings (data-ring) and since when (data-since); this island only sounds and counts.

let sound = null;

function ring() {
  const wanted = document.querySelector("[data-ring]") !== null;
  const address = document.querySelector("[data-alarm]")?.dataset.alarm;
  if (wanted && address && !sound) {
    sound = new Audio(address);
    sound.loop = true;
  }
  if (!sound) return;
  document.documentElement.dataset.ringing = wanted ? "yes" : "no";
  if (!wanted) {
    sound.pause();
    sound.currentTime = 0;
    blocked(false);
  } else if (sound.paused) {
    sound.play().then(() => blocked(false), () => blocked(true));
  }
}

function blocked(yes) {
  for (const note of document.querySelectorAll("[data-sound-blocked]")) note.hidden = !yes;
}

function count() {
  for (const clock of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset.since)) / 1000));
    clock.textContent = String(seconds);
    const late = seconds > Number(clock.dataset.pledge);
    clock.classList.toggle("state", late);
    clock.classList.toggle("state-bad", late);
  }
}

function beat() {
  ring();
  count();
}

beat();
setInterval(beat, 1000);
for (const kind of ["click", "keydown"]) document.addEventListener(kind, ring);
