import type { DeadlineWithSteps } from "@shared/api/generated/watch";

type Clock = Pick<DeadlineWithSteps, "answered_at" | "closed_at" | "missed_at" | "state">;
type Step = Pick<DeadlineWithSteps["steps"][number], "action" | "done_at">;

/** Why a step that came due asked nothing of anybody: the word for it, as the clock's record shows. */
export function whyVoid(step: Step, clock: Clock) {
  const before = (at: string | null | undefined) =>
    at != null && step.done_at != null && Date.parse(at) <= Date.parse(step.done_at);
  if (before(clock.answered_at)) return "voidAnswered" as const;
  if (before(clock.closed_at)) return "voidClosed" as const;
  if (step.action === "warn" && before(clock.missed_at)) return "voidPast" as const;
  // Of a clock that is not overdue any more, as after an extension, nobody need have acted.
  if (step.action === "escalate" && clock.state === "overdue" && before(clock.missed_at))
    return "voidActed" as const;
  return "void" as const;
}
