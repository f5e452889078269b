/** The outcomes of a visit, and what each carries. Pure; as dispatcher, domain/outcomes.py and follow_ups.py have it. */

import { isTooLong, LONGEST, LONGEST_CODE } from "../parts/length";

export const CARRIES = ["correct_by", "observe_until", "file_number", "legal_basis"] as const;
export type Carries = (typeof CARRIES)[number];

export interface OutcomeRule {
  code: string;
  /** What it cannot be reported without. */
  needs?: Carries;
  /** What may come with it, now or later. */
  takes?: Carries;
  /** The kinds of case it makes sense for; all, where none is named. */
  kinds?: string[];
}

export const OUTCOMES: OutcomeRule[] = [
  { code: "rectified" },
  { code: "order_to_correct", needs: "correct_by" },
  { code: "case_filed_for_penalty", takes: "file_number" },
  { code: "exempt", needs: "legal_basis" },
  { code: "observation_period", needs: "observe_until" },
  { code: "false_alarm", kinds: ["on_site"] },
  { code: "report_untrue", kinds: ["verification"] },
];

export const LATEST_DAYS = 365;

export function outcomesFor(kind: string): OutcomeRule[] {
  return OUTCOMES.filter((rule) => !rule.kinds || rule.kinds.includes(kind));
}

export function ruleOf(code: string): OutcomeRule | undefined {
  return OUTCOMES.find((rule) => rule.code === code);
}

export type Carried = Partial<Record<Carries, string>>;

export interface Findings {
  findings: string;
  measures: string;
  outcome: string;
  carried: Carried;
}

type DateField = "correct_by" | "observe_until";
export type Fault = "findings" | "measures" | "outcome" | Carries | `${DateField}_range` | "too_long";

/** What a report still lacks, or has too much of; a text that is too long says so itself, where it is written. `today` is a date in Shanghai, YYYY-MM-DD. */
export function faultsOf(report: Findings, today: string): Fault[] {
  const faults: Fault[] = [];
  if (!report.findings.trim()) faults.push("findings");
  if (!report.measures.trim()) faults.push("measures");
  if (!report.outcome) faults.push("outcome");
  const needs = ruleOf(report.outcome)?.needs;
  const value = needs && report.carried[needs]?.trim();
  if (needs && !value) faults.push(needs);
  if (value && isDate(needs) && (value < today || value > addDays(today, LATEST_DAYS)))
    faults.push(`${needs}_range`);
  for (const [name, text] of Object.entries(bodyOf(report)))
    if (isTooLong(text, longestOf(name))) faults.push("too_long");
  return faults;
}

export function longestOf(name: string): number {
  return name === "file_number" ? LONGEST_CODE : LONGEST;
}

/** The report as the server takes it: only what belongs to its outcome goes with it. */
export function bodyOf(report: Findings): Record<string, string> {
  const rule = ruleOf(report.outcome);
  const body: Record<string, string> = {
    findings: report.findings.trim(),
    measures: report.measures.trim(),
    outcome: report.outcome,
  };
  for (const name of [rule?.needs, rule?.takes]) {
    const value = name && report.carried[name]?.trim();
    if (name && value) body[name] = value;
  }
  return body;
}

export function isDate(name: Carries | undefined): name is DateField {
  return name === "correct_by" || name === "observe_until";
}

export function addDays(day: string, days: number): string {
  const instant = new Date(`${day}T00:00:00Z`);
  instant.setUTCDate(instant.getUTCDate() + days);
  return instant.toISOString().slice(0, 10);
}
