import { expect, test } from "vitest";
import { inputOf, instantOf } from "./moments";

test("a moment is Shanghai's, on any device", () => {
  expect(inputOf(Date.parse("2026-11-29T10:30:59+08:00"))).toBe("2026-11-29T10:30");
  expect(instantOf("2026-11-29T10:30")).toBe("2026-11-29T10:30:00+08:00");
  expect(instantOf("")).toBeUndefined();
});
