/** How many pages of `size` rows there are; one at least. */
export function pagesOf(rows: number, size: number): number {
  return Math.max(1, Math.ceil(rows / size));
}

/** The page that is shown after `elapsed` ms, each for `every` ms, round and round. */
export function pageAt(elapsed: number, every: number, pages: number): number {
  return Math.floor(elapsed / every) % pages;
}
