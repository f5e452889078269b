import { expect, test, vi } from "vitest";
import { heard, serverNow } from "./clock";

test("the services' clock goes on at its pace, whatever the device's clock says", () => {
  vi.useFakeTimers({ toFake: ["performance", "Date"] });
  heard("2026-11-29T09:00:00+08:00", 60);
  vi.advanceTimersByTime(1000);
  vi.setSystemTime(new Date("2026-11-29T23:00:00+08:00"));
  expect(new Date(serverNow()).toISOString()).toBe("2026-11-29T01:01:00.000Z");
  vi.useRealTimers();
});

test("half of the way there and back is made good", () => {
  vi.useFakeTimers({ toFake: ["performance", "Date"] });
  const askedAt = performance.now();
  vi.advanceTimersByTime(400);
  heard("2026-11-29T09:00:00+08:00", 1, askedAt);
  expect(serverNow()).toBe(Date.parse("2026-11-29T09:00:00.200+08:00"));
  vi.useRealTimers();
});
