import { isDay } from "@shared/clock/shanghai";
import { one, type RawSearch } from "@shared/search";
import { daysOf, weekOf } from "./weeks";

/** Whose day it is, and which week of its rota; without them, the own station (or the first one) and this week. */
export interface StationSearch {
  station?: string;
  week?: string;
}

const WEEK = /^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$/;

/** Whether a year has that week: not all have a 53rd. */
function isWeek(text: string): boolean {
  return WEEK.test(text) && isDay(`${text.slice(0, 4)}-01-04`) && weekOf(daysOf(text)[0] ?? "") === text;
}

export function search(raw: RawSearch): StationSearch {
  const station = one(raw.station);
  const week = one(raw.week);
  return {
    ...(station !== undefined && { station }),
    ...(week !== undefined && isWeek(week) && { week }),
  };
}
