// Which files an entry loads, by Vite's manifest.

/** The manifest's keys that `key` loads: by static imports, and by dynamic ones too if `lazily`. */
export function reached(manifest, key, lazily = false, seen = new Set()) {
  const chunk = manifest[key];
  if (chunk === undefined) throw new Error(`the build has no ${key}`);
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of chunk.imports ?? []) reached(manifest, next, lazily, seen);
  if (lazily) for (const next of chunk.dynamicImports ?? []) reached(manifest, next, lazily, seen);
  return seen;
}

/** The files of these keys: the chunks, their styles, and the assets that they name. */
export function filesOf(manifest, keys) {
  const files = new Set();
  for (const key of keys) {
    const { file, css = [], assets = [] } = manifest[key];
    for (const one of [file, ...css, ...assets]) files.add(one);
  }
  return files;
}
