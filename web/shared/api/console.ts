/** What the console's service answers. */
import type { Bilingual } from "@shared/language/language";
import type { CaseKind, Level, Role } from "@shared/words";

export interface CodeName {
  code: string;
  name: string;
}

export interface Me {
  role: Role;
  subject: string;
  name: string | null;
  station: string | null;
  station_name: string | null;
  enterprises: { code: string; name: string | null }[];
}

export interface Category {
  code: string;
  zh: string;
  en: string;
}

export interface Outlet {
  mn: string | null;
  code: string | null;
  name: string | null;
}

export interface Pollutant {
  code: string | null;
  name: string | null;
}

export interface Member {
  officer: string;
  name: string;
  part: "lead" | "second";
}

/** A case as lists show it. Instants are texts with the offset of Shanghai. */
export interface CaseRow {
  case_id: string;
  kind: CaseKind;
  level: Level;
  state: string;
  /** What has to happen next: team, answer, review, day, other. */
  awaits: string | null;
  overdue: boolean;
  rung: string | null;
  enterprise_code: string;
  enterprise_name: string | null;
  station: string | null;
  station_name: string | null;
  category: Category | null;
  outlet: Outlet | null;
  pollutant: Pollutant | null;
  observed: number | null;
  limit: number | null;
  unit: string | null;
  reason: Bilingual | null;
  team: Member[];
  issued_at: string | null;
  opened_at: string;
  due_at: string | null;
  /** As the services write it; `dueText` says it to people. */
  due_text: string | null;
  provisional: boolean;
  closed_at: string | null;
  outcome: string | null;
  handled: boolean;
  finished: boolean;
  on_time: boolean | null;
  alert_id: string;
  alert_ids: string[];
  revision: number;
  updated_at: string;
}

export interface AlertRow {
  alert_id: string;
  level: Level;
  category: Category | null;
  enterprise_code: string;
  enterprise_name: string | null;
  outlet: Outlet | null;
  pollutant: Pollutant | null;
  observed: number | null;
  limit: number | null;
  unit: string | null;
  reason: Bilingual | null;
  rule: string | null;
  rule_book_version: string | null;
  issued_at: string;
  received_at: string | null;
  district: string | null;
  station: string | null;
  held: boolean;
  counted_on: string | null;
  doubts: (Bilingual & { code: string })[];
  case_id: string | null;
  dismissed: boolean;
}

export type ByLevel = Record<Level, number>;

export interface BoardAnswer {
  now: string;
  pace: number;
  lag_seconds: number | null;
  counts: {
    open: ByLevel;
    overdue: ByLevel;
    waiting: number;
    due_today: number;
    by_station: {
      station: string | null;
      name: string | null;
      open: number;
      overdue: number;
      red: number;
      yellow: number;
    }[];
    by_rung: { rung: string; name: Bilingual; count: number }[];
  };
  overdue: CaseRow[];
  due_next: CaseRow[];
  alerts: AlertRow[];
  handled: { share: number | null; total: number; handled: number; on_time: number; late: number };
}

/** One page of a list; `next` is the cursor of the following one. */
export interface Page<Row> {
  items: Row[];
  next: string | null;
  total?: number | null;
}

export interface WorkItem {
  kind:
    | "review"
    | "proposal"
    | "waiting_case"
    | "undelivered"
    | "dead_letter"
    | "provisional"
    | "old_alert"
    | "marking"
    | "brake";
  title: Bilingual;
  /** The enterprise, the reason of a letter, or the partition. */
  subject: string;
  summary?: Bilingual | null;
  enterprise_code?: string | null;
  station?: string | null;
  level?: Level | null;
  case_id?: string | null;
  alert_id?: string | null;
  /** Who keeps a proposal, letter or brake, and its identifier there. */
  service?: string | null;
  id?: string | null;
  recipient?: string | null;
  since: string;
  due_at?: string | null;
  link: string;
}

export interface WorkAnswer {
  items: WorkItem[];
  counts: Record<string, number>;
}

/** Someone of the sample whom one may sign in as, where development tokens are in force. */
export interface SamplePerson {
  role: Role;
  subject: string;
  name: string;
  station?: CodeName | null;
  enterprise?: CodeName | null;
  enterprises?: CodeName[] | null;
  open_cases?: number;
}

export type SignInAnswer =
  | { mode: "oidc"; issuer: string; client_id: string; audience: string; scope: string }
  | { mode: "embedded"; people: SamplePerson[] };

export interface SignedInAnswer {
  token: string;
  expires_at: string;
}
