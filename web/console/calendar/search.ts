import { one, type RawSearch } from "@shared/search";

/** Which year is looked at; without one, this year. */
export interface CalendarSearch {
  year?: number;
}

export function search(raw: RawSearch): CalendarSearch {
  const year = Number(one(raw.year));
  return Number.isInteger(year) && year > 2000 && year < 2100 ? { year } : {};
}
