/** Putting acts and files into the queue, and the officer's decisions on what did not go through. */

import type { Action } from "../acts/acts";
import type { FieldDatabase } from "../device/database";
import { type DraftFile, draftOf } from "../report/draft";
import { type ActEntry, type FileEntry, isAct, isFile, isWaitedFor, type QueueEntry } from "./entries";
import { isOpen } from "./order";

export interface NewAct {
  action: Action;
  assignmentId: string;
  caseId: string;
  time: string;
  body: Record<string, unknown>;
  files?: DraftFile[];
}

/** Queue an act with its files, in one transaction: a report is never there without its photographs. */
export async function enqueue(database: FieldDatabase, act: NewAct): Promise<void> {
  const files = act.files ?? [];
  await database.transaction("rw", database.queue, database.drafts, async () => {
    for (const file of files) await addFile(database, fileEntry(file, act.caseId));
    await add(database, {
      kind: "act",
      key: crypto.randomUUID(),
      action: act.action,
      assignmentId: act.assignmentId,
      caseId: act.caseId,
      time: act.time,
      body: act.body,
      files: files.filter((file) => isWaitedFor(file.fileKind)).map((file) => file.key),
      state: "queued",
    });
    if (act.action === "feedback") await database.drafts.delete(act.caseId);
  });
}

/** Queue files that no report names: what is added to a case afterwards, or by the second officer. */
export async function enqueueFiles(
  database: FieldDatabase,
  caseId: string,
  files: DraftFile[],
): Promise<void> {
  await database.transaction("rw", database.queue, async () => {
    for (const file of files) await addFile(database, fileEntry(file, caseId));
  });
}

/** A file of a report that was taken back is there already: what was given up goes again, what arrived does not. */
async function addFile(database: FieldDatabase, file: FileEntry): Promise<void> {
  const known = await database.queue.where("key").equals(file.key).first();
  if (!known) await add(database, file);
  else if (known.state === "set_aside")
    await change(database, known, { state: "queued", settledAt: undefined });
}

/** The database gives the entry its number. */
async function add(database: FieldDatabase, entry: QueueEntry): Promise<void> {
  await database.queue.add(entry as QueueEntry & { id: number });
}

function fileEntry(file: DraftFile, caseId: string): FileEntry {
  return {
    kind: "file",
    key: file.key,
    caseId,
    fileKind: file.fileKind,
    name: file.name,
    mediaType: file.mediaType,
    size: file.size,
    sentBytes: 0,
    time: file.takenAt,
    state: "queued",
  };
}

/** Send it again under its key: what was refused the server has not kept. */
export async function sendAgain(database: FieldDatabase, entry: QueueEntry): Promise<void> {
  const again = { state: "queued" as const, problem: undefined, settledAt: undefined };
  await change(database, entry, isAct(entry) ? { ...again, present: undefined } : again);
}

/** Give an act up. It stays on the list as set aside. */
export async function setAside(database: FieldDatabase, entry: QueueEntry, at: string): Promise<void> {
  await change(database, entry, { state: "set_aside", settledAt: at });
}

/** Give up everything that is open of a case which others have by now. */
export async function setAsideAll(database: FieldDatabase, caseId: string, at: string): Promise<void> {
  await database.transaction("rw", database.queue, async () => {
    const ofCase = await database.queue.where("caseId").equals(caseId).toArray();
    for (const entry of ofCase.filter(isOpen)) await setAside(database, entry, at);
  });
}

/** Send a doubtful file with the reason why it is evidence. */
export async function explainFile(database: FieldDatabase, entry: FileEntry, reason: string): Promise<void> {
  await change(database, entry, { state: "queued", reason, settledAt: undefined });
}

/** Take a report back into the form, with its files; the entry is set aside. */
export async function editAgain(database: FieldDatabase, entry: ActEntry, at: string): Promise<void> {
  await database.transaction("rw", database.queue, database.drafts, async () => {
    const ofCase: QueueEntry[] = await database.queue.where("caseId").equals(entry.caseId).toArray();
    const files = ofCase.filter(isFile).filter((file) => entry.files.includes(file.key));
    await database.drafts.put(draftOf(entry.caseId, entry.body, files.map(draftFileOf)));
    await setAside(database, entry, at);
  });
}

function draftFileOf(file: FileEntry): DraftFile {
  const { key, fileKind, name, mediaType, size, time } = file;
  return { key, fileKind, name, mediaType, size, takenAt: time };
}

export async function change(
  database: FieldDatabase,
  entry: QueueEntry,
  values: Partial<ActEntry> | Partial<FileEntry>,
): Promise<void> {
  await database.queue.where("key").equals(entry.key).modify(values);
}

/**
 * Forget what was sent or set aside more than a week ago, and the bytes that nothing needs any more: of files that have
 * arrived, and of those that neither the queue nor a draft names.
 */
export async function tidy(database: FieldDatabase, before: string): Promise<void> {
  await database.transaction("rw", database.queue, database.files, database.drafts, async () => {
    const done = await database.queue.where("state").anyOf("sent", "set_aside").toArray();
    const old = done.filter((entry) => (entry.settledAt ?? "") < before);
    await database.queue.bulkDelete(old.map((entry) => entry.id));
    const drafts = await database.drafts.toArray();
    const waiting = await database.queue.where("state").notEqual("sent").toArray();
    const needed = new Set([...waiting, ...drafts.flatMap((draft) => draft.files)].map(({ key }) => key));
    const stored = (await database.files.toCollection().primaryKeys()) as string[];
    await database.files.bulkDelete(stored.filter((key) => !needed.has(key)));
  });
}
