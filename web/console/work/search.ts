import type { WorkItem } from "@shared/api/console";
import { one, type RawSearch } from "@shared/search";

export const WORK_KINDS = [
  "review",
  "proposal",
  "waiting_case",
  "undelivered",
  "old_alert",
  "marking",
  "dead_letter",
  "brake",
  "provisional",
] as const satisfies readonly WorkItem["kind"][];

/** Which kind of work is looked at; none is all. */
export interface WorkSearch {
  kind?: WorkItem["kind"];
}

export function search(raw: RawSearch): WorkSearch {
  const kind = WORK_KINDS.find((known) => known === one(raw.kind));
  return kind === undefined ? {} : { kind };
}
