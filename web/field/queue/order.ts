/** The order in which the queue is sent, and what becomes of each entry. Pure. */

import { isTaken } from "../acts/acts";
import {
  type ActEntry,
  type FileEntry,
  isAct,
  isFile,
  type Present,
  type Problem,
  type QueueEntry,
} from "./entries";

/** What the server says of one act. */
export interface ActResult {
  key: string;
  status: "done" | "conflict" | "refused" | "unavailable";
  /** The assignment after a step, the case after a report. */
  answer?: Record<string, unknown> | null;
  problem?: Problem | null;
  present?: Present | null;
}

/** An act as the server takes it. */
export interface SentAct {
  key: string;
  action: string;
  assignment_id: string;
  case_id: string;
  time: string;
  body: Record<string, unknown>;
}

export type Job = { kind: "acts"; acts: ActEntry[] } | { kind: "file"; file: FileEntry };

export const MOST_ACTS = 50;

/**
 * What is to be sent next, or null.
 *
 * Acts go first, in the order in which they were done, for deadlines run to their receipt; a report waits for its
 * photographs. Behind an act that waits, or that needs the officer's decision, the later acts of its case wait too.
 * Of files those that a report waits for go first, then the smaller ones.
 */
export function nextJob(entries: QueueEntry[]): Job | null {
  const acts = sendableActs(entries);
  if (acts.length > 0) return { kind: "acts", acts: acts.slice(0, MOST_ACTS) };
  const awaited = new Set(
    entries
      .filter(isAct)
      .filter(isQueued)
      .flatMap((act) => act.files),
  );
  const files = entries.filter(isFile).filter(isQueued);
  const [first] = [...files].sort(
    (one, other) =>
      Number(awaited.has(other.key)) - Number(awaited.has(one.key)) ||
      one.size - other.size ||
      (one.id ?? 0) - (other.id ?? 0),
  );
  return first ? { kind: "file", file: first } : null;
}

function sendableActs(entries: QueueEntry[]): ActEntry[] {
  const files = filesByKey(entries);
  const held = new Set<string>();
  const sendable: ActEntry[] = [];
  for (const act of inOrder(entries.filter(isAct))) {
    if (needsDecision(act)) held.add(act.caseId);
    if (act.state !== "queued" || held.has(act.caseId)) continue;
    if (act.files.some((key) => !isSettled(files.get(key)))) held.add(act.caseId);
    else sendable.push(act);
  }
  return sendable;
}

/** Why a queued act does not go yet: a file of it, or an earlier act of its case that needs a decision. */
export function heldBy(act: ActEntry, entries: QueueEntry[]): "file" | "refused_file" | "earlier" | null {
  const files = filesByKey(entries);
  const waiting = act.files.map((key) => files.get(key)).filter((file) => !isSettled(file));
  if (waiting.some((file) => file?.state === "refused")) return "refused_file";
  if (waiting.length > 0) return "file";
  const earlier = entries
    .filter(isAct)
    .some((one) => one.caseId === act.caseId && before(one, act) && needsDecision(one));
  return earlier ? "earlier" : null;
}

/** The act as it is sent: with the attachments that its files have become. The same each time it is sent. */
export function toSend(act: ActEntry, entries: QueueEntry[]): SentAct {
  const files = filesByKey(entries);
  const before = Array.isArray(act.body.attachments) ? act.body.attachments : [];
  const attachments = [...before, ...act.files.flatMap((key) => files.get(key)?.attachmentId ?? [])];
  return {
    key: act.key,
    action: act.action,
    assignment_id: act.assignmentId,
    case_id: act.caseId,
    time: act.time,
    body: act.action === "feedback" ? { ...act.body, attachments } : act.body,
  };
}

/** What of an act changes by the server's answer; null where it is to be sent again. */
export function settled(act: ActEntry, result: ActResult, at: string): Partial<ActEntry> | null {
  if (result.status === "unavailable") return null;
  if (result.status === "done") return { state: "sent", settledAt: at };
  const present = result.present ?? null;
  const problem = result.problem ?? undefined;
  if (result.status === "conflict" && present && !present.ended_at && isTaken(act.action, present.state)) {
    return { state: "sent", settledAt: at, already: true };
  }
  return { state: result.status, problem, present, settledAt: at };
}

/** Where an act, done or not, leaves the assignment; null where the answer does not say. */
export function standingAfter(
  act: ActEntry,
  { status, answer, present }: ActResult,
): AssignmentStanding | null {
  const known = status === "done" ? answer : present;
  if (!known) return null;
  if (status === "done" && act.action === "feedback") return { case_state: String(known.state) };
  const left = known.ended_at ? { left: String(known.ended_at) } : {};
  return { state: String(known.state), case_state: String(known.case_state), ...left };
}

export interface AssignmentStanding {
  state?: string;
  case_state: string;
  left?: string;
}

/** How a conflict or refusal may be got out of. */
export type WayOn = "set_aside" | "again" | "edit" | "without_file" | "explain_file";

/**
 * What the officer may choose: a report that conflicts is kept, and may be sent again once the case allows it;
 * one that was refused is put right first. What others have by now is only set aside.
 */
export function waysOn(entry: QueueEntry): WayOn[] {
  if (entry.state !== "conflict" && entry.state !== "refused") return [];
  if (isFile(entry)) {
    const explained: WayOn[] = entry.problem?.upload_id ? ["explain_file"] : ["again"];
    return [...explained, "without_file"];
  }
  if (hasEnded(entry)) return ["set_aside"];
  if (entry.action === "feedback")
    return entry.state === "refused" ? ["edit", "set_aside"] : ["again", "edit", "set_aside"];
  return entry.state === "conflict" ? ["again", "set_aside"] : ["set_aside"];
}

/** Whether an act found that others have the case by now: nothing of it is sent any more. */
export function hasEnded(entry: QueueEntry): boolean {
  return isAct(entry) && entry.state === "conflict" && Boolean(entry.present?.ended_at);
}

export function isOpen(entry: QueueEntry): boolean {
  return entry.state === "queued" || needsDecision(entry);
}

export function needsDecision(entry: QueueEntry): boolean {
  return entry.state === "conflict" || entry.state === "refused";
}

export function isQueued(entry: QueueEntry): boolean {
  return entry.state === "queued";
}

export interface Counts {
  queued: number;
  decide: number;
}

export function countOpen(entries: QueueEntry[]): Counts {
  return { queued: entries.filter(isQueued).length, decide: entries.filter(needsDecision).length };
}

/** A file that a report no longer waits for: it has arrived, or was taken out. */
function isSettled(file: FileEntry | undefined): boolean {
  return file === undefined || file.state === "sent" || file.state === "set_aside";
}

function filesByKey(entries: QueueEntry[]): Map<string, FileEntry> {
  return new Map(entries.filter(isFile).map((file) => [file.key, file]));
}

function inOrder(acts: ActEntry[]): ActEntry[] {
  return [...acts].sort((one, other) => (one.id ?? 0) - (other.id ?? 0));
}

function before(one: ActEntry, other: ActEntry): boolean {
  return (one.id ?? 0) < (other.id ?? 0);
}
