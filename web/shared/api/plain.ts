/** What others wrote, so that it reads as it is: no sign in it turns the text beside it round, or hides. */

/** They change the direction of all that follows, in the same line of whoever shows it. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** They have no width: two names that differ by one look alike. Joiners are left: they are part of what is written. */
const UNSEEN = /[\u200b\u2060-\u2064\ufeff]/g;
const EITHER = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;

/** A text whose signs of direction are spelled out, and whose signs without width are gone. */
export function plainText(text: string): string {
  if (!EITHER.test(text)) return text;
  return text
    .replace(TURNING, (sign) => `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`)
    .replace(UNSEEN, "");
}

/** A text without any of these signs: what somebody asks for by an address. */
export function withoutSigns(text: string): string {
  return EITHER.test(text) ? text.replace(TURNING, "").replace(UNSEEN, "") : text;
}

/** The plain text of every text in an answer of the services. */
export function plain<T>(value: T): T {
  return plainValue(value) as T;
}

function plainValue(value: unknown): unknown {
  if (typeof value === "string") return plainText(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plainValue(one)]));
  return value;
}
