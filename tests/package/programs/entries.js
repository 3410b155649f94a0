// Every entry point can be imported, those of another runtime too: importing
// does nothing by itself.
import { readFile } from "node:fs/promises";

const folder = "./node_modules/@framewire/framewire";
const { exports } = JSON.parse(
  await readFile(`${folder}/package.json`, "utf8"),
);
const entries = Object.keys(exports);
for (const entry of entries) {
  await import(`@framewire/framewire${entry.slice(1)}`);
}
console.log(`imported ${entries.length}`);
