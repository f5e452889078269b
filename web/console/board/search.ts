import { one, type RawSearch } from "@shared/search";
import { LEVELS, type Level } from "@shared/words";

/** What of the board is looked at: it stands in the address. */
export interface BoardSearch {
  station?: string;
  level?: Level;
}

export function search(raw: RawSearch): BoardSearch {
  const station = one(raw.station);
  const level = LEVELS.find((known) => known === one(raw.level));
  return { ...(station !== undefined && { station }), ...(level !== undefined && { level }) };
}
