import { one, type RawSearch } from "@shared/search";

/** Whose day it is, and which week of its rota; without them, the own station (or the first one) and this week. */
export interface StationSearch {
  station?: string;
  week?: string;
}

const WEEK = /^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$/;

export function search(raw: RawSearch): StationSearch {
  const station = one(raw.station);
  const week = one(raw.week);
  return {
    ...(station !== undefined && { station }),
    ...(week !== undefined && WEEK.test(week) && { week }),
  };
}
