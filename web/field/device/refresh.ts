/** Keeping what the server says of assignments and their cases. */

import { plain } from "@shared/api/plain";
import type { Line } from "../queue/send";
import { type Entry, lastReportOf, type Step } from "../review/answer";
import type { FieldDatabase } from "./database";
import type { CaseFacts, KnownAssignment, OpenAssignment } from "./known";

/** How long one that left the list is still shown with what became of it. */
const SHOWN_DAYS = 3;

/** Keep the list; what is on it no more has left, and is shown a while with what became of its case. */
export async function keepAssignments(
  database: FieldDatabase,
  line: Line,
  page: { items: OpenAssignment[] },
): Promise<void> {
  const now = line.now();
  const open = new Set(page.items.map((one) => one.assignment_id));
  const before = await database.assignments.toArray();
  const left = before
    .filter((one) => !open.has(one.assignment_id))
    .map((one) => ({ ...one, left: one.left ?? now }));
  // What became of a case is known before it leaves the list, and is shown with it.
  for (const one of left) {
    const isOver = (await database.cases.get(one.case_id))?.facts.closed_at;
    if (!isOver) await keepCase(database, line, one.case_id);
  }
  await database.transaction("rw", database.assignments, async () => {
    await database.assignments.bulkPut([...page.items, ...left.filter((one) => isShown(one, now))]);
    await database.assignments.bulkDelete(
      left.filter((one) => !isShown(one, now)).map((one) => one.assignment_id),
    );
  });
  for (const one of page.items) await keepCase(database, line, one.case_id);
}

/** Forget what was known of assignments, as people of enterprises are named in it; what is not sent yet stays. */
export async function forgetKnown(database: FieldDatabase): Promise<void> {
  await database.transaction("rw", database.assignments, database.cases, database.remembered, async () => {
    await Promise.all([database.assignments.clear(), database.cases.clear(), database.remembered.clear()]);
  });
}

/** Keep a case with its timeline, for the team and the review's answer. Not heard of, it stays as it was known. */
export async function keepCase(database: FieldDatabase, line: Line, caseId: string): Promise<void> {
  const facts = await read<CaseFacts>(line, `/dispatch/v1/cases/${caseId}`);
  const timeline = facts && (await readTimeline(line, caseId));
  if (!facts || !timeline) return;
  const steps: Entry[] = timeline.map(({ type, at, reason, actor_subject }) => ({
    type,
    at,
    reason,
    actor_subject,
  }));
  await database.cases.put({ caseId, facts, timeline: steps, lastReport: lastReportOf(timeline) });
}

async function readTimeline(line: Line, caseId: string): Promise<Step[] | null> {
  const entries: Step[] = [];
  let next: string | null = "";
  while (next !== null) {
    const after: string = next ? `&cursor=${encodeURIComponent(next)}` : "";
    const page: { items: Step[]; next: string | null } | null = await read(
      line,
      `/dispatch/v1/cases/${caseId}/timeline?limit=200${after}`,
    );
    if (!page) return null;
    entries.push(...page.items);
    next = page.next;
  }
  return entries;
}

async function read<T>(line: Line, path: string): Promise<T | null> {
  const response = await line.request(path, { cache: "no-store" });
  return response.ok ? plain((await response.json()) as T) : null;
}

function isShown(one: KnownAssignment, now: string): boolean {
  return !one.left || Date.parse(now) - Date.parse(one.left) < SHOWN_DAYS * 24 * 3600 * 1000;
}
