import { useLanguage } from "@shared/language";
import type { Language } from "@shared/language/language";
import { type InputHTMLAttributes, useEffect, useId, useRef, useState } from "react";
import { dayShown, dayWritten, momentShown, momentWritten } from "./days";
import { usePartWords } from "./words";

interface WhenProps
  extends Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange" | "type" | "min" | "max"> {
  /** `2026-11-29`, or `2026-11-29T10:30`, in Shanghai; or empty. */
  value: string;
  onChange: (value: string) => void;
  min?: string | undefined;
  /** Or what says it when it is asked: now is another minute when the form is filled in. */
  max?: string | (() => string) | undefined;
  /** Without the zone beside it: in filters, where a day is a day. */
  brief?: boolean;
}

interface Kind {
  type: "date" | "datetime-local";
  shown: (value: string, spoken: Language) => string;
  written: (text: string) => string | null;
  pattern: "dayPattern" | "momentPattern";
}

const DAY: Kind = { type: "date", shown: dayShown, written: dayWritten, pattern: "dayPattern" };
const MOMENT: Kind = {
  type: "datetime-local",
  shown: momentShown,
  written: momentWritten,
  pattern: "momentPattern",
};

/** A day, written or picked. */
export function DayInput(props: WhenProps) {
  return <WhenInput {...props} kind={DAY} />;
}

/** A moment, written or picked: Shanghai's, whatever zone the device is set to, and says so. */
export function MomentInput(props: WhenProps) {
  return <WhenInput {...props} kind={MOMENT} />;
}

/**
 * An input of the browser shows days as the browser's language has them, whatever the page speaks; this one shows them
 * as the page does, and opens the browser's calendar beside it. What cannot be taken is said at the field, and keeps
 * its form from being sent.
 */
function WhenInput({
  value,
  onChange,
  min,
  max: latest,
  name,
  brief,
  kind,
  ...input
}: WhenProps & { kind: Kind }) {
  const max = typeof latest === "function" ? latest() : latest;
  const spoken = useLanguage();
  const t = usePartWords();
  const field = useRef<HTMLInputElement>(null);
  const notes = useId();
  const [writing, setWriting] = useState<string | null>(null);
  const [isLeft, setLeft] = useState(true);
  const faultOf = (written: string | null): string => {
    if (written === null) return t(kind.pattern);
    if (min !== undefined && min !== "" && written < min)
      return t("notBefore", { when: kind.shown(min, spoken) });
    if (max !== undefined && max !== "" && written > max)
      return t("notAfter", { when: kind.shown(max, spoken) });
    return "";
  };
  const isEmpty = writing === null ? value === "" : writing.trim() === "";
  const fault = isEmpty ? "" : faultOf(writing === null ? value : kind.written(writing));
  useEffect(() => field.current?.setCustomValidity(fault), [fault]);
  const write = (text: string): void => {
    setWriting(text);
    const written = text.trim() === "" ? "" : kind.written(text);
    if (written === "" || (written !== null && faultOf(written) === "")) onChange(written);
  };
  return (
    <span className="tc-when">
      <span className="tc-day" data-kind={kind.type}>
        <input
          {...input}
          ref={field}
          type="text"
          inputMode={kind === DAY ? "numeric" : undefined}
          autoComplete="off"
          placeholder={
            spoken === "en"
              ? `yyyy-mm-dd${kind === DAY ? "" : " hh:mm"}`
              : `年-月-日${kind === DAY ? "" : " 时:分"}`
          }
          title={t("zoneHint")}
          aria-describedby={notes}
          value={writing ?? kind.shown(value, spoken)}
          aria-invalid={input["aria-invalid"] ?? (fault !== "" || undefined)}
          // What is shown can be read as it is: were it written otherwise on focus, what the Tab key selected would be lost.
          onFocus={() => setLeft(false)}
          onChange={({ target }) => write(target.value)}
          onBlur={() => {
            setLeft(true);
            if (fault === "") setWriting(null);
          }}
        />
        <input
          type={kind.type}
          className="tc-day-calendar"
          aria-hidden="true"
          tabIndex={-1}
          min={min}
          max={max}
          value={value}
          onChange={({ target }) => {
            setWriting(null);
            onChange(target.value);
          }}
        />
        {name !== undefined && <input type="hidden" name={name} value={value} />}
      </span>
      <span id={notes} className="tc-when-notes">
        {brief !== true && <small className="tc-quiet">{t("zone")}</small>}
        {fault !== "" && isLeft && (
          <small className="tc-fault" role="alert">
            {fault}
          </small>
        )}
      </span>
    </span>
  );
}
