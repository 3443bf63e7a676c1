// The table of all rows, to search and to sort, and the smaller one below it.

// How a value of a column is written; all but texts stand to the right.
const written = { text: (value) => value ?? "", number, signed, part: (value) => value?.toFixed(1) ?? "" };
const searched = rows.map((row) => [row, `${row.class ?? ""} ${row.owner ?? ""} ${row.item} ${(row.users ?? []).join(" ")}`.toLowerCase()]);
let order = [data.columns[0][0], -1];
let limit = 100;

function drawTable() {
  const wanted = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const [key, sign] = order;
  const compare = (a, b) => (typeof a[key] === "number" ? a[key] - b[key] : String(a[key]).localeCompare(String(b[key])));
  const found = searched.filter(([, words]) => wanted.every((word) => words.includes(word))).map(([row]) => row).sort((a, b) => sign * compare(a, b));
  const sum = found.reduce((sum, row) => sum + (changing ? row.change : row.bytes), 0);
  at("count").textContent = data.sums ? `${number(found.length)} rows, ${bytes(sum, sum)}` : `${number(found.length)} rows`;
  at("rows").replaceChildren(...found.slice(0, limit).map((row) => {
    const line = make("tr");
    for (const [name, , kind] of data.columns) {
      let value = written[kind](row[name]);
      if (name === "item" && row.users?.length) value += ` — used by ${row.users.join(", ")}`;
      line.append(make("td", value, kind === "text" ? {} : { class: "number" }));
    }
    return line;
  }));
  at("more").hidden = found.length <= limit;
  for (const cell of at("head").children) {
    cell.setAttribute("aria-sort", cell.dataset.key === key ? (sign > 0 ? "ascending" : "descending") : "none");
  }
}

function startTable() {
  at("head").replaceChildren(...data.columns.map(([key, name, kind]) => {
    const isText = kind === "text";
    const cell = make("th", undefined, { scope: "col", "data-key": key, ...(isText ? {} : { class: "number" }) });
    const button = make("button", name, { type: "button" });
    button.addEventListener("click", () => {
      order = order[0] === key ? [key, -order[1]] : [key, isText ? 1 : -1];
      drawTable();
    });
    cell.append(button);
    return cell;
  }));
  at("search").addEventListener("input", () => { limit = 100; drawTable(); });
  at("more").addEventListener("click", () => { limit += 400; drawTable(); });
  drawTable();
}

function fillBeside({ title, columns, rows }) {
  at("beside-title").textContent = title;
  at("beside-part").hidden = rows.length === 0;
  const cell = (value) => (typeof value === "number" ? make("td", number(value), { class: "number" }) : make("td", value ?? ""));
  const top = make("tr");
  top.append(...columns.map((name) => make("th", name, { scope: "col" })));
  at("beside").tHead.replaceChildren(top);
  at("beside").tBodies[0].replaceChildren(...rows.map((line) => {
    const row = make("tr");
    row.append(...line.map(cell));
    return row;
  }));
}
