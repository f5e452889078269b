import { DayInput } from "@shared/parts";
import { TextArea } from "antd-mobile";
import { useId } from "react";
import { isTooLong, LONGEST, lengthOf } from "./length";
import { usePartWords } from "./words";

interface TextFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  rows?: number;
  /** How many characters it may have: what is longer is said at once, for it would be refused much later. */
  longest?: number;
  /** Why it is not taken as it is. */
  fault?: string | undefined;
}

/** A text of several lines that grows with what is written. */
export function TextField({
  label,
  value,
  onChange,
  placeholder,
  rows = 3,
  longest = LONGEST,
  fault: given,
}: TextFieldProps) {
  const id = useId();
  const fault = useTooLong(label, value, longest) ?? given;
  return (
    <div className={fault ? "field-field field-field-wrong" : "field-field"}>
      <label htmlFor={id}>{label}</label>
      <TextArea
        id={id}
        className="field-textarea"
        value={value}
        onChange={onChange}
        placeholder={placeholder ?? ""}
        autoSize={{ minRows: rows, maxRows: 12 }}
      />
      {fault && <Fault>{fault}</Fault>}
    </div>
  );
}

type LineFieldProps = Omit<TextFieldProps, "rows">;

/** One line. */
export function LineField({
  label,
  value,
  onChange,
  placeholder,
  longest = LONGEST,
  fault: given,
}: LineFieldProps) {
  const id = useId();
  const fault = useTooLong(label, value, longest) ?? given;
  return (
    <div className={fault ? "field-field field-field-wrong" : "field-field"}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="field-input"
        value={value}
        placeholder={placeholder}
        aria-invalid={fault !== undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {fault && <Fault>{fault}</Fault>}
    </div>
  );
}

interface DayFieldProps extends Omit<LineFieldProps, "placeholder" | "longest"> {
  min: string;
  max: string;
}

/** A day in Shanghai, written or by the device's own picker. */
export function DayField({ label, value, onChange, fault, min, max }: DayFieldProps) {
  const id = useId();
  return (
    <div className={fault ? "field-field field-field-wrong" : "field-field"}>
      <label htmlFor={id}>{label}</label>
      <DayInput id={id} className="field-input" value={value} onChange={onChange} min={min} max={max} />
      {fault && <Fault>{fault}</Fault>}
    </div>
  );
}

function useTooLong(label: string, value: string, longest: number): string | undefined {
  const t = usePartWords();
  return isTooLong(value, longest)
    ? t("tooLong", { label, most: longest, count: lengthOf(value) })
    : undefined;
}

export function Fault({ children }: { children: string }) {
  return (
    <p className="field-fault" role="alert">
      {children}
    </p>
  );
}
