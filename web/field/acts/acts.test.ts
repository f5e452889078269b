import { describe, expect, test } from "vitest";
import { afterTaking, isTaken, mayDo, nextOffer, offersNow, type Standing } from "./acts";

const standing = (own: string, at: string = own, offSiteFirst = false): Standing => ({
  own,
  case: at,
  offSiteFirst,
});

describe("what may be done now", () => {
  test.each([
    ["assigned", "assigned", ["accept", "decline"], "accept"],
    ["accepted", "accepted", ["decline", "depart"], "depart"],
    ["en_route", "en_route", ["arrive"], "arrive"],
    ["on_site", "on_site", ["feedback"], "feedback"],
    ["on_site", "reported", [], null],
    ["returned", "returned", ["depart", "arrive", "feedback"], "feedback"],
    ["on_site", "suspended", [], null],
  ])("own %s, case %s", (own, at, able, next) => {
    expect(offersNow(standing(own, at))).toEqual(able);
    expect(nextOffer(standing(own, at))).toBe(next);
  });

  test("the second officer's steps behind the first are still theirs to take", () => {
    expect(offersNow(standing("assigned", "on_site"))).toEqual(["accept", "feedback"]);
    expect(nextOffer(standing("assigned", "on_site"))).toBe("accept");
    expect(nextOffer(standing("en_route", "reported"))).toBe("arrive");
  });

  test("a report without a visit is offered only where the policy has it", () => {
    expect(mayDo(standing("accepted"), "off-site-feedback")).toBe(false);
    expect(mayDo(standing("accepted", "accepted", true), "off-site-feedback")).toBe(true);
  });
});

test("acts that wait to be sent count as done", () => {
  const after = afterTaking(standing("assigned"), [
    { action: "accept" },
    { action: "depart" },
    { action: "arrive" },
  ]);
  expect(after).toMatchObject({ own: "on_site", case: "on_site" });
  expect(afterTaking(after, [{ action: "feedback" }])).toMatchObject({ own: "on_site", case: "reported" });
  expect(offersNow(afterTaking(standing("assigned"), [{ action: "decline" }]))).toEqual([]);
});

test("a case that the colleague has moved further is not moved back", () => {
  expect(afterTaking(standing("assigned", "on_site"), [{ action: "accept" }])).toMatchObject({
    own: "accepted",
    case: "on_site",
  });
});

test("a step is taken already where the officer is beyond it", () => {
  expect(isTaken("depart", "on_site")).toBe(true);
  expect(isTaken("arrive", "en_route")).toBe(false);
  expect(isTaken("feedback", "reported")).toBe(false);
});
