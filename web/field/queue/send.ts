/** Sending one job of the queue, and writing down what became of it. */

import type { FieldDatabase } from "../device/database";
import type { ActEntry, FileEntry, Problem } from "./entries";
import { type ActResult, type Job, settled, standingAfter, toSend } from "./order";
import { change } from "./queue";

/** Why sending stops for now. Nothing is lost by it. */
export type Halt = "no_network" | "token_ended" | "service_away" | "not_allowed";

/** What the sender needs of the world. */
export interface Line {
  /** Fetch with the session's token; rejects where there is no network. */
  request(path: string, init: RequestInit): Promise<Response>;
  /** Send a file resumably; `progress` says how far it came and where it goes on. */
  upload(
    file: FileEntry,
    blob: Blob,
    progress: (sentBytes: number, url: string | null) => void,
  ): Promise<Uploaded>;
  now(): string;
}

export type Uploaded = { attachmentId: string } | { halt: Halt } | { problem: Problem };

export async function sendJob(database: FieldDatabase, line: Line, job: Job): Promise<Halt | null> {
  return job.kind === "acts" ? await sendActs(database, line, job) : await sendFile(database, line, job.file);
}

async function sendActs(
  database: FieldDatabase,
  line: Line,
  job: Job & { kind: "acts" },
): Promise<Halt | null> {
  const entries = await database.queue.toArray();
  const actions = job.acts.map((act) => toSend(act, entries));
  const response = await attempt(() =>
    line.request("/dispatch/v1/offline-actions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ actions }),
    }),
  );
  if (!response) return "no_network";
  const halt = haltOf(response.status);
  if (halt) return halt;
  if (!response.ok) return await refuseWhole(database, line, job, await problemOf(response));
  const { results } = (await response.json()) as { results: ActResult[] };
  let unavailable = false;
  for (const result of results) {
    const act = job.acts.find((one) => one.key === result.key);
    const values = act && settled(act, result, line.now());
    if (act && values) await settle(database, act, result, values);
    else unavailable = true;
  }
  return unavailable ? "service_away" : null;
}

/** The act leaves the queue as its assignment changes: no button of a step that was just taken comes back meanwhile. */
async function settle(
  database: FieldDatabase,
  act: ActEntry,
  result: ActResult,
  values: Partial<ActEntry>,
): Promise<void> {
  await database.transaction("rw", database.queue, database.assignments, async () => {
    await change(database, act, values);
    const standing = standingAfter(act, result);
    if (standing) await database.assignments.update(act.assignmentId, { ...standing });
  });
}

/** A request that is refused as a whole: each act is sent by itself, and only the one at fault is refused. */
async function refuseWhole(
  database: FieldDatabase,
  line: Line,
  job: Job & { kind: "acts" },
  problem: Problem,
): Promise<Halt | null> {
  const [first, ...others] = job.acts;
  if (!first) return null;
  if (others.length === 0) {
    await change(database, first, { state: "refused", problem, settledAt: line.now() });
    return null;
  }
  return await sendActs(database, line, { kind: "acts", acts: [first] });
}

async function sendFile(database: FieldDatabase, line: Line, file: FileEntry): Promise<Halt | null> {
  if (file.reason && file.problem?.upload_id)
    return await overrule(database, line, file, file.problem.upload_id);
  const stored = await database.files.get(file.key);
  if (!stored) {
    const problem = { type: "about:blank", title: "", detail: "", status: 0 };
    await change(database, file, { state: "refused", problem, settledAt: line.now() });
    return null;
  }
  const uploaded = await line.upload(file, stored.blob, (sentBytes, url) => {
    void change(database, file, url ? { sentBytes, uploadUrl: url } : { sentBytes });
  });
  if ("halt" in uploaded) return uploaded.halt;
  await settleFile(database, line, file, uploaded);
  return null;
}

/** A doubtful file that is kept already is taken by the reason alone: its bytes are not sent again. */
async function overrule(
  database: FieldDatabase,
  line: Line,
  file: FileEntry,
  uploadId: string,
): Promise<Halt | null> {
  const response = await attempt(() =>
    line.request(`/dispatch/v1/uploads/${uploadId}/overrule`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ reason: file.reason }),
    }),
  );
  if (!response) return "no_network";
  const halt = haltOf(response.status);
  if (halt) return halt;
  const settledAs = response.ok
    ? { attachmentId: ((await response.json()) as { attachment_id: string }).attachment_id }
    : { problem: await problemOf(response) };
  await settleFile(database, line, file, settledAs);
  return null;
}

async function settleFile(
  database: FieldDatabase,
  line: Line,
  file: FileEntry,
  uploaded: { attachmentId: string } | { problem: Problem },
): Promise<void> {
  const settledAt = line.now();
  if ("attachmentId" in uploaded) {
    const { attachmentId } = uploaded;
    await change(database, file, {
      state: "sent",
      attachmentId,
      sentBytes: file.size,
      problem: undefined,
      settledAt,
    });
  } else {
    await change(database, file, { state: "refused", problem: uploaded.problem, settledAt });
  }
}

export function haltOf(status: number): Halt | null {
  if (status === 401) return "token_ended";
  if (status === 403) return "not_allowed";
  return status === 408 || status === 429 || status >= 500 ? "service_away" : null;
}

export async function problemOf(response: Response): Promise<Problem> {
  try {
    return { ...((await response.json()) as Problem), status: response.status };
  } catch {
    return { type: "about:blank", title: response.statusText, detail: "", status: response.status };
  }
}

async function attempt(request: () => Promise<Response>): Promise<Response | null> {
  try {
    return await request();
  } catch {
    return null;
  }
}
