// The page of minplat-size: a map to walk into, a table to search and sort. Data is in #data; d3 lays the map out.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const make = (tag, text, attributes = {}) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const number = (value) => value.toLocaleString("en");
  const signed = (value) => (value > 0 ? "+" : value < 0 ? "−" : "±") + number(Math.abs(value));
  const comparing = data.kind === "comparison";
  const rows = data.rows.map((row) => ({ ...row, change: comparing ? row.after - row.before : 0 }));
  const size = (row) => (comparing ? Math.abs(row.change) : row.bytes);
  const bytes = (value, change) => (comparing ? `${signed(change)} bytes` : `${number(value)} bytes`);

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
    for (const name of [row.owner, ...modules(row)]) {
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
  const share = (value, whole) => (whole ? `${((100 * value) / whole).toFixed(1)} %` : "");
  const kind = (node) => {
    if (comparing) return node.change < 0 ? "shrank" : "grew";
    return [...node.classes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "code";
  };
  const word = { code: "code", constants: "constants", data: "variables with a value", zero: "variables that begin as zero", padding: "padding", grew: "grew", shrank: "shrank" };

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
        button.append(make("b", child.name.trim()), make("span", comparing ? signed(child.change) : `${number(child.value)} · ${share(child.value, root.value)}`));
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

  const columns = comparing
    ? [["change", "Change", true], ["before", "Before", true], ["after", "After", true], ["class", "", false], ["owner", data.owner, false], ["item", "What", false]]
    : [["bytes", "Bytes", true], ["share", "%", true], ["count", "Count", true], ["class", "", false], ["owner", data.owner, false], ["item", "What", false]];
  for (const row of rows) row.share = data.total ? (100 * row.bytes) / data.total : 0;
  let order = [columns[0][0], -1];
  let limit = 100;
  const text = (row) => `${row.class} ${row.owner} ${row.item} ${(row.users ?? []).join(" ")}`.toLowerCase();
  const searched = rows.map((row) => [row, text(row)]);

  function drawTable() {
    const wanted = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [key, sign] = order;
    const compare = (a, b) => (typeof a[key] === "number" ? a[key] - b[key] : String(a[key]).localeCompare(String(b[key])));
    const found = searched.filter(([, words]) => wanted.every((word) => words.includes(word))).map(([row]) => row).sort((a, b) => sign * compare(a, b));
    const sum = found.reduce((sum, row) => sum + (comparing ? row.change : row.bytes), 0);
    at("count").textContent = `${number(found.length)} rows, ${bytes(sum, sum)}`;
    at("rows").replaceChildren(...found.slice(0, limit).map((row) => {
      const line = make("tr");
      for (const [name, , right] of columns) {
        let value = row[name];
        if (name === "change") value = signed(value);
        else if (name === "share") value = value.toFixed(1);
        else if (right) value = number(value);
        else if (name === "item" && row.users?.length) value += ` — used by ${row.users.join(", ")}`;
        line.append(make("td", value, right ? { class: "number" } : {}));
      }
      return line;
    }));
    at("more").hidden = found.length <= limit;
    for (const cell of at("head").children) {
      cell.setAttribute("aria-sort", cell.dataset.key === key ? (sign > 0 ? "ascending" : "descending") : "none");
    }
  }

  function fill(table, head, lines) {
    const cell = (tag) => (value) => make(tag, typeof value === "number" ? number(value) : value, typeof value === "number" ? { class: "number" } : {});
    const top = make("tr");
    top.append(...head.map((name) => make("th", name, { scope: "col" })));
    table.tHead.replaceChildren(top);
    table.tBodies[0].replaceChildren(...lines.map((line) => {
      const row = make("tr");
      row.append(...line.map(cell("td")));
      return row;
    }));
  }

  document.title = data.name;
  at("title").textContent = data.name;
  at("summary").textContent = data.summary;
  at("method").replaceChildren(...data.method.map((sentence) => make("li", sentence)));
  fill(at("sections"), data.section_columns, data.sections);
  const present = comparing ? ["grew", "shrank"] : ["code", "constants", "data", "zero", "padding"].filter((name) => root.classes.has(name));
  at("legend").replaceChildren(...present.map((name) => {
    const item = make("li");
    item.append(make("i", undefined, { class: name, "aria-hidden": "true" }), ` ${word[name]}`);
    return item;
  }));
  at("head").replaceChildren(...columns.map(([key, name, right]) => {
    const cell = make("th", undefined, { scope: "col", "data-key": key, ...(right ? { class: "number" } : {}) });
    const button = make("button", name || "Kind", { type: "button" });
    button.addEventListener("click", () => {
      order = order[0] === key ? [key, -order[1]] : [key, right ? -1 : 1];
      drawTable();
    });
    cell.append(button);
    return cell;
  }));
  at("search").addEventListener("input", () => { limit = 100; drawTable(); });
  at("more").addEventListener("click", () => { limit += 400; drawTable(); });
  at("back").addEventListener("click", () => go(parts().slice(0, -1)));
  at("theme").addEventListener("click", () => {
    const style = document.documentElement;
    const dark = style.dataset.theme ? style.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    style.dataset.theme = dark ? "light" : "dark";
  });
  addEventListener("hashchange", () => drawMap(true));
  addEventListener("resize", () => drawMap(false));
  drawMap(false);
  drawTable();
})();
