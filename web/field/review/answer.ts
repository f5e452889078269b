/** What the review answered to a report, read from the case's timeline. Pure. */

export interface Entry {
  type: string;
  at: string;
  reason: string | null;
  actor_subject: string;
}

/** An entry as the server lists it. */
export interface Step extends Entry {
  detail: Record<string, unknown>;
}

export interface ReviewAnswer {
  verdict: "waiting" | "returned" | "approved";
  at: string;
  reason: string | null;
  /** How often the report has been returned. */
  returns: number;
}

const REPORTED = "cn.tricolor.case.feedback_submitted.v1";
const RETURNED = "cn.tricolor.case.returned.v1";
const APPROVED = "cn.tricolor.case.approved.v1";

/** The latest answer, or that one is waited for; null before the first report. */
export function answerOf(timeline: Entry[]): ReviewAnswer | null {
  const told = timeline.filter((entry) => [REPORTED, RETURNED, APPROVED].includes(entry.type));
  const last = told.at(-1);
  if (!last) return null;
  const verdict = last.type === REPORTED ? "waiting" : last.type === RETURNED ? "returned" : "approved";
  return {
    verdict,
    at: last.at,
    reason: last.reason,
    returns: told.filter((entry) => entry.type === RETURNED).length,
  };
}

export function lastReportOf(timeline: Step[]): Record<string, unknown> | null {
  return timeline.filter((entry) => entry.type === REPORTED).at(-1)?.detail ?? null;
}
