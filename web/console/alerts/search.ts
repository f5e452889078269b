import { dayAfter } from "@shared/clock/shanghai";
import { day, many, one, type RawSearch } from "@shared/search";
import { LEVELS, type Level } from "@shared/words";

type Answer = "yes" | "no";

/** The filters of the list of alerts, as they stand in the address. Days are Shanghai's, both ends counted. */
export interface AlertsSearch {
  q?: string;
  level?: Level[];
  station?: string[];
  category?: string[];
  enterprise?: string;
  held?: Answer;
  doubts?: Answer;
  dismissed?: Answer;
  since?: string;
  until?: string;
}

function answer(value: string | string[] | undefined): Answer | undefined {
  const given = one(value);
  if (given === "true" || given === "yes") return "yes";
  return given === "false" || given === "no" ? "no" : undefined;
}

export function search(raw: RawSearch): AlertsSearch {
  const found = {
    q: one(raw.q),
    level: many(raw.level, LEVELS),
    station: many(raw.station),
    category: many(raw.category),
    enterprise: one(raw.enterprise),
    held: answer(raw.held),
    doubts: answer(raw.doubts),
    dismissed: answer(raw.dismissed),
    since: day(raw.since),
    until: day(raw.until, true),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as AlertsSearch;
}

/** The parameters of the service for these filters. */
export function parametersOf({
  held,
  doubts,
  dismissed,
  since,
  until,
  ...same
}: AlertsSearch): Record<string, unknown> {
  const yes = (given: Answer | undefined) => (given === undefined ? undefined : given === "yes");
  const start = (given: string | undefined, later: number) =>
    given === undefined ? undefined : `${dayAfter(given, later)}T00:00:00+08:00`;
  return {
    ...same,
    held: yes(held),
    doubts: yes(doubts),
    dismissed: yes(dismissed),
    since: start(since, 0),
    until: start(until, 1),
  };
}
