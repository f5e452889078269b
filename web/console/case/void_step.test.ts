import { expect, test } from "vitest";
import { whyVoid } from "./void_step";

const NONE = { answered_at: null, closed_at: null, missed_at: null, state: "overdue" as const };
const AT = "2026-03-02T15:00:00+08:00";
const EARLIER = "2026-03-02T14:00:00+08:00";

test("what had been answered, or was over, needed no step", () => {
  const step = { action: "miss", done_at: AT };
  expect(whyVoid(step, { ...NONE, answered_at: EARLIER, closed_at: EARLIER })).toBe("voidAnswered");
  expect(whyVoid(step, { ...NONE, closed_at: EARLIER })).toBe("voidClosed");
  expect(whyVoid(step, { ...NONE, answered_at: "2026-03-02T16:00:00+08:00" })).toBe("void");
});

test("a warning that comes after the miss says nothing more, and a rung is not climbed where somebody acted", () => {
  expect(whyVoid({ action: "warn", done_at: AT }, { ...NONE, missed_at: EARLIER })).toBe("voidPast");
  expect(whyVoid({ action: "escalate", done_at: AT }, { ...NONE, missed_at: EARLIER })).toBe("voidActed");
});

test("nobody is said to have acted where the deadline was extended after its miss", () => {
  const extended = { ...NONE, missed_at: EARLIER, state: "open" as const };
  expect(whyVoid({ action: "escalate", done_at: AT }, extended)).toBe("void");
});
