/** What the console's service answers: as its OpenAPI document has it, with the words that we know by name. */
import type { CaseKind, Level, Role } from "@shared/words";
import type * as answers from "./generated/console";

/** A type of the document, some of its fields said more exactly. */
type Exactly<Answer, Fields> = Omit<Answer, keyof Fields> & Fields;

export type Category = answers.Category;
export type Outlet = answers.OutletShown;
export type Member = answers.TeamMember;
/** Of alerts and of anomalies that somebody tries out, which need not have a code yet. */
export interface Pollutant {
  code: string | null;
  name?: string | null;
}
/** None is a number too: it is always said. */
export type ByLevel = Required<answers.ByLevel>;

export type Me = Exactly<answers.Me, { role: Role }>;

/** A case as lists show it. Instants are texts with the offset of Shanghai. */
export type CaseRow = Exactly<answers.CaseRow, { kind: CaseKind; level: Level; pollutant: Pollutant | null }>;

export type AlertRow = Exactly<answers.AlertRow, { level: Level; pollutant: Pollutant | null }>;

export type BoardAnswer = Exactly<
  answers.Board,
  {
    counts: Exactly<answers.BoardCounts, { open: ByLevel; overdue: ByLevel }>;
    overdue: CaseRow[];
    due_next: CaseRow[];
    alerts: AlertRow[];
  }
>;

/** One page of a list; `next` is the cursor of the following one. */
export interface Page<Row> {
  items: Row[];
  next: string | null;
  total?: number | null;
}

export type WorkItem = Exactly<answers.WorkItem, { level: Level | null }>;

export type WorkAnswer = Exactly<answers.WorkList, { items: WorkItem[] }>;

/** Someone of the registers whom one may sign in as, where development tokens are in force. */
export type SamplePerson = Exactly<answers.SamplePerson, { role: Role }>;

export type SignInAnswer =
  | Exactly<answers.OidcSignIn, { mode: "oidc" }>
  | Exactly<answers.EmbeddedSignIn, { mode: "embedded"; people: SamplePerson[] }>;

export type SignedInAnswer = answers.SignedIn;
