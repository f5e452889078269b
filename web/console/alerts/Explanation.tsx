import type { WholeAlert } from "@shared/api/generated/ingest";
import { figure, foundIn, measured, measuredIn, reasonText, timesOver, unitName } from "@shared/found/found";
import { speak, useLanguage } from "@shared/language";
import type { Bilingual } from "@shared/language/language";
import { LevelTag, Time } from "@shared/parts";
import { type Level, levelName } from "@shared/words";
import type { ReactNode } from "react";
import { sourceText } from "../rules/sources";
import styles from "./alerts.module.css";
import { useBook } from "./book";
import { useAlertsWords } from "./words";

interface Considered extends Bilingual {
  rule: string;
  name: Bilingual;
  level: Level;
}

/** Why an alert has its grade: what was found, the rule, the facts, why nothing stricter, and what is doubtful. */
export function Explanation({ alert, folded = false }: { alert: WholeAlert; folded?: boolean }) {
  const spoken = useLanguage();
  const say = speak(spoken);
  const t = useAlertsWords();
  const book = useBook();
  const { grading, doubts, former } = alert;
  const found = foundIn(alert);
  const values = measuredIn(alert);
  const times = timesOver(values);
  const named = (code: string): string => say(book.rule(code)) || code;
  const claimed = found.category ?? alert.category;
  // The rule that the facts fit by themselves: what raised its grade stands among the reasons.
  const graded = grading.own_rule ?? grading.rule;
  const considered = (grading.considered ?? []) as unknown as Considered[];
  return (
    <div className={styles.explanation}>
      <div className={styles.verdict}>
        <LevelTag level={alert.level} />
        <p>{reasonText(say(grading.reason))}</p>
      </div>
      {values.observed !== null && values.limit !== null && (
        <Measure observed={values.observed} limit={values.limit} unit={unitName(values.unit)} times={times} />
      )}
      <dl className={styles.facts}>
        <Fact name={t(graded === claimed ? "category" : "claimedCategory")}>{named(claimed)}</Fact>
        {graded !== claimed && <Fact name={t("gradedCategory")}>{named(graded)}</Fact>}
        <Fact name={t("outlet")}>
          {[found.outlet?.name, found.outlet?.code, found.outlet?.mn].filter(Boolean).join(" · ") || "—"}
        </Fact>
        <Fact name={t("measured")}>{measured(values, spoken) || "—"}</Fact>
        <Fact name={t("window")}>
          {found.window?.start === undefined ? (
            "—"
          ) : (
            <>
              <Time at={found.window.start} /> – <Time at={found.window.end ?? null} />
            </>
          )}
        </Fact>
        {found.flag !== undefined && found.flag !== "N" && <Fact name={t("flag")}>{found.flag}</Fact>}
        {found.marking?.kind !== undefined && (
          <Fact name={t("marking")}>
            {found.marking.kind}
            {found.marking.reason !== undefined && `：${found.marking.reason}`}
          </Fact>
        )}
        {alert.repeats > 0 && <Fact name={t("repeats")}>{t("repeatsTimes", { count: alert.repeats })}</Fact>}
        {found.note !== undefined && found.note !== "" && <Fact name={t("note")}>{found.note}</Fact>}
      </dl>
      {doubts.length > 0 && (
        <ul className={styles.doubts} aria-label={t("doubts")}>
          {doubts.map((doubt) => (
            <li key={doubt.code}>{say(doubt)}</li>
          ))}
        </ul>
      )}
      <details className={styles.more} open={!folded}>
        <summary>{t("whyThisRule")}</summary>
        <dl className={styles.facts}>
          <Fact name={t("rule")}>
            {say(book.rule(grading.rule)) || grading.rule}
            <span className="tc-quiet"> {t(grading.stated ? "stated" : "inferred")}</span>
          </Fact>
          {grading.upgraded_from != null && (
            <Fact name={t("upgraded")}>
              {t("upgradedFrom", {
                level: levelName(grading.upgraded_from, spoken),
                rule: say(book.rule(grading.own_rule)) || (grading.own_rule ?? ""),
              })}
            </Fact>
          )}
          <Fact name={t("book")}>{grading.rule_book_version}</Fact>
          {grading.source != null && <Fact name={t("source")}>{sourceText(grading.source, spoken)}</Fact>}
        </dl>
        <table className={styles.table}>
          <caption>{t("factsUsed")}</caption>
          <tbody>
            {Object.entries(grading.facts ?? {}).map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{say(book.fact(name)) || name}</th>
                <td>{valueText(value, name, say, [t("yes"), t("no")], (code) => say(book.rule(code)))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
      {considered.length > 0 && (
        <details className={styles.more} open={!folded && considered.length <= 3}>
          <summary>{t("whyNothingStricter", { count: considered.length })}</summary>
          <ul className={styles.considered}>
            {considered.map((one) => (
              <li key={one.rule}>
                <LevelTag level={one.level} brief /> <b>{say(one.name)}</b>
                <span className="tc-quiet"> {say(one)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {former !== undefined && former.length > 0 && (
        <details className={styles.more} open={!folded}>
          <summary>{t("formerGrades", { count: former.length })}</summary>
          <ul className={styles.considered}>
            {former.map((one) => (
              <li key={one.revision}>
                <LevelTag level={one.level} brief /> <Time at={one.issued_at} /> –{" "}
                <Time at={one.superseded_at} />
                <span className="tc-quiet"> {say(one.grading.reason)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** A measured value against its limit, as a bar. */
function Measure({
  observed,
  limit,
  unit,
  times,
}: {
  observed: number;
  limit: number;
  unit: string;
  times: number | null;
}) {
  const t = useAlertsWords();
  const most = Math.max(observed, limit) * 1.08 || 1;
  const share = (value: number): string => `${Math.max(0, Math.min(100, (100 * value) / most))}%`;
  return (
    <div className={styles.measure}>
      <div className={styles.bar} aria-hidden="true">
        <i style={{ width: share(observed) }} data-over={observed > limit} />
        <b style={{ left: share(limit) }} />
      </div>
      <span>
        <b>{figure(observed)}</b> / {figure(limit)} {unit}
        {times !== null && <span className={styles.times}>{t("timesOver", { times })}</span>}
      </span>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const VALUES: Readonly<Record<string, Bilingual>> = {
  gas: { zh: "废气", en: "gas" },
  water: { zh: "废水", en: "water" },
  realtime: { zh: "实时", en: "real time" },
  minute: { zh: "分钟", en: "minute" },
  hour: { zh: "小时", en: "hour" },
  day: { zh: "日", en: "day" },
  month: { zh: "月", en: "month" },
  N: { zh: "N 正常", en: "N normal" },
  F: { zh: "F 停运", en: "F stopped" },
  M: { zh: "M 维护", en: "M maintenance" },
  S: { zh: "S 手工设定", en: "S set by hand" },
  D: { zh: "D 故障", en: "D fault" },
  C: { zh: "C 校准", en: "C calibration" },
  T: { zh: "T 超量程", en: "T over range" },
  B: { zh: "B 通讯异常", en: "B no communication" },
};
/** Facts whose values are words of a closed vocabulary. */
const WORDED = new Set(["medium", "period", "flag"]);

function valueText(
  value: unknown,
  name: string,
  say: Say,
  yesNo: [string, string],
  category: (code: string) => string,
): string {
  if (typeof value === "boolean") return yesNo[value ? 0 : 1];
  if (typeof value === "number") return figure(value);
  const text = String(value);
  if (name === "category") return category(text) || text;
  if (name === "unit") return unitName(text);
  return (WORDED.has(name) && say(VALUES[text])) || text;
}

type Say = (text: Bilingual | null | undefined) => string;
