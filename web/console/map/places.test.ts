import { expect, test } from "vitest";
import { markOf, type Place } from "./places";

const place: Place = {
  of: "enterprise",
  code: "A",
  name: null,
  station: null,
  open: 0,
  overdue: 0,
  red: 0,
  yellow: 0,
  due_at: null,
};

test("what is overdue comes before its colour", () => {
  expect(markOf({ ...place, open: 2, red: 1, overdue: 1 })).toBe("overdue");
  expect(markOf({ ...place, open: 2, red: 1, yellow: 1 })).toBe("red");
  expect(markOf({ ...place, open: 1, yellow: 1 })).toBe("yellow");
  expect(markOf(place)).toBe("quiet");
});
