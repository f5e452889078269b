/** A rule book, as alert_ingest answers it. */
import type { Bilingual } from "@shared/language/language";
import type { Level } from "@shared/words";
import type { Change } from "./differences";

export interface Rule {
  code: string;
  category?: string;
  level?: Level;
  to?: Level;
  stated: boolean;
  name: Bilingual;
  when: string;
  source: string;
  response?: string;
}

export interface Book {
  version: string;
  effective_from: string;
  rules: Rule[];
  upgrades?: Rule[];
}

export interface Version {
  version: string;
  effective_from: string;
  published_by: string;
  confirmed_by: string | null;
  reason: string;
  changes: Change[];
  /** The book as it was written. */
  body: string;
}

export interface Checked {
  valid: boolean;
  findings: string[];
  version: string | null;
  changes: Change[];
}

export interface Tried {
  level: Level;
  grading: { reason: Bilingual; rule: string };
  doubts: Bilingual[];
  outcomes: { rule: string; name: Bilingual; level: Level; holds: boolean; obstacle: Bilingual | null }[];
}

/** What a book would have made of the past: how many alerts of each old level it gives each new one. */
export interface Backtested {
  alerts: number;
  table: Record<Level, Record<Level | "refused", number>>;
  added_visits: number;
  changed: number;
  changed_alerts: readonly {
    alert_id: string;
    enterprise_code: string;
    category: string;
    occurred_at: string;
    before: Level;
    after: Level | "refused";
    rule_name: Bilingual | null;
  }[];
}

/** A part of such a test: from when to go on, unless all is done, and with how many alerts. */
export interface BacktestPart extends Backtested {
  next_since: string | null;
  remaining: number;
}

/** Two parts of one test as one. */
export function joined(one: BacktestPart | null, next: BacktestPart): BacktestPart {
  if (one === null) return next;
  const added = (before: Level): Record<Level | "refused", number> => ({
    white: one.table[before].white + next.table[before].white,
    yellow: one.table[before].yellow + next.table[before].yellow,
    red: one.table[before].red + next.table[before].red,
    refused: one.table[before].refused + next.table[before].refused,
  });
  return {
    alerts: one.alerts + next.alerts,
    table: { white: added("white"), yellow: added("yellow"), red: added("red") },
    added_visits: one.added_visits + next.added_visits,
    changed: one.changed + next.changed,
    changed_alerts: [...one.changed_alerts, ...next.changed_alerts],
    next_since: next.next_since,
    remaining: next.remaining,
  };
}

/** The rules that have all words of a search in their code or names. */
export function found(rules: readonly Rule[], search: string | undefined): Rule[] {
  const words = (search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return rules.filter((rule) => {
    const text = `${rule.code} ${rule.name.zh} ${rule.name.en}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
