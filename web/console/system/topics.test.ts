import { expect, test } from "vitest";
import { type Partition, topicsOf } from "./topics";

const partition = (topic: string, lag_seconds: number, more: Partial<Partition> = {}): Partition => ({
  topic,
  partition: 0,
  position: 10,
  waiting: 2,
  lag_seconds,
  last_event_at: "2026-03-02T09:00:00+08:00",
  is_current: true,
  ...more,
});

test("a topic is as far behind as its slowest partition, and waits for all of them", () => {
  const [cases, alerts] = topicsOf([
    partition("cases", 1),
    partition("cases", 4, { last_event_at: "2026-03-02T10:00:00+08:00" }),
    partition("alerts", 1),
    partition("alerts", 0, { is_current: false, last_event_at: null }),
  ]);
  expect(cases).toEqual({ topic: "cases", waiting: 4, lag: 4, last: "2026-03-02T10:00:00+08:00" });
  expect(alerts).toEqual({ topic: "alerts", waiting: 4, lag: null, last: "2026-03-02T09:00:00+08:00" });
});
