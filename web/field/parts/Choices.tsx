import { useId } from "react";

interface ChoicesProps {
  legend: string;
  options: { value: string; label: string; hint?: string }[];
  value: string;
  onChange: (value: string) => void;
}

/** One of a few, each a line to be hit with a thumb. */
export function Choices({ legend, options, value, onChange }: ChoicesProps) {
  const name = useId();
  return (
    <fieldset className="field-choices">
      <legend>{legend}</legend>
      {options.map((option) => (
        <label key={option.value} className="field-choice">
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>
            {option.label}
            {option.hint && <small>{option.hint}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
