import { expect, test } from "vitest";
import { dayText, instantText } from "./Time";

test("instants are shown in Shanghai's time", () => {
  expect(instantText("2026-11-29T16:05:00Z", "zh-CN")).toBe("11月30日 00:05");
  expect(instantText("2026-11-29T16:05:00Z", "en")).toBe("30 Nov, 00:05");
  expect(dayText("2026-11-29T16:05:00Z")).toBe("2026-11-30");
});
