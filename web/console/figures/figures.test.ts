import { expect, test } from "vitest";
import { spanOf } from "./figures";

test("spans are told in the unit that says most", () => {
  expect(spanOf(90 * 60)).toEqual({ unit: "minutes", count: 90 });
  expect(spanOf(6 * 3600)).toEqual({ unit: "hours", count: 6 });
  expect(spanOf(5 * 86400)).toEqual({ unit: "days", count: 5 });
});
