import { isRole, type Role } from "@shared/words";
import { useSyncExternalStore } from "react";

/** Who is signed in, as their token says; what the services call them comes from `useMe`. */
export interface Person {
  role: Role;
  subject: string;
  station: string | undefined;
  /** Codes of the enterprises that they answer for. */
  enterprises: string[];
}

export interface Session {
  token: string;
  person: Person;
  /** Seconds since 1970, as the issuer wrote it. */
  endsAt: number;
  /** Refused or past its end: what is on the screen stays, and nothing more is answered until they sign in again. */
  ended: boolean;
}

const KEY = "tricolor.session";
const listeners = new Set<() => void>();
let current: Session | undefined = stored();

/** The session of this browser: one for all apps and tabs. */
export const session = {
  get: (): Session | undefined => current,
  token: (): string | undefined => current?.token,
  /** Sign in with a token. Throws where it cannot be read. */
  begin(token: string): Session {
    const begun = sessionOf(token);
    localStorage.setItem(KEY, token);
    set(begun);
    return begun;
  },
  /** A service refused this token. Another one may be in force meanwhile. */
  ended(token: string): void {
    if (current?.token === token && !current.ended) set({ ...current, ended: true });
  },
  /** Forget who was signed in. This page still knows: it is to be left at once. */
  forget(): void {
    localStorage.removeItem(KEY);
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** The session, and whatever becomes of it. */
export function useSession(): Session | undefined {
  return useSyncExternalStore(session.subscribe, session.get);
}

/** Where one signs in, and comes back from to `to`, an address of these apps. */
export function signInAddress(to: string): string {
  return `/sign-in?to=${encodeURIComponent(to)}`;
}

/** What a token says of its holder. Throws where it is none of ours. */
export function sessionOf(token: string): Session {
  const claims = claimsOf(token);
  const ours = claims.tricolor as Record<string, unknown> | undefined;
  const role = ours?.role;
  if (!isRole(role)) throw new Error("the token names no role");
  const codes = [ours?.enterprise, ...(Array.isArray(ours?.enterprises) ? ours.enterprises : [])];
  const named = codes.filter((code): code is string => typeof code === "string");
  const subject = String(claims.sub);
  return {
    token,
    person: {
      role,
      subject,
      station: typeof ours?.station === "string" ? ours.station : undefined,
      // As the services read it: who is of one enterprise and does not name it is called by its code.
      enterprises: role === "enterprise" && named.length === 0 ? [subject] : [...new Set(named)],
    },
    endsAt: Number(claims.exp),
    ended: false,
  };
}

function claimsOf(token: string): Record<string, unknown> {
  const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

function stored(): Session | undefined {
  try {
    const token = localStorage.getItem(KEY);
    return token === null ? undefined : sessionOf(token);
  } catch {
    return undefined; // no storage, or what is in it is no token
  }
}

function set(next: Session | undefined): void {
  current = next;
  for (const listener of listeners) listener();
}

if (typeof window !== "undefined") {
  window.addEventListener("storage", (event) => {
    if (event.key === KEY && event.newValue !== (current?.token ?? null)) set(stored());
  });
  // Led back to by the browser's button, a page shows what it was: whoever signed out meanwhile is not there any more.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) set(stored());
  });
}
