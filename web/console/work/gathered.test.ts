import type { WorkItem } from "@shared/api/console";
import { expect, test } from "vitest";
import { gathered, withoutName } from "./gathered";

const item = (kind: WorkItem["kind"], case_id: string, recipient: string | null): WorkItem =>
  ({ kind, case_id, recipient, subject: "甲厂", title: { zh: "", en: "" } }) as WorkItem;

test("notices of one case that did not arrive stand in one line, everybody named once", () => {
  const lines = gathered([
    item("review", "a", null),
    item("undelivered", "a", "li"),
    item("undelivered", "b", "li"),
    item("undelivered", "a", "wang"),
    item("undelivered", "a", "li"),
  ]);
  expect(lines.map((line) => [line.item.kind, line.item.case_id, line.recipients])).toEqual([
    ["review", "a", []],
    ["undelivered", "a", ["li", "wang"]],
    ["undelivered", "b", ["li"]],
  ]);
});

test("a name is not said twice", () => {
  expect(withoutName("甲厂：反馈待审核", "甲厂")).toBe("反馈待审核");
  expect(withoutName("Factory A: a report waits", "Factory A")).toBe("a report waits");
  expect(withoutName("延长时限", "甲厂")).toBe("延长时限");
});
