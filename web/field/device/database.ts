/** What the device keeps of one officer: the queue, the files, drafts, and what was last known. One database a person. */

import Dexie, { type EntityTable, type Table } from "dexie";
import type { QueueEntry } from "../queue/entries";
import type { Draft } from "../report/draft";
import type { KnownAssignment, KnownCase } from "./known";

/** The bytes of a file apart from its entry, so that watching the queue does not load them. */
export interface StoredFile {
  key: string;
  blob: Blob;
  /** A small picture to show. */
  preview?: Blob;
}

/** The name under which it is remembered when the assignments were last heard of, by the server's clock. */
export const HEARD_AT = "heard_at";

export interface Remembered {
  name: string;
  value: string;
}

export class FieldDatabase extends Dexie {
  declare queue: EntityTable<QueueEntry & { id: number }, "id">;
  declare files: Table<StoredFile, string>;
  declare drafts: Table<Draft, string>;
  declare assignments: Table<KnownAssignment, string>;
  declare cases: Table<KnownCase, string>;
  declare remembered: Table<Remembered, string>;

  constructor(person: string) {
    super(`tricolor-field-${person}`);
    this.version(1).stores({
      queue: "++id, &key, caseId, state",
      files: "key",
      drafts: "caseId",
      assignments: "assignment_id, case_id",
      cases: "caseId",
      remembered: "name",
    });
  }
}
