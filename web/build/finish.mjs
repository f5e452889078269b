// After the build: checks the budgets, and compresses every file once so that nobody does it while a person waits.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { BUDGETS } from "./budgets.mjs";
import { filesOf, reached } from "./reach.mjs";

const BUILT = "../services/console/apps";
const COMPRESSIBLE = /\.(js|css|html|svg|json|geojson|webmanifest)$/;

const manifest = JSON.parse(await readFile(`${BUILT}/.vite/manifest.json`, "utf8"));
const sizes = new Map();
for (const entry of await readdir(BUILT, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !COMPRESSIBLE.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const content = await readFile(path);
  const [gz, br] = await Promise.all([
    promisify(gzip)(content, { level: 9 }),
    promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  ]);
  sizes.set(path.slice(BUILT.length + 1), gz.length);
  if (content.length < 512) continue;
  await Promise.all([writeFile(`${path}.gz`, gz), writeFile(`${path}.br`, br)]);
}

let over = false;
for (const [app, { entry, screen, first }] of Object.entries(BUDGETS)) {
  const keys = reached(manifest, entry);
  if (screen !== undefined) reached(manifest, screen, false, keys);
  const files = [...filesOf(manifest, keys), entry].filter((file) => sizes.has(file));
  const bytes = files.reduce((sum, file) => sum + sizes.get(file), 0);
  over ||= bytes > first;
  console.log(
    `${app.padEnd(10)} ${String(Math.round(bytes / 1000)).padStart(4)} kB of ${first / 1000} kB (gz)`,
  );
  if (bytes > first) for (const file of files) console.log(`    ${sizes.get(file)}  ${file}`);
}
await rm(`${BUILT}/.vite`, { recursive: true });
if (over) {
  await rm(BUILT, { recursive: true });
  console.error(
    "a budget is exceeded: load what the first screen does not need lazily, or argue in budgets.mjs",
  );
  process.exit(1);
}
