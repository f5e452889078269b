/** How long a text may be; as dispatcher, domain/fields.py has it. Pure. */

export const LONGEST = 10_000;
export const LONGEST_CODE = 64;

/** Its characters as the server counts them: without blanks around it, and a rare character once. */
export function lengthOf(text: string): number {
  return [...text.trim()].length;
}

export function isTooLong(text: string, longest = LONGEST): boolean {
  return lengthOf(text) > longest;
}
