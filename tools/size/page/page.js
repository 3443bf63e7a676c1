// The page of minplat-size: a map to walk into or bars, a table to search and sort.

function legend(name) {
  const item = make("li");
  item.append(make("i", undefined, { class: name, "aria-hidden": "true" }), ` ${word[name]}`);
  return item;
}

document.title = data.name;
at("title").textContent = data.name;
at("summary").textContent = data.summary;
at("method").replaceChildren(...data.method.map((sentence) => make("li", sentence)));
at("theme").addEventListener("click", () => {
  const style = document.documentElement;
  const dark = style.dataset.theme ? style.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  style.dataset.theme = dark ? "light" : "dark";
});
fillBeside(data.beside);
startTable();
if (data.picture === "bars") {
  at("map-title").textContent = "What each change costs or saves";
  at("where").hidden = true;
  at("legend").replaceChildren(...["grew", "shrank"].map(legend));
  drawBars();
} else {
  startMap();
}
