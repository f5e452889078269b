/** What a person may do with a case, its clock and its alerts, each with its form. Pure. */

import type { CaseAnswer } from "@shared/api/generated/dispatcher";
import type { AlertAnswer } from "@shared/api/generated/ingest";
import * as scope from "@shared/api/generated/scope";
import type { DeadlineWithSteps } from "@shared/api/generated/watch";
import { may } from "@shared/session/may";

export type Values = Record<string, string | number | string[] | undefined>;

export interface Field {
  name: string;
  kind:
    | "long"
    | "short"
    | "day"
    | "moment"
    | "number"
    | "choice"
    | "team"
    | "officer"
    | "member"
    | "members"
    | "station";
  required?: boolean | ((values: Values) => boolean);
  /** Words of choices, as `acts.choice.NAME.OPTION`. */
  options?: readonly string[];
  shown?: (values: Values) => boolean;
}

export interface Act {
  name: string;
  path: string;
  fields: readonly Field[];
  tone?: "primary" | "danger";
  /** Somebody else has to confirm it. */
  proposes?: boolean;
  /** Sent with the revision that the person saw. */
  onCase?: boolean;
  body: (values: Values) => Record<string, unknown>;
}

const REASON: Field = { name: "reason", kind: "long", required: true };
const GROUND: Field = { name: "legal_ground", kind: "short", required: true };
const CALL_IN: Field = { name: "call_in", kind: "short" };
const OUTCOMES = [
  "rectified",
  "order_to_correct",
  "case_filed_for_penalty",
  "exempt",
  "observation_period",
  "false_alarm",
  "report_untrue",
] as const;
const VISITS = new Set(["on_site", "verification", "follow_up"]);

/** What was filled in, without what was left empty or is not asked for. */
export function filled(act: Act, values: Values): Values {
  return Object.fromEntries(
    act.fields
      .filter((field) => field.shown?.(values) ?? true)
      .map((field): [string, Values[string]] => [field.name, trimmed(values[field.name])])
      .filter(
        ([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0),
      ),
  );
}

function trimmed(value: Values[string]): Values[string] {
  return typeof value === "string" ? value.trim() : value;
}

/** The fields that must be filled and are not. */
export function missing(act: Act, values: Values): string[] {
  const given = filled(act, values);
  const shown = act.fields.filter((field) => field.shown?.(values) ?? true);
  const required = shown.filter((field) =>
    typeof field.required === "function" ? field.required(values) : field.required === true,
  );
  return [
    ...required.filter((field) => given[field.name] === undefined),
    ...shown.filter((field) => field.kind === "team" && isHalf(given[field.name])),
  ].map((field) => field.name);
}

/** Whether a team lacks one of its two officers. */
function isHalf(team: Values[string]): boolean {
  return Array.isArray(team) && team.some((officer) => officer === "");
}

function outcomeIs(outcome: string): (values: Values) => boolean {
  return (values) => values.outcome === outcome;
}

const AS_GIVEN = (values: Values): Record<string, unknown> => values;

function caseAct(found: CaseAnswer, name: string, fields: readonly Field[], more: Partial<Act> = {}): Act {
  return {
    name,
    path: `/dispatch/v1/cases/${found.case_id}/${name}`,
    fields,
    onCase: true,
    body: AS_GIVEN,
    ...more,
  };
}

const FORMS: Record<string, (found: CaseAnswer) => Act> = {
  approve: (found) =>
    caseAct(
      found,
      "approve",
      VISITS.has(found.kind)
        ? [
            { name: "outcome", kind: "choice", options: OUTCOMES },
            { name: "correct_by", kind: "day", shown: outcomeIs("order_to_correct"), required: true },
            { name: "observe_until", kind: "day", shown: outcomeIs("observation_period"), required: true },
            { name: "legal_basis", kind: "short", shown: outcomeIs("exempt"), required: true },
            { name: "file_number", kind: "short", shown: outcomeIs("case_filed_for_penalty") },
            { name: "comment", kind: "long" },
          ]
        : [{ name: "comment", kind: "long" }],
      { tone: "primary" },
    ),
  return: (found) => caseAct(found, "return", [REASON]),
  reassign: (found) => caseAct(found, "reassign", [{ name: "team", kind: "team" }, REASON, CALL_IN]),
  "hand-over": (found) =>
    caseAct(found, "hand-over", [
      { name: "leaving", kind: "member", required: true },
      { name: "to", kind: "officer", required: true },
      REASON,
      CALL_IN,
    ]),
  transfer: (found) => caseAct(found, "transfer", [{ name: "station", kind: "station" }, REASON]),
  suspend: (found) => caseAct(found, "suspend", [REASON], { tone: "danger" }),
  resume: (found) => caseAct(found, "resume", [REASON], { tone: "primary" }),
  unmerge: (found) => caseAct(found, "unmerge", [REASON]),
  reopen: (found) => caseAct(found, "reopen", [REASON]),
};

const FIRST = ["approve", "return", "resume", "reassign", "hand-over", "presence", "file-number"];

/** What the office may do with the case now, the likeliest first. An officer's own steps are taken in the field. */
export function actsOfCase(found: CaseAnswer, role: string): Act[] {
  if (!may(role, scope.approveCase)) {
    return found.allowed.includes("hand-over") && role === "officer" ? [handOverOwn(found)] : [];
  }
  const acts = found.allowed.flatMap((action) => FORMS[action]?.(found) ?? []);
  if (VISITS.has(found.kind) && ["on_site", "returned", "reported"].includes(found.state)) {
    acts.push(
      caseAct(found, "presence", [
        { name: "officers", kind: "members", required: true },
        { name: "arrived_at", kind: "moment", required: true },
        {
          name: "ground",
          kind: "choice",
          options: ["device_lost", "device_failed", "no_network", "other"],
          required: true,
        },
        REASON,
      ]),
    );
  }
  if (found.outcome === "case_filed_for_penalty") {
    acts.push(
      caseAct(found, "file-number", [
        { name: "file_number", kind: "short", required: true },
        { ...REASON, required: found.file_number != null },
      ]),
    );
  }
  const place = (act: Act): number => (FIRST.indexOf(act.name) + FIRST.length + 1) % (FIRST.length + 1);
  return acts.sort((one, other) => place(one) - place(other));
}

function handOverOwn(found: CaseAnswer): Act {
  return caseAct(found, "hand-over", [{ name: "to", kind: "officer", required: true }, REASON]);
}

/** What may be proposed about a clock. */
export function actsOfDeadline(deadline: DeadlineWithSteps, role: string): Act[] {
  if (!may(role, scope.extendDeadline) || deadline.closed_at != null) return [];
  const act = (name: string, fields: Field[], body: Act["body"] = AS_GIVEN): Act => ({
    name,
    path: `/watch/v1/deadlines/${deadline.deadline_id}/${name}`,
    fields,
    proposes: true,
    body,
  });
  if (deadline.paused_at != null) return [{ ...act("resume", [REASON]), name: "resume-clock" }];
  if (!["open", "warned"].includes(deadline.state)) return [];
  return [
    act(
      "extend",
      [
        { name: "unit", kind: "choice", options: ["working_days", "hours"], required: true },
        { name: "amount", kind: "number", required: true },
        GROUND,
        REASON,
      ],
      ({ unit, amount, ...rest }) => ({ ...rest, [String(unit)]: Number(amount) }),
    ),
    act("pause", [GROUND, REASON]),
  ];
}

const GROUNDS = ["calibration", "platform_fault", "equipment_fault", "data_error", "other"] as const;

/** What may be proposed about an alert, and the confirmation of a held one, for which one person suffices. */
export function actsOfAlert(alert: AlertAnswer, role: string): Act[] {
  if (!may(role, scope.dismissAlert) || alert.dismissed_at != null) return [];
  const act = (name: string, fields: Field[], more: Partial<Act> = {}): Act => ({
    name,
    path: `/ingest/v1/alerts/${alert.alert_id}/${name}`,
    fields,
    proposes: true,
    body: AS_GIVEN,
    ...more,
  });
  const why: Field[] = [{ name: "ground", kind: "choice", options: GROUNDS, required: true }, REASON];
  const acts = [act("dismiss", why, { tone: "danger" })];
  if (alert.level !== "white") {
    const lower = alert.level === "red" ? ["yellow", "white"] : ["white"];
    acts.unshift(
      act("downgrade", [{ name: "level", kind: "choice", options: lower, required: true }, ...why]),
    );
  }
  if (alert.held_since != null && may(role, scope.confirmAlert)) {
    acts.unshift({ ...act("confirm", [REASON], { tone: "primary", proposes: false }), name: "confirm-held" });
  }
  return acts;
}

/** The record that a person gave a notice by phone, on paper or in person. */
export function deliveryOf(noticeId: string): Act {
  return {
    name: "delivery",
    path: `/dispatch/v1/notices/${noticeId}/delivery`,
    fields: [
      { name: "means", kind: "choice", options: ["phone", "paper", "in_person"], required: true },
      { name: "at", kind: "moment", required: true },
      { name: "received_by", kind: "short", required: true },
      { name: "witness", kind: "short", required: true },
      { name: "remark", kind: "long" },
    ],
    tone: "primary",
    body: AS_GIVEN,
  };
}

const PREFIX: Record<string, string> = {
  alert_ingest: "/ingest",
  dispatcher: "/dispatch",
  deadline_watch: "/watch",
};

export interface OpenProposal {
  proposal_id: string;
  service: string;
  state: string;
  proposed_by: string;
  proposed_role: string;
}

/** What a person may say to a proposal: withdraw an own one, decide on another's. */
export function actsOfProposal(proposal: OpenProposal, role: string, subject: string): Act[] {
  if (proposal.state !== "open") return [];
  const base = `${PREFIX[proposal.service] ?? ""}/v1/proposals/${proposal.proposal_id}`;
  const act = (name: string, required: boolean, tone?: Act["tone"]): Act => ({
    name: `${name}-proposal`,
    path: `${base}/${name}`,
    fields: [{ ...REASON, required }],
    ...(tone === undefined ? {} : { tone }),
    body: AS_GIVEN,
  });
  if (proposal.proposed_by === subject && proposal.proposed_role === role) return [act("withdraw", false)];
  return may(role, scope.confirmProposal)
    ? [act("confirm", false, "primary"), act("reject", true, "danger")]
    : [];
}
