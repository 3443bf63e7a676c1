// What the package itself answers under node, as JSON for the embedding's answers to be compared with.
//   node answers.mjs MAP.js.map…   writes one JSON document to standard output
//
// Numbers are as the wasm module gives them: lines from 0, sources and names as indices. That is the package's own
// view less its last step, undone here, so that both sides compare the same thing.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { SourceMapConsumer } from "source-map";

/** Each question is a position in the generated file; a fixed stride, plus places where nothing is. */
function questions(mappings) {
  const asked = [];
  for (let i = 0; i < mappings.length; i += 7) {
    const { generatedLine: line, generatedColumn: column } = mappings[i];
    asked.push([line, column], [line, column + 1]);
  }
  const last = mappings.at(-1);
  asked.push([last.generatedLine + 1, 0], [last.generatedLine, 1_000_000], [1, 0]);
  return asked;
}

async function answer(path) {
  const raw = JSON.parse(readFileSync(path, "utf8"));
  // Sources by index: the package resolves them to URLs, so name them by their index to get it back.
  const map = { ...raw, sources: raw.sources.map((_, i) => `s${i}`), names: raw.names.map((_, i) => `n${i}`) };
  const index = (name) => (name === null ? null : Number(name.slice(1)));
  const row = (m) => [
    m.generatedLine - 1,
    m.generatedColumn,
    index(m.source),
    m.originalLine === null ? null : m.originalLine - 1,
    m.originalColumn,
    index(m.name),
  ];

  return SourceMapConsumer.with(map, null, (consumer) => {
    const generated = [], original = [], mappings = [];
    consumer.eachMapping((m) => { mappings.push({ ...m }); generated.push(row(m)); });
    consumer.eachMapping((m) => original.push(row(m)), null, SourceMapConsumer.ORIGINAL_ORDER);
    const positions = questions(mappings).flatMap(([line, column]) =>
      [SourceMapConsumer.GREATEST_LOWER_BOUND, SourceMapConsumer.LEAST_UPPER_BOUND].map((bias) => {
        const p = consumer.originalPositionFor({ line, column, bias });
        const found = p.line === null && p.source === null ? null : [index(p.source), p.line - 1, p.column, index(p.name)];
        return { line: line - 1, column, bias, found };
      }));
    return { map: basename(path), mappings: raw.mappings, generated, original, positions };
  });
}

const answers = [];
for (const path of process.argv.slice(2)) answers.push(await answer(path));
process.stdout.write(`${JSON.stringify(answers)}\n`);
