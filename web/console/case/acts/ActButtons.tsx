import type { Act } from "./acts";
import styles from "./acts.module.css";
import { useActName } from "./words";

interface Buttons {
  acts: readonly Act[];
  keys: Readonly<Record<string, string>>;
  start: (act: Act) => void;
  quiet?: boolean;
}

/** The acts that a person may do now, each a button; the first one is the one that the case waits for. */
export function ActButtons({ acts, keys, start, quiet = false }: Buttons) {
  const actName = useActName();
  return acts.map((act) => (
    <button
      key={`${act.name} ${act.path}`}
      type="button"
      className={`tc-button ${act.tone === "primary" && !quiet ? "" : "tc-button-plain"} ${
        act.tone === "danger" ? styles.danger : ""
      }`}
      onClick={() => start(act)}
    >
      {actName(act.name)}
      {act.name in keys && <kbd className={styles.key}>{keys[act.name]}</kbd>}
    </button>
  ));
}
