import { TextArea } from "antd-mobile";
import { useId } from "react";

interface TextFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  rows?: number;
  /** Why it is not taken as it is. */
  fault?: string | undefined;
}

/** A text of several lines that grows with what is written. */
export function TextField({ label, value, onChange, placeholder, rows = 3, fault }: TextFieldProps) {
  const id = useId();
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

interface LineFieldProps extends Omit<TextFieldProps, "rows"> {
  type?: "text" | "date";
  min?: string;
  max?: string;
}

/** One line, or a day by the device's own picker. */
export function LineField({ label, value, onChange, placeholder, fault, ...input }: LineFieldProps) {
  const id = useId();
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
        {...input}
      />
      {fault && <Fault>{fault}</Fault>}
    </div>
  );
}

export function Fault({ children }: { children: string }) {
  return (
    <p className="field-fault" role="alert">
      {children}
    </p>
  );
}
