// What each build of a study costs or saves, as bars from a middle: what saves most comes first.

function drawBars() {
  const changed = rows.filter((row) => row.change !== 0).sort((a, b) => a.change - b.change);
  const most = Math.max(1, ...changed.map(size));
  const base = rows[0]?.before ?? 0;
  const map = at("map");
  map.className = "bars";
  map.replaceChildren(...changed.map((row) => {
    const kind = direction(row.change);
    const label = `${row.item}, ${bytes(0, row.change)}, ${share(size(row), base)}, ${word[kind]}`;
    const button = make("button", undefined, { type: "button", title: label, "aria-label": label, "data-name": row.item });
    const bar = make("i", undefined, { class: kind });
    bar.style.width = `${(50 * size(row)) / most}%`;
    const track = make("span", undefined, { class: "track" });
    track.append(bar);
    button.append(make("b", row.item), track, make("span", signed(row.change)));
    button.addEventListener("click", () => {
      const how = row.sets ? ` By ${row.sets}.` : "";
      at("detail").textContent = `${label}. ${number(row.after)} bytes instead of ${number(row.before)}.${how}`;
    });
    return button;
  }));
  at("detail").textContent = `${data.name}: ${number(base)} bytes as the platform has it`;
}
