/** What a case's timeline says beyond its single entries: the report that stands, and who came when. */
import { shortType } from "@shared/words/entries";

export interface Entry {
  type: string;
  state: string;
  at: string;
  claimed_at: string | null;
  actor_role: string;
  actor_subject: string;
  reason: string | null;
  detail: Record<string, unknown>;
}

const REPORTS = new Set(["case.self_reported", "case.feedback_submitted"]);

/** The latest report of the enterprise or the officers, if there is one. */
export function latestReport(entries: readonly Entry[]): Entry | null {
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index] as Entry;
    if (REPORTS.has(shortType(entry.type))) return entry;
  }
  return null;
}

export interface DoubtfulArrival {
  officer: string;
  /** How far from the place, where that is farther than the policy has it. */
  metres: number | null;
  /** What was said of the code at the gate, where it was not the right one. */
  entryCheck: "not_matched" | "not_scanned" | null;
  /** What else is in doubt: `after_report`, `no_position`. */
  doubts: string[];
}

/** The arrivals that a reviewer has to look at: the latest of each officer, where it was far off, without the code, late or nowhere. */
export function doubtfulArrivals(entries: readonly Entry[]): DoubtfulArrival[] {
  const latest = new Map<string, Entry>();
  for (const entry of entries)
    if (shortType(entry.type) === "case.arrived" && typeof entry.detail.officer === "string")
      latest.set(entry.detail.officer, entry);
  return [...latest]
    .map(([officer, { detail }]): DoubtfulArrival => {
      const check = detail.entry_check;
      return {
        officer,
        metres:
          detail.far === true && typeof detail.distance_metres === "number" ? detail.distance_metres : null,
        entryCheck: check === "not_matched" || check === "not_scanned" ? check : null,
        doubts: Array.isArray(detail.doubts) ? detail.doubts.map(String) : [],
      };
    })
    .filter(({ metres, entryCheck, doubts }) => metres !== null || entryCheck !== null || doubts.length > 0);
}

/** The entries in the order in which it happened: they come in the order in which the dispatcher heard of it. */
export function asItHappened(entries: readonly Entry[]): Entry[] {
  return [...entries].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

const CLOCK = /^(deadline\.|milestone\.|case\.escalated)/;

/** Whether an entry is of the clock and not of people. */
export function isOfClock(entry: Entry): boolean {
  return CLOCK.test(shortType(entry.type));
}
