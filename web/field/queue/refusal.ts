/** A refusal in the words of whoever reads it: a field is called as its form calls it. Pure. */

/** Each field that a part of the sentence begins with, such as `matters.0.findings：…`. */
const FIELD = /(^|；|; )((?:\w+\.)*(\w+))(?=[:：])/g;

export function withNames(detail: string, nameOf: (field: string) => string | undefined): string {
  return detail.replace(
    FIELD,
    (_, before: string, path: string, field: string) => before + (nameOf(field) ?? path),
  );
}
