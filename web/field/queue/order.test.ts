import { describe, expect, test } from "vitest";
import type { ActEntry, FileEntry, QueueEntry } from "./entries";
import { countOpen, heldBy, nextJob, settled, toSend, waysOn } from "./order";

let number = 0;

function act(action: ActEntry["action"], values: Partial<ActEntry> = {}): ActEntry {
  number += 1;
  return {
    id: number,
    key: `act-${number}`,
    kind: "act",
    action,
    caseId: "a",
    assignmentId: "of-a",
    time: "2026-03-02T10:00:00+08:00",
    state: "queued",
    body: {},
    files: [],
    ...values,
  };
}

function file(values: Partial<FileEntry> = {}): FileEntry {
  number += 1;
  return {
    id: number,
    key: `file-${number}`,
    kind: "file",
    fileKind: "photo",
    caseId: "a",
    name: "现场.jpg",
    mediaType: "image/jpeg",
    size: 1000,
    sentBytes: 0,
    time: "2026-03-02T10:00:00+08:00",
    state: "queued",
    ...values,
  };
}

const keysOf = (entries: QueueEntry[]) => {
  const job = nextJob(entries);
  return job?.kind === "acts" ? job.acts.map((one) => one.key) : job?.file.key;
};

describe("the order of sending", () => {
  test("acts go together, as they were done", () => {
    const [accept, depart, other] = [act("accept"), act("depart"), act("accept", { caseId: "b" })];
    expect(keysOf([other, depart, accept])).toEqual([accept.key, depart.key, other.key]);
  });

  test("a report waits for its photographs, and what comes after it waits with it; other cases do not", () => {
    const photo = file();
    const entries = [
      photo,
      act("feedback", { files: [photo.key] }),
      act("depart"),
      act("accept", { caseId: "b" }),
    ];
    expect(keysOf(entries)).toEqual([entries[3]?.key]);
    expect(keysOf(entries.slice(0, 3))).toBe(photo.key);
    expect(keysOf([{ ...photo, state: "sent", attachmentId: "x" }, ...entries.slice(1, 3)])).toHaveLength(2);
  });

  test("photographs that a report waits for go before others, small files before large ones", () => {
    const [video, loose, awaited] = [
      file({ fileKind: "video", size: 9e7 }),
      file({ size: 10 }),
      file({ size: 5000 }),
    ];
    const report = act("feedback", { files: [awaited.key] });
    expect(keysOf([video, loose, awaited, report])).toBe(awaited.key);
    expect(keysOf([video, loose])).toBe(loose.key);
  });

  test("behind a conflict the acts of its case wait for the officer", () => {
    const entries = [act("accept", { state: "conflict" }), act("depart")];
    expect(nextJob(entries)).toBeNull();
    expect(heldBy(entries[1] as ActEntry, entries)).toBe("earlier");
    expect(keysOf([{ ...entries[0], state: "set_aside" } as ActEntry, entries[1] as ActEntry])).toHaveLength(
      1,
    );
  });

  test("a report whose photograph is refused says so, and goes once that is taken out", () => {
    const photo = file({ state: "refused" });
    const report = act("feedback", { files: [photo.key] });
    expect(heldBy(report, [photo, report])).toBe("refused_file");
    expect(nextJob([photo, report])).toBeNull();
    expect(keysOf([{ ...photo, state: "set_aside" }, report])).toEqual([report.key]);
  });
});

test("a report is sent with the attachments that its files became", () => {
  const photo = file({ state: "sent", attachmentId: "11111111-0000-0000-0000-000000000000" });
  const gone = file({ state: "set_aside" });
  const body = { findings: "活性炭未更换", attachments: ["of-the-report-before"] };
  const report = act("feedback", { files: [photo.key, gone.key], body });
  expect(toSend(report, [photo, gone, report]).body).toEqual({
    findings: "活性炭未更换",
    attachments: ["of-the-report-before", "11111111-0000-0000-0000-000000000000"],
  });
});

describe("what the server answered", () => {
  const at = "2026-03-02T12:00:00+08:00";
  const present = { state: "on_site", case_state: "on_site", ended_at: null };
  const problem = { type: "urn:tricolor:problem:transition-refused", title: "", detail: "", status: 409 };

  test("done is sent; unavailable stays as it is", () => {
    expect(settled(act("accept"), { key: "k", status: "done" }, at)).toEqual({
      state: "sent",
      settledAt: at,
    });
    expect(settled(act("accept"), { key: "k", status: "unavailable" }, at)).toBeNull();
  });

  test("a step that was taken already is no conflict for the officer", () => {
    const result = { key: "k", status: "conflict" as const, problem, present };
    expect(settled(act("depart"), result, at)).toMatchObject({ state: "sent", already: true });
    expect(settled(act("feedback"), result, at)).toMatchObject({ state: "conflict", present });
    const ended = { ...result, present: { ...present, ended_at: at } };
    expect(settled(act("depart"), ended, at)).toMatchObject({ state: "conflict" });
  });
});

describe("the ways on", () => {
  test("what others have by now is only set aside", () => {
    const ended = { state: "on_site", case_state: "on_site", ended_at: "2026-03-02T11:00:00+08:00" };
    expect(waysOn(act("feedback", { state: "conflict", present: ended }))).toEqual(["set_aside"]);
  });

  test("a report is put right or sent again, never lost", () => {
    expect(waysOn(act("feedback", { state: "refused" }))).toEqual(["edit", "set_aside"]);
    expect(waysOn(act("feedback", { state: "conflict" }))).toEqual(["again", "edit", "set_aside"]);
    expect(waysOn(act("decline", { state: "refused" }))).toEqual(["set_aside"]);
  });

  test("a doubtful file is explained or taken out", () => {
    const problem = { type: "", title: "", detail: "", status: 415, upload_id: "u" };
    expect(waysOn(file({ state: "refused", problem }))).toEqual(["explain_file", "without_file"]);
    expect(waysOn(file())).toEqual([]);
  });
});

test("what is open is counted by what it needs", () => {
  const entries = [
    act("accept", { state: "sent" }),
    act("depart"),
    act("arrive", { state: "conflict" }),
    file(),
  ];
  expect(countOpen(entries)).toEqual({ queued: 2, decide: 1 });
});
