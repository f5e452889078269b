import { expect, test } from "vitest";
import { shareText, spanOf } from "./figures";

test("what is not all is never shown as all", () => {
  expect(shareText(0.9999)).toBe("99.9 %");
  expect(shareText(1)).toBe("100 %");
  expect(shareText(null)).toBe("–");
});

test("spans are told in the unit that says most", () => {
  expect(spanOf(90 * 60)).toEqual({ unit: "minutes", count: 90 });
  expect(spanOf(6 * 3600)).toEqual({ unit: "hours", count: 6 });
  expect(spanOf(5 * 86400)).toEqual({ unit: "days", count: 5 });
});
