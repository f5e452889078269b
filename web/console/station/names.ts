import type { Officer } from "@shared/api/generated/dispatcher";

/** What an officer is called among their colleagues: with the code where two of them have one name. */
export function nameAmong(officers: readonly Officer[], code: string): string {
  const name = officers.find((one) => one.code === code)?.name;
  if (name === undefined) return code;
  return officers.filter((one) => one.name === name).length > 1 ? `${name} ${code}` : name;
}
