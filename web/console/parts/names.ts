interface Named {
  code: string;
  name: string;
}

/** What an officer is called among their colleagues: with the code where two of them have one name. */
export function nameAmong(officers: readonly Named[], code: string): string {
  const name = officers.find((one) => one.code === code)?.name;
  if (name === undefined) return code;
  return officers.some((one) => one.name === name && one.code !== code) ? `${name} ${code}` : name;
}
