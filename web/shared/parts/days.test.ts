import { expect, test } from "vitest";
import { dayShown, dayWritten, momentShown, momentWritten } from "./days";

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

test("a moment is read however it is written, and nothing else is", () => {
  for (const text of ["2026-11-29T09:05", "2026-11-29 9:05", "2026年11月29日 09：05", "2026/11/29  9时5分"])
    expect(momentWritten(text)).toBe("2026-11-29T09:05");
  for (const text of ["", "2026-11-29", "2026-11-29 24:00", "2026-02-30 10:00", "10:00"])
    expect(momentWritten(text)).toBeNull();
});

test("a moment is shown in the language of the screen", () => {
  expect(momentShown("2026-02-03T09:05", "zh-CN")).toBe("2026年2月3日 09:05");
  expect(momentShown("2026-02-03T09:05", "en")).toBe("2026-02-03 09:05");
  expect(momentShown("", "en")).toBe("");
});
