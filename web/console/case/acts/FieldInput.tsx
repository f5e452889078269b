import { serverNow } from "@shared/clock";
import { instantOf, momentOf } from "@shared/clock/shanghai";
import { DayInput, MomentInput } from "@shared/parts";
import { type ReactNode, useId } from "react";
import styles from "./acts.module.css";
import { Choice, Member, Station } from "./choices";
import type { Common, Input } from "./input";
import { Members, Officer, TeamInput } from "./officers";
import { useActWords, useFieldName } from "./words";

/** One field of a form, with its name and whether it must be filled. */
export function FieldInput(input: Input) {
  const { field, values, isLacking, isFirst } = input;
  const id = useId();
  const t = useActWords();
  const fieldName = useFieldName();
  const isRequired = typeof field.required === "function" ? field.required(values) : field.required === true;
  const common: Common = {
    id,
    "aria-invalid": isLacking || undefined,
    "aria-required": isRequired,
    autoFocus: isFirst,
  };
  const isGroup = field.kind === "team" || field.kind === "members";
  return (
    <div className={styles.field} data-lacking={isLacking}>
      {isGroup ? (
        <span id={id} className={styles.label}>
          {fieldName(field.name)} <small>{t(isRequired ? "required" : "optional")}</small>
        </span>
      ) : (
        <label htmlFor={id} className={styles.label}>
          {fieldName(field.name)} <small>{t(isRequired ? "required" : "optional")}</small>
        </label>
      )}
      {inputOf(input, common)}
    </div>
  );
}

function inputOf(input: Input, common: Common): ReactNode {
  const { field, value, set } = input;
  const written = typeof value === "string" || typeof value === "number" ? String(value) : "";
  switch (field.kind) {
    case "long":
      return (
        <textarea
          {...common}
          rows={3}
          maxLength={2000}
          value={written}
          onChange={({ target }) => set(target.value)}
        />
      );
    case "short":
      return (
        <input {...common} maxLength={200} value={written} onChange={({ target }) => set(target.value)} />
      );
    case "number":
      return (
        <input
          {...common}
          type="number"
          min={1}
          inputMode="numeric"
          value={written}
          onChange={({ target }) => set(target.value === "" ? undefined : Number(target.value))}
        />
      );
    case "day":
      return (
        <DayInput
          {...common}
          min={momentOf(serverNow()).slice(0, 10)}
          value={written}
          onChange={(day) => set(day)}
        />
      );
    case "moment":
      return (
        <MomentInput
          {...common}
          max={() => momentOf(serverNow())}
          value={written.slice(0, 16)}
          onChange={(moment) => set(instantOf(moment))}
        />
      );
    case "choice":
      return <Choice {...input} common={common} />;
    case "station":
      return <Station {...input} common={common} />;
    case "member":
      return <Member {...input} common={common} />;
    case "members":
      return <Members {...input} labelledBy={common.id} />;
    case "officer":
      return <Officer {...input} common={common} />;
    case "team":
      return <TeamInput {...input} labelledBy={common.id} />;
  }
}
