import { useLanguage } from "@shared/language";
import { type InputHTMLAttributes, useState } from "react";
import { dayShown, dayWritten } from "./days";

interface DayInputProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange" | "type"> {
  /** `2026-11-29`, or empty. */
  value: string;
  onChange: (day: string) => void;
  min?: string | undefined;
}

/**
 * A day, written or picked. A date input of the browser shows days as the browser's language has them, whatever the
 * page speaks; this one shows them as the page does, and opens the browser's calendar beside it.
 */
export function DayInput({ value, onChange, min, name, ...input }: DayInputProps) {
  const spoken = useLanguage();
  const [writing, setWriting] = useState<string | null>(null);
  const written = writing === null ? null : dayWritten(writing);
  return (
    <span className="tc-day">
      <input
        {...input}
        type="text"
        inputMode="numeric"
        autoComplete="off"
        placeholder={spoken === "en" ? "yyyy-mm-dd" : "年-月-日"}
        value={writing ?? dayShown(value, spoken)}
        aria-invalid={writing !== null && writing.trim() !== "" && written === null ? true : undefined}
        onFocus={() => setWriting(value)}
        onChange={({ target }) => {
          setWriting(target.value);
          const day = target.value.trim() === "" ? "" : dayWritten(target.value);
          if (day !== null && (day === "" || min === undefined || day >= min)) onChange(day);
        }}
        onBlur={() => setWriting(null)}
      />
      <input
        type="date"
        className="tc-day-calendar"
        aria-hidden="true"
        tabIndex={-1}
        min={min}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
      {name !== undefined && <input type="hidden" name={name} value={value} />}
    </span>
  );
}
