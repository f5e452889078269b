import { expect, test } from "vitest";
import { percent, shareText } from "./share";

test("a share is rounded, and never up to all of it", () => {
  expect([22 / 29, 24 / 29, 26 / 27, 3 / 7].map(percent)).toEqual(["75.9", "82.8", "96.3", "42.9"]);
  expect(percent(0.9999)).toBe("99.9");
  expect(percent(1)).toBe("100");
});

test("of nothing there is no share", () => {
  expect(shareText(null)).toBe("–");
  expect(shareText(0)).toBe("0.0 %");
});
