import { expect, test } from "vitest";
import { comesBack, onwards, own, wanted } from "./way";

test("one is led back to where one was", () => {
  expect(wanted("?to=%2Fcases%3Flevel%3Dred%23x")).toBe("/cases?level=red#x");
});

test.each([
  null,
  "",
  "cases",
  "//evil.example/x",
  "/\\evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  "/sign-in?to=/",
])("never to another host, nor round in circles: %s", (to) => {
  expect(own(to)).toBeUndefined();
});

test("everybody goes on in an app of their own", () => {
  expect(onwards("/board", "enterprise")).toBe("/enterprise");
  expect(onwards("/enterprise/cases/1", "section")).toBe("/");
  expect(onwards("/field", "station_chief")).toBe("/");
  expect(onwards("/cases?level=red", "officer")).toBe("/cases?level=red");
  expect(onwards("/enterprise/cases/1?x=1", "enterprise")).toBe("/enterprise/cases/1?x=1");
  expect(onwards(undefined, "officer")).toBe("/field");
});

test("the identity provider's answer is known by its state", () => {
  expect(comesBack("?code=1&state=2")).toBe(true);
  expect(comesBack("?error=access_denied&state=2")).toBe(true);
  expect(comesBack("?code=1")).toBe(false);
});
