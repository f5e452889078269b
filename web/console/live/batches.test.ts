import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Batches } from "./batches";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the first event is handed on at once, a flood together", () => {
  const taken: number[] = [];
  const batches = new Batches(
    700,
    (events) => taken.push(events.get("case")?.length ?? 0),
    () => Date.now(),
  );
  batches.add("case", 1);
  vi.advanceTimersByTime(1);
  expect(taken).toEqual([1]);
  for (let count = 0; count < 50; count += 1) batches.add("case", count);
  vi.advanceTimersByTime(600);
  expect(taken).toEqual([1]);
  vi.advanceTimersByTime(100);
  expect(taken).toEqual([1, 50]);
});
