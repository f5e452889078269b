import { expect, test } from "vitest";
import { dayShown, dayWritten } from "./days";

test("a day is read however it is written, and nothing else is", () => {
  for (const text of ["2026-11-29", "20261129", "2026/11/29", " 2026年11月29日 ", "2026.11.29"])
    expect(dayWritten(text)).toBe("2026-11-29");
  expect(dayWritten("2026-2-3")).toBe("2026-02-03");
  for (const text of ["", "2026-02-30", "11/29/2026", "2026-13-01", "明天"])
    expect(dayWritten(text)).toBeNull();
});

test("a day is shown in the language of the screen, not of the browser", () => {
  expect(dayShown("2026-02-03", "zh-CN")).toBe("2026年2月3日");
  expect(dayShown("2026-02-03", "en")).toBe("2026-02-03");
  expect(dayShown("", "zh-CN")).toBe("");
});
