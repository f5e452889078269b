import styles from "./list.module.css";

interface Chips<Option extends string> {
  label: string;
  options: readonly (readonly [Option, string])[];
  chosen: readonly Option[] | undefined;
  choose: (chosen: Option[] | undefined) => void;
}

/** Several of a few values of a filter; none chosen means all. */
export function Chips<Option extends string>({ label, options, chosen = [], choose }: Chips<Option>) {
  const toggle = (option: Option): void => {
    const next = chosen.includes(option) ? chosen.filter((one) => one !== option) : [...chosen, option];
    choose(next.length === 0 ? undefined : next);
  };
  return (
    <fieldset className={styles.chips} aria-label={label}>
      {options.map(([option, name]) => (
        <button
          key={option}
          type="button"
          className={styles.chip}
          aria-pressed={chosen.includes(option)}
          onClick={() => toggle(option)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
