import { expect, test } from "vitest";
import { isTooLong, LONGEST, LONGEST_CODE } from "./length";

test("a text is as long as the server counts it", () => {
  expect(isTooLong(` ${"查".repeat(LONGEST)}\n`)).toBe(false);
  expect(isTooLong("查".repeat(LONGEST + 1))).toBe(true);
  expect(isTooLong("𠮷".repeat(LONGEST))).toBe(false);
  expect(isTooLong("1".repeat(LONGEST_CODE + 1), LONGEST_CODE)).toBe(true);
});
