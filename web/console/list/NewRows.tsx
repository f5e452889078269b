import { useUnseen } from "../live/Live";
import styles from "./list.module.css";
import { useListWords } from "./words";

/** Says that something came that the list does not show; it does not jump under one's hand. */
export function NewRows({ kind, refresh }: { kind: "cases" | "alerts"; refresh: () => void }) {
  const { count, seen } = useUnseen(kind);
  const t = useListWords();
  return (
    <div role="status">
      {count > 0 && (
        <button
          type="button"
          className={styles.fresh}
          onClick={() => {
            seen();
            refresh();
          }}
        >
          {t("changed", { count })} · <u>{t("show")}</u>
        </button>
      )}
    </div>
  );
}
