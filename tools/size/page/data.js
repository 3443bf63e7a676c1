// What the page shows, and what all of its parts need. Data is in #data.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);

function make(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

const number = (value) => value.toLocaleString("en");
const signed = (value) => (value > 0 ? "+" : value < 0 ? "−" : "±") + number(Math.abs(value));
const share = (value, whole) => (whole ? `${((100 * value) / whole).toFixed(1)} %` : "");

// Two things beside each other, or one as it is.
const changing = data.changing;
const rows = data.rows.map((row) => ({ ...row, change: changing ? row.after - row.before : 0, share: data.total ? (100 * row.bytes) / data.total : 0 }));
const size = (row) => (changing ? Math.abs(row.change) : row.bytes);
const bytes = (value, change) => (changing ? `${signed(change)} bytes` : `${number(value)} bytes`);
const direction = (change) => (change < 0 ? "shrank" : "grew");

const word = { code: "code", constants: "constants", data: "variables with a value", zero: "variables that begin as zero", padding: "padding", grew: "grew", shrank: "shrank" };
