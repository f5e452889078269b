import { expect, test } from "vitest";
import { remaining } from "./remaining";

const at = (text: string) => Date.parse(`${text}+08:00`);

test("what is left of a deadline, to the second", () => {
  const due = at("2026-11-30T00:00:00");
  expect(remaining(due, at("2026-11-27T20:58:57"))).toEqual({
    overdue: false,
    days: 2,
    hours: 3,
    minutes: 1,
    seconds: 3,
    pressing: false,
  });
  expect(remaining(due, due - 1000)).toMatchObject({ overdue: false, seconds: 1, pressing: true });
});

test("at its instant a deadline has passed, and how long ago is counted on", () => {
  const due = at("2026-11-30T00:00:00");
  expect(remaining(due, due)).toMatchObject({ overdue: true, seconds: 0, pressing: true });
  expect(remaining(due, due + 90_061_000)).toMatchObject({
    overdue: true,
    days: 1,
    hours: 1,
    minutes: 1,
    seconds: 1,
  });
});
