/** A rule book, as alert_ingest answers it. */
import type { Bilingual } from "@shared/language/language";
import type { Level } from "@shared/words";

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
  changes: unknown[];
  /** The book as it was written. */
  body: string;
}

export interface Checked {
  valid: boolean;
  findings: string[];
  version: string | null;
  changes: unknown[];
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

/** The rules that have all words of a search in their code or names. */
export function found(rules: readonly Rule[], search: string | undefined): Rule[] {
  const words = (search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return rules.filter((rule) => {
    const text = `${rule.code} ${rule.name.zh} ${rule.name.en}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
