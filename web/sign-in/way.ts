import { homeOf } from "@shared/session/SignedIn";
import type { Role } from "@shared/words";

/** The address that one wanted before one was led here: one of these apps and of no other host. */
export function wanted(search = window.location.search): string | undefined {
  return own(new URLSearchParams(search).get("to"));
}

/** `to` if it is an address within these apps. */
export function own(to: string | null | undefined): string | undefined {
  if (to == null || !to.startsWith("/") || to.startsWith("/sign-in")) return undefined;
  const base = "http://ours.invalid";
  const address = new URL(to, base);
  return address.origin === base ? address.pathname + address.search + address.hash : undefined;
}

/** Where one of `role` goes on: to what was wanted, unless that is in an app which is not theirs. */
export function onwards(to: string | undefined, role: Role): string {
  const home = homeOf(role);
  if (to === undefined) return home;
  const isOfEnterprises = appOf(to) === "enterprise";
  const isOfOfficers = appOf(to) === "field";
  return isOfEnterprises !== (role === "enterprise") || (isOfOfficers && role !== "officer") ? home : to;
}

function appOf(address: string): string {
  return address.split(/[/?#]/, 2)[1] ?? "";
}

/** Whether the identity provider has just sent one back. */
export function comesBack(search = window.location.search): boolean {
  const query = new URLSearchParams(search);
  return query.has("state") && (query.has("code") || query.has("error"));
}
