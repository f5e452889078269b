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

/** Whether the identity provider has just sent one back. */
export function comesBack(search = window.location.search): boolean {
  const query = new URLSearchParams(search);
  return query.has("state") && (query.has("code") || query.has("error"));
}
