/** What a case's timeline says beyond its single entries: the report that stands, and who came when. */

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

/** `cn.tricolor.case.self_reported.v1` is `case.self_reported`. */
export function shortType(type: string): string {
  return type.replace(/^cn\.tricolor\./, "").replace(/\.v\d+$/, "");
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

const CLOCK = /^(deadline\.|milestone\.|case\.escalated)/;

/** Whether an entry is of the clock and not of people. */
export function isOfClock(entry: Entry): boolean {
  return CLOCK.test(shortType(entry.type));
}
