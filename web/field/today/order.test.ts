import { expect, test } from "vitest";
import { claimedTime, minutesOff, shanghaiDay } from "../parts/device_time";
import { answerOf } from "../review/answer";
import { byUrgency, type Due } from "./order";

const one = (id: string, due: string | null, matters: Due["matters"] = []) => ({
  id,
  due_at: due,
  due_text: null,
  matters,
});

test("what is due first stands first, also by a matter that joined", () => {
  const assignments = [
    one("none", null),
    one("late", "2026-03-09T00:00:00+08:00"),
    one("joined", "2026-03-20T00:00:00+08:00", [
      { planned_until: "2026-03-31" },
      { due_at: "2026-03-03T00:00:00+08:00", due_text: null },
    ]),
    one("reported", "2026-03-01T00:00:00+08:00"),
  ];
  const { mine, waiting } = byUrgency(assignments, ({ id }) => id !== "reported");
  expect(mine.map((item) => item.id)).toEqual(["joined", "late", "none"]);
  expect(waiting.map((item) => item.id)).toEqual(["reported"]);
});

test("the device's time is claimed at +08:00, whatever its zone", () => {
  const instant = Date.parse("2026-03-01T16:30:00Z");
  expect(claimedTime(instant)).toBe("2026-03-02T00:30:00+08:00");
  expect(shanghaiDay(instant)).toBe("2026-03-02");
});

test("a clock that is wrong by an hour is told of, one wrong by a minute is not", () => {
  expect(minutesOff(3_600_000, 0)).toBe(60);
  expect(minutesOff(0, 3_600_000)).toBe(-60);
  expect(minutesOff(60_000, 0)).toBe(0);
});

test("the review's answer is the last that was said", () => {
  const entry = (type: string, reason: string | null = null) => ({
    type: `cn.tricolor.case.${type}.v1`,
    at: "2026-03-02T10:00:00+08:00",
    reason,
    actor_subject: "chief",
  });
  expect(answerOf([entry("arrived")])).toBeNull();
  expect(answerOf([entry("feedback_submitted")])?.verdict).toBe("waiting");
  const returned = [entry("feedback_submitted"), entry("returned", "缺采样照片"), entry("attachment_added")];
  expect(answerOf(returned)).toMatchObject({ verdict: "returned", reason: "缺采样照片", returns: 1 });
  expect(answerOf([...returned, entry("feedback_submitted")])).toMatchObject({
    verdict: "waiting",
    returns: 1,
  });
});
