// Maps: boundaries as they were imported, and outlines drawn by hand. A drawing is written into a text field at once: the field
// is what the form sends, so that what is typed there and what is drawn are one and the same.

const L = window.L;
const CIRCLE_POINTS = 64;
const MOST_CORNERS = 400; // a longer outline is shown, and edited as text
const CHINA = [[18, 74], [53.5, 134.5]];

const degrees = (point) => `${point.lat.toFixed(6)},${point.lng.toFixed(6)}`;

function written(ring) {
  const points = ring.map(degrees);
  return [...points, points[0]].join(" ");
}

function read(text) {
  if (text.trim().startsWith("{")) return []; // GeoJSON: understood by the server at the next check
  return text.split(/[\n;；]/).map((line) => line.trim()).filter(Boolean).map((line) => {
    const points = line.split(/\s+/).map((pair) => pair.split(/[,，]/).map(Number));
    if (!points.every((pair) => pair.length === 2 && pair.every(Number.isFinite))) return null;
    const [first, last] = [points[0], points.at(-1)];
    if (points.length > 1 && first[0] === last[0] && first[1] === last[1]) points.pop();
    return points.length > 2 ? points.map(([lat, lng]) => L.latLng(lat, lng)) : null;
  });
}

function around(centre, edge) {
  const metres = centre.distanceTo(edge);
  const north = metres / 111195;
  const east = north / Math.cos((centre.lat * Math.PI) / 180);
  return Array.from({ length: CIRCLE_POINTS }, (_, index) => {
    const turn = (2 * Math.PI * index) / CIRCLE_POINTS;
    return L.latLng(centre.lat + north * Math.cos(turn), centre.lng + east * Math.sin(turn));
  });
}

class Board {
  constructor(box, field, tools) {
    this.field = field;
    this.tools = tools;
    this.map = L.map(box, { attributionControl: false, zoomAnimation: false, fadeAnimation: false, doubleClickZoom: false });
    this.map.fitBounds(CHINA);
    this.shapes = L.featureGroup().addTo(this.map);
    this.corners = L.layerGroup().addTo(this.map);
    this.sketch = null;
    this.points = [];
    this.mode = "idle";
    this.chosen = -1;
    if (!field) return;
    tools.hidden = false;
    tools.addEventListener("click", (event) => this.act(event.target.closest("[data-map-do]")?.dataset.mapDo));
    this.map.on("click", (event) => this.point(event.latlng));
    box.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("input", (event) => { if (!event.detail?.drawn) this.show(); });
    // Whoever typed or pasted an outline wants to see it, not the country it lies in.
    field.addEventListener("change", () => this.look(this.shapes.getBounds()));
    this.say();
    this.show();
  }

  areas(found) {
    const group = L.featureGroup(found.map((area) => L.geoJSON(area.shape, { className: "map-area", interactive: !this.field })
      .bindTooltip(area.name, { sticky: true })));
    group.addTo(this.map).bringToBack();
    this.look(group.getBounds().extend(this.shapes.getBounds()));
  }

  look(bounds) {
    if (bounds.isValid()) this.map.fitBounds(bounds, { padding: [8, 8] });
  }

  // What stands in the field, drawn.
  show() {
    this.rings = read(this.field.value);
    this.shapes.clearLayers();
    this.corners.clearLayers();
    this.rings.forEach((ring, index) => {
      if (!ring) return;
      const shape = L.polygon(ring, { className: index === this.chosen ? "map-drawn map-chosen" : "map-drawn" });
      shape.on("click", (event) => { if (this.mode === "idle") { L.DomEvent.stop(event); this.choose(index); } });
      shape.addTo(this.shapes);
    });
    const ring = this.rings[this.chosen];
    if (ring && ring.length <= MOST_CORNERS) ring.forEach((point, place) => this.corner(ring, point, place));
    this.button("delete", Boolean(ring));
  }

  corner(ring, point, place) {
    const icon = L.divIcon({ className: "map-corner", iconSize: [14, 14] });
    const marker = L.marker(point, { icon, draggable: true, keyboard: false });
    marker.on("dragend", () => { ring[place] = marker.getLatLng(); this.write(); });
    marker.addTo(this.corners);
  }

  choose(index) {
    this.chosen = index === this.chosen ? -1 : index;
    this.show();
    this.say();
  }

  // The lines of the field are replaced one by one: a line that cannot be drawn stays as it was typed.
  write(added) {
    const lines = this.field.value.split(/[\n;；]/).map((line) => line.trim()).filter(Boolean);
    const kept = lines.map((line, index) => (index === this.chosen && this.rings[index] ? written(this.rings[index]) : line));
    if (added) kept.push(written(added));
    this.replace(kept);
  }

  replace(lines) {
    this.field.value = lines.join("\n");
    this.field.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: { drawn: true } }));
    this.show();
  }

  act(what) {
    if (what === "polygon" || what === "circle") this.begin(what);
    if (what === "back") { this.points.pop(); this.trace(); }
    if (what === "finish" && this.points.length > 2) this.end(this.points);
    if (what === "delete") {
      const lines = this.field.value.split(/[\n;；]/).map((line) => line.trim()).filter(Boolean);
      lines.splice(this.chosen, 1);
      this.chosen = -1;
      this.replace(lines);
      this.say();
    }
  }

  begin(mode) {
    this.mode = this.mode === mode ? "idle" : mode;
    this.points = [];
    this.chosen = -1;
    this.show();
    this.trace();
    this.map.getContainer().classList.toggle("map-cross", this.mode !== "idle");
    if (this.mode !== "idle") this.map.getContainer().focus();
    this.say();
  }

  point(where) {
    if (this.mode === "idle") return;
    this.points.push(where);
    if (this.mode === "circle" && this.points.length === 2) this.end(around(...this.points));
    else this.trace();
  }

  end(ring) {
    this.mode = "idle";
    this.points = [];
    this.map.getContainer().classList.remove("map-cross");
    this.trace();
    this.write(ring);
    this.say();
  }

  trace() {
    this.sketch?.remove();
    this.sketch = this.points.length ? L.polygon(this.points, { className: "map-sketch", interactive: false }).addTo(this.map) : null;
    this.button("back", this.points.length > 0);
    this.button("finish", this.mode === "polygon" && this.points.length > 2);
  }

  key(event) {
    if (this.mode === "idle" || event.target !== this.map.getContainer()) return;
    if (event.key === "Enter") { event.preventDefault(); this.point(this.map.getCenter()); }
    if (event.key === "Backspace") { event.preventDefault(); this.act("back"); }
    if (event.key === "Escape") { event.preventDefault(); this.begin(this.mode); }
  }

  button(name, able) { this.tools.querySelector(`[data-map-do="${name}"]`).disabled = !able; }

  say() {
    const line = this.tools.querySelector("[data-map-status]");
    line.textContent = line.dataset[this.mode !== "idle" ? this.mode : this.rings?.[this.chosen] ? "chosen" : "idle"];
  }
}

async function start(box) {
  box.hidden = false;
  const field = document.getElementById(box.dataset.mapField ?? "");
  const board = new Board(box, field, box.parentElement.querySelector("[data-map-tools]"));
  const told = await (await fetch(box.dataset.map)).json();
  if (told.tiles) L.tileLayer(told.tiles, { maxZoom: 18 }).addTo(board.map);
  board.areas(told.areas);
}

for (const box of document.querySelectorAll("[data-map]")) {
  // A map has no size inside a closed fold: it is made when the fold opens.
  const fold = box.closest("details");
  if (!fold || fold.open) start(box);
  else fold.addEventListener("toggle", () => start(box), { once: true });
}
