/** A report in the making: kept at every keystroke, so that neither rain nor a dead battery loses it. */

import type { FileKind } from "../queue/entries";
import { bodyOf, CARRIES, type Carried, type Fault, type Findings, faultsOf } from "./outcomes";

export interface DraftFile {
  key: string;
  fileKind: FileKind;
  name: string;
  mediaType: string;
  size: number;
  takenAt: string;
}

export interface MatterFindings extends Findings {
  caseId: string;
}

export interface Draft extends Findings {
  caseId: string;
  files: DraftFile[];
  /** Attachments that the report rested on when it was sent before. */
  kept: string[];
  /** Joined cases that come to something else than the visit. */
  matters: MatterFindings[];
}

export function emptyDraft(caseId: string): Draft {
  return { caseId, findings: "", measures: "", outcome: "", carried: {}, files: [], kept: [], matters: [] };
}

export interface DraftFault {
  /** The joined case whose part lacks it; null for the visit itself. */
  caseId: string | null;
  fault: Fault;
}

export function faultsOfDraft(draft: Draft, today: string): DraftFault[] {
  const own = faultsOf(draft, today).map((fault) => ({ caseId: null, fault }));
  const others = draft.matters.flatMap((matter) =>
    faultsOf(matter, today).map((fault) => ({ caseId: matter.caseId, fault })),
  );
  return [...own, ...others];
}

/** What the report's route takes beside its time and attachments. */
export function reportBody(draft: Draft, offSite: boolean): Record<string, unknown> {
  const body: Record<string, unknown> = bodyOf(draft);
  if (draft.matters.length > 0) {
    body.matters = draft.matters.map((matter) => ({ ...bodyOf(matter), case_id: matter.caseId }));
  }
  if (draft.kept.length > 0) body.attachments = draft.kept;
  if (offSite) body.off_site = true;
  return body;
}

/** A phrase added to what is written already, as a sentence of its own. */
export function withPhrase(text: string, phrase: string): string {
  const kept = text.trimEnd();
  if (kept.includes(phrase)) return text;
  if (!kept) return phrase;
  return /[。！？；.!?;]$/.test(kept) ? `${kept}${phrase}` : `${kept}。${phrase}`;
}

/** A draft of a report that was sent, to be put right. */
export function draftOf(caseId: string, body: Record<string, unknown>, files: DraftFile[] = []): Draft {
  const matters = Array.isArray(body.matters) ? (body.matters as Record<string, unknown>[]) : [];
  return {
    caseId,
    ...findingsOf(body),
    files,
    kept: Array.isArray(body.attachments) ? body.attachments.map(String) : [],
    matters: matters.map((matter) => ({ caseId: String(matter.case_id), ...findingsOf(matter) })),
  };
}

function findingsOf(body: Record<string, unknown>): Findings {
  const text = (name: string) => (typeof body[name] === "string" ? body[name] : "");
  const carried = CARRIES.flatMap((name) => (text(name) ? [[name, text(name)]] : []));
  return {
    findings: text("findings"),
    measures: text("measures"),
    outcome: text("outcome"),
    carried: Object.fromEntries(carried) as Carried,
  };
}
