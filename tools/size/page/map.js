// A map of all bytes to walk into: owners, what lies between, and what has the bytes. d3 lays it out.

// The modules in a path such as <a::b::Type as c::Trait>::f: what stands in the map between crate and function.
function modules(row) {
  if (/^constants of /.test(row.item)) return ["constants"];
  const path = row.item.replace(/^[<&]+/, "").match(/^(?:[a-z_][a-z0-9_]*::)*/)[0].split("::").filter(Boolean);
  return path.slice(path[0] === row.owner ? 1 : 0).slice(0, 2);
}

// A tree of owners, modules, items.
const root = { name: data.name, children: new Map() };
for (const row of rows) {
  if (size(row) === 0) continue;
  let node = root;
  for (const name of [row.owner, ...modules(row)].filter(Boolean)) {
    if (!node.children.has(name)) node.children.set(name, { name, children: new Map() });
    node = node.children.get(name);
  }
  let name = row.item;
  while (node.children.has(name)) name += " ";
  node.children.set(name, { name, row, children: new Map() });
}
// A folder with one thing in it is that thing.
function shorten(node) {
  for (const [name, child] of node.children) {
    let short = child;
    while (node !== root && !short.row && short.children.size === 1) short = short.children.values().next().value;
    shorten(short);
    if (short !== child) { node.children.set(name, { ...short, name: short.row ? short.name : name }); }
  }
}
shorten(root);
function add(node) {
  node.value = node.row ? size(node.row) : 0;
  node.change = node.row ? node.row.change : 0;
  const classes = new Map();
  if (node.row) classes.set(node.row.class, node.value);
  for (const child of node.children.values()) {
    add(child);
    node.value += child.value;
    node.change += child.change;
    for (const [name, value] of child.classes) classes.set(name, (classes.get(name) || 0) + value);
  }
  node.classes = classes;
  return node;
}
add(root);

const parts = () => decodeURIComponent(location.hash.slice(1)).split("\u001f").filter(Boolean);
const here = () => {
  let node = root;
  const path = [root];
  for (const name of parts()) {
    const next = node.children.get(name);
    if (!next) break;
    path.push(node = next);
  }
  return path;
};
const go = (names) => { location.hash = encodeURIComponent(names.join("\u001f")); };
const kind = (node) => {
  if (changing) return direction(node.change);
  return [...node.classes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "code";
};

function drawMap(focus) {
  const path = here();
  const node = path.at(-1);
  const names = parts().slice(0, path.length - 1);
  const list = at("path");
  list.replaceChildren(...path.map((step, nth) => {
    const item = make("li");
    const button = make("button", step.name.trim(), { type: "button" });
    if (nth === path.length - 1) button.setAttribute("aria-current", "location");
    button.addEventListener("click", () => go(names.slice(0, nth)));
    item.append(button);
    return item;
  }));
  at("back").disabled = path.length === 1;
  const map = at("map");
  const shown = node.children.size ? [...node.children.entries()] : [[node.name, node]];
  const width = map.clientWidth, height = map.clientHeight;
  const tree = d3.hierarchy({ shown }, (d) => d.shown).sum((d) => (d[1] ? Math.max(d[1].value, 0) : 0)).sort((a, b) => b.value - a.value);
  d3.treemap().size([width, height]).round(true)(tree);
  map.replaceChildren(...(tree.children ?? []).filter((cell) => cell.x1 > cell.x0 && cell.y1 > cell.y0).map((cell) => {
    const [name, child] = cell.data;
    const label = `${child.name.trim()}, ${bytes(child.value, child.change)}, ${share(child.value, root.value)}, ${word[kind(child)] ?? ""}`;
    const button = make("button", undefined, { type: "button", title: label, "data-name": name });
    button.className = kind(child);
    button.setAttribute("aria-label", child.children.size ? `${label}; open` : label);
    Object.assign(button.style, { left: `${cell.x0}px`, top: `${cell.y0}px`, width: `${cell.x1 - cell.x0}px`, height: `${cell.y1 - cell.y0}px` });
    if (cell.x1 - cell.x0 > 40 && cell.y1 - cell.y0 > 16) {
      button.append(make("b", child.name.trim()), make("span", changing ? signed(child.change) : `${number(child.value)} · ${share(child.value, root.value)}`));
    }
    button.addEventListener("click", () => {
      if (child.children.size) return go([...names, name]);
      const users = child.row?.users?.length ? ` Used by: ${child.row.users.join(", ")}.` : "";
      at("detail").textContent = `${label}.${users}`;
    });
    return button;
  }));
  at("detail").textContent = `${node.name.trim()}: ${bytes(node.value, node.change)}`;
  if (focus) list.lastElementChild.firstElementChild.focus();
}

function startMap() {
  const present = changing ? ["grew", "shrank"] : ["code", "constants", "data", "zero", "padding"].filter((name) => root.classes.has(name));
  at("legend").replaceChildren(...present.map(legend));
  at("back").addEventListener("click", () => go(parts().slice(0, -1)));
  addEventListener("hashchange", () => drawMap(true));
  addEventListener("resize", () => drawMap(false));
  drawMap(false);
}
