/** What was last known of assignments and their cases: the routes' answers, kept for when there is no network. */

import type { Entry } from "../review/answer";

export interface Named {
  code: string;
  zh: string;
  en: string;
}

export interface Bilingual {
  zh: string;
  en: string;
}

export interface Outlet {
  mn: string;
  code: string | null;
  name: string | null;
}

/** What is to be looked into, of a case or of one that joined it. */
export interface Matter {
  case_id: string;
  kind: string;
  level: "white" | "yellow" | "red";
  category: Named;
  outlet: Outlet | null;
  pollutant: { code: string; name: string | null } | null;
  observed: number | null;
  limit: number | null;
  unit: string | null;
  reason: Bilingual | null;
  due_at: string | null;
  due_text: string | null;
  provisional: boolean | null;
}

export interface PlannedInspection {
  inspection_id: string;
  plan: string;
  matters: string;
  planned_until: string;
}

/** An open assignment as `GET /dispatch/v1/assignments` lists it. */
export interface OpenAssignment extends Matter {
  assignment_id: string;
  state: string;
  part: "lead" | "second";
  enterprise: { code: string; name: string | null; address: string | null };
  position: { longitude: number; latitude: number; of: "outlet" | "enterprise" } | null;
  contact: { name: string; phone: string | null; role: string | null } | null;
  offered_at: string;
  case_state: string;
  station: string | null;
  off_site_first: boolean;
  /** A code hangs at the gate, and what is scanned there is sent with the arrival. */
  asks_entry_code: boolean;
  matters: (Matter | PlannedInspection)[];
}

/** `left`: it is no longer the officer's; the case says what became of it. */
export type KnownAssignment = OpenAssignment & { left?: string };

export interface TeamMember {
  officer: string;
  name: string;
  part: "lead" | "second";
}

export interface CaseFacts {
  case_id: string;
  state: string;
  outcome: string | null;
  closed_at: string | null;
  overdue: boolean;
  team: TeamMember[];
}

export interface KnownCase {
  caseId: string;
  facts: CaseFacts;
  timeline: Entry[];
  /** The report as it was last sent, to be put right where it was returned. */
  lastReport: Record<string, unknown> | null;
}

export function isInspection(matter: Matter | PlannedInspection): matter is PlannedInspection {
  return "inspection_id" in matter;
}
