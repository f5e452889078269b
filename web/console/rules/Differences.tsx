import { useLanguage } from "@shared/language";
import { levelName } from "@shared/words";
import { byRule, type Change, isLevel, written } from "./differences";
import styles from "./rules.module.css";
import { useRulesWords } from "./words";

const NAMED = ["level", "when", "source", "response", "stated", "name.zh", "name.en", "policy"] as const;

/** What a book changes in the one before it, rule by rule, from what to what. */
export function Differences({ changes, open = false }: { changes: readonly Change[]; open?: boolean }) {
  const t = useRulesWords();
  const spoken = useLanguage();
  if (changes.length === 0) return null;
  const nameOf = (part: string): string => {
    const known = NAMED.find((one) => one === part);
    return known === undefined ? part : t(known === "when" ? "condition" : known);
  };
  const told = (value: unknown): string => (isLevel(value) ? levelName(value, spoken) : written(value));
  return (
    <details open={open}>
      <summary>{t("changes", { count: changes.length })}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <section className={styles.scroll} tabIndex={0} aria-label={t("differences")}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t("rule")}</th>
              <th scope="col">{t("changed")}</th>
              <th scope="col">{t("before")}</th>
              <th scope="col">{t("after")}</th>
            </tr>
          </thead>
          <tbody>
            {byRule(changes).flatMap(({ of, isRule, parts }) =>
              parts.map(({ name, before, after }, index) => (
                <tr key={`${of} ${name}`}>
                  {index === 0 && (
                    <th scope="row" rowSpan={parts.length}>
                      {isRule ? of : nameOf(of)}
                    </th>
                  )}
                  <td>{name === "" ? t(before === null ? "added" : "removed") : nameOf(name)}</td>
                  <td>{before === null ? "—" : <code className={styles.when}>{told(before)}</code>}</td>
                  <td>{after === null ? "—" : <code className={styles.when}>{told(after)}</code>}</td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      </section>
    </details>
  );
}
