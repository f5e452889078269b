/** Lists that are read to their end. */

interface Read<Row> {
  items: readonly Row[];
  next: string | null;
}

const PAGES_AT_MOST = 20;

/**
 * All rows of a list, page by page: a page may be shorter than what was asked for, even empty, and not be the last.
 *
 *     await allOf((cursor) => answer(listNotices({ query: { limit: 100, ...cursor } })))
 *
 * What lies beyond `pagesAtMost` pages is left out: such a list is for a screen of its own.
 */
export async function allOf<Row>(
  read: (cursor: { cursor?: string }) => Promise<Read<Row>>,
  pagesAtMost = PAGES_AT_MOST,
): Promise<Row[]> {
  const rows: Row[] = [];
  let next: string | null = null;
  for (let page = 0; page < pagesAtMost; page += 1) {
    const found: Read<Row> = await read(next === null ? {} : { cursor: next });
    rows.push(...found.items);
    next = found.next;
    if (next === null) break;
  }
  return rows;
}
