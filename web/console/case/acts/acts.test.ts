import type { CaseAnswer } from "@shared/api/generated/dispatcher";
import { expect, test } from "vitest";
import { type Act, actsOfCase, actsOfProposal, filled, missing } from "./acts";

const reported = {
  case_id: "c",
  kind: "on_site",
  state: "reported",
  allowed: ["return", "approve"],
  outcome: null,
} as unknown as CaseAnswer;

const named = (acts: Act[]): string[] => acts.map((act) => act.name);

test("what the case waits for comes first, and an auditor may do nothing", () => {
  expect(named(actsOfCase(reported, "station_chief"))).toEqual(["approve", "return", "presence"]);
  expect(actsOfCase(reported, "auditor")).toEqual([]);
});

test("an outcome asks for what it carries, and only that is sent", () => {
  const approve = actsOfCase(reported, "section")[0] as Act;
  expect(missing(approve, { outcome: "order_to_correct" })).toEqual(["correct_by"]);
  const values = { outcome: "rectified", correct_by: "2026-12-20", comment: "  同意 " };
  expect(filled(approve, values)).toEqual({ outcome: "rectified", comment: "同意" });
});

test("a team is the policy's choice, or two officers", () => {
  const waiting = { ...reported, state: "open", allowed: ["reassign"] } as CaseAnswer;
  const reassign = actsOfCase(waiting, "section")[0] as Act;
  expect(missing(reassign, { reason: "另有任务" })).toEqual([]);
  expect(missing(reassign, { reason: "另有任务", team: ["a", ""] })).toEqual(["team"]);
});

test("an own proposal is withdrawn, another's decided on, an old one left alone", () => {
  const proposal = {
    proposal_id: "p",
    service: "deadline_watch",
    state: "open",
    proposed_by: "chief",
    proposed_role: "station_chief",
  };
  expect(named(actsOfProposal(proposal, "station_chief", "chief"))).toEqual(["withdraw-proposal"]);
  expect(actsOfProposal(proposal, "section", "section").map((act) => act.path)).toEqual([
    "/watch/v1/proposals/p/confirm",
    "/watch/v1/proposals/p/reject",
  ]);
  expect(actsOfProposal({ ...proposal, state: "expired" }, "section", "section")).toEqual([]);
});
