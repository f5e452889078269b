import type { ImportAnswer } from "@shared/api/generated/dispatcher";
import { speak, useLanguage } from "@shared/language";
import { useFieldName } from "./field_words";
import styles from "./station.module.css";
import { useStationWords } from "./words";

interface Tried {
  of: ImportAnswer;
  busy: boolean;
  apply: () => void;
  leave: () => void;
}

/** What a sheet would do, row by row: what is wrong with it first, for then it does nothing. */
export function Differences({ of, busy, apply, leave }: Tried) {
  const t = useStationWords();
  const fieldName = useFieldName();
  const say = speak(useLanguage());
  const { counts, errors, changes } = of;
  const removed = of.removed?.items ?? [];
  const isRefused = errors.total > 0;
  const isNothing = changes.length === 0 && removed.length === 0;
  return (
    <div className={styles.tried}>
      <p>
        <b>{t("counts", { ...counts, rows: of.rows })}</b>
        {(of.removed?.total ?? 0) > 0 && ` ${t("removed", { count: of.removed?.total })}`}
      </p>
      {isRefused && (
        <div className="tc-problem" role="alert">
          <strong>{t("refused", { count: errors.total })}</strong>
          <table className={styles.rows}>
            <thead>
              <tr>
                <th scope="col">{t("row")}</th>
                <th scope="col">{t("column")}</th>
                <th scope="col">{t("cell")}</th>
                <th scope="col">{t("wrong")}</th>
              </tr>
            </thead>
            <tbody>
              {errors.items.map((error) => (
                <tr key={`${error.row} ${error.column} ${error.en}`}>
                  <td>{error.row}</td>
                  <td>{error.column ?? "–"}</td>
                  <td>{error.value ?? "–"}</td>
                  <td>{say(error)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {errors.total > errors.items.length && <p>{t("firstOnly", { count: errors.items.length })}</p>}
        </div>
      )}
      {!isNothing && (
        <div className={styles.scroll}>
          <table className={styles.rows}>
            <thead>
              <tr>
                <th scope="col">{t("row")}</th>
                <th scope="col">{t("record")}</th>
                <th scope="col">{t("change")}</th>
              </tr>
            </thead>
            <tbody>
              {changes.map((one) => (
                <tr key={one.row} data-change={one.change}>
                  <td>{one.row}</td>
                  <td>{one.key.join(" · ")}</td>
                  <td>
                    {one.change === "new" && <b className={styles.new}>{t("new")} </b>}
                    {Object.entries(one.fields)
                      .filter(([, [, after]]) => !one.key.includes(String(after)))
                      .map(([name, [before, after]]) => (
                        <span key={name} className={styles.field}>
                          {fieldName(name)} {one.change === "changed" && <del>{told(before)}</del>}{" "}
                          <ins>{told(after)}</ins>
                        </span>
                      ))}
                  </td>
                </tr>
              ))}
              {removed.map((key) => (
                <tr key={key.join(" ")} data-change="removed">
                  <td>–</td>
                  <td>{key.join(" · ")}</td>
                  <td>
                    <b className={styles.gone}>{t("gone")}</b>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {counts.new + counts.changed > changes.length && (
            <p className="tc-quiet">{t("firstOnly", { count: changes.length })}</p>
          )}
        </div>
      )}
      <div className={styles.acts}>
        <button type="button" className="tc-button" disabled={busy || isRefused || isNothing} onClick={apply}>
          {t("apply")}
        </button>
        <button type="button" className="tc-button tc-button-plain" onClick={leave}>
          {t("leaveIt")}
        </button>
        <span className="tc-quiet">{isRefused ? t("mend") : isNothing ? t("nothingChanges") : t("dry")}</span>
      </div>
    </div>
  );
}

function told(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
