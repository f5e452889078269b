/** What waits on the device to be sent: acts and files, each with what became of it. */

import type { Action } from "../acts/acts";

/**
 * `queued` waits or is under way; `sent` is done; `conflict` the case has moved on; `refused` can never be done;
 * `set_aside` the officer gave it up. Nothing leaves the list by itself before it is `sent` or `set_aside`.
 */
export type EntryState = "queued" | "sent" | "conflict" | "refused" | "set_aside";

/** RFC 9457, as far as a person is shown it. */
export interface Problem {
  type: string;
  title: string;
  detail: string;
  status: number;
  upload_id?: string;
}

/** The caller's assignment as a conflict finds it. */
export interface Present extends Record<string, unknown> {
  state: string;
  case_state: string;
  ended_at: string | null;
}

interface Entry {
  /** Given by the database: the order in which things were done. */
  id?: number;
  /** The device's own name for it, by which the server knows it when it is sent again. */
  key: string;
  caseId: string;
  /** Device time with its offset. */
  time: string;
  state: EntryState;
  problem?: Problem;
  settledAt?: string;
}

export interface ActEntry extends Entry {
  kind: "act";
  action: Action;
  assignmentId: string;
  /** What its route takes beside time and attachments. */
  body: Record<string, unknown>;
  /** The files that a report rests on: they are sent before it. */
  files: string[];
  present?: Present | null;
  /** It had been done already when it was sent. */
  already?: boolean;
}

export type FileKind = "photo" | "video" | "sound" | "signature";

export interface FileEntry extends Entry {
  kind: "file";
  fileKind: FileKind;
  name: string;
  mediaType: string;
  size: number;
  sentBytes: number;
  uploadUrl?: string;
  attachmentId?: string;
  /** Why it is evidence, where its content leaves doubts. */
  reason?: string;
}

export type QueueEntry = ActEntry | FileEntry;

export function isAct(entry: QueueEntry): entry is ActEntry {
  return entry.kind === "act";
}

export function isFile(entry: QueueEntry): entry is FileEntry {
  return entry.kind === "file";
}

/** A video or recording is large: it follows the report, which does not wait for it. */
export function isWaitedFor(kind: FileKind): boolean {
  return kind === "photo" || kind === "signature";
}
