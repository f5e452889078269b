import { flag, one, type RawSearch } from "@shared/search";

/** Whose places are shown, and whether those without open cases are too. */
export interface MapSearch {
  station?: string;
  all?: true;
}

export function search(raw: RawSearch): MapSearch {
  const station = one(raw.station);
  const all = flag(raw.all);
  return { ...(station !== undefined && { station }), ...(all !== undefined && { all }) };
}
