import { expect, test } from "vitest";
import { sessionOf } from "./session";

const token = (claims: object) =>
  `e30.${btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(claims))))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "")}.x`;

test("a token says who its holder is", () => {
  const claims = { sub: "西乡所-01", exp: 1_800_000_000, tricolor: { role: "officer", station: "xixiang" } };
  expect(sessionOf(token(claims))).toMatchObject({
    person: { role: "officer", subject: "西乡所-01", station: "xixiang", enterprises: [] },
    endsAt: 1_800_000_000,
    ended: false,
  });
});

test("whoever is of one enterprise is named by its code", () => {
  const of = (ours: object) => sessionOf(token({ sub: "91A", exp: 1, tricolor: ours })).person.enterprises;
  expect(of({ role: "enterprise" })).toEqual(["91A"]);
  expect(of({ role: "enterprise", enterprise: "91B" })).toEqual(["91B"]);
  expect(of({ role: "enterprise", enterprises: ["91B", "91C"] })).toEqual(["91B", "91C"]);
});

test("what is no token of ours is refused", () => {
  for (const wrong of [
    "",
    "a.b.c",
    token({ sub: "x", exp: 1 }),
    token({ sub: "x", exp: 1, tricolor: { role: "king" } }),
  ])
    expect(() => sessionOf(wrong)).toThrow();
});
