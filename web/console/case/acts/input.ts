import type { CaseAnswer } from "@shared/api/generated/dispatcher";
import type { Field, Values } from "./acts";

/** What an input of a form is given, whatever kind of field it is of. */
export interface Input {
  field: Field;
  found: CaseAnswer | undefined;
  value: Values[string];
  values: Values;
  isLacking: boolean;
  isFirst: boolean;
  set: (value: Values[string]) => void;
}

/** What every element that takes a value has. */
export interface Common {
  id: string;
  "aria-invalid": boolean | undefined;
  "aria-required": boolean;
  autoFocus: boolean;
}
