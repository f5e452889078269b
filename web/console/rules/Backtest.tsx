import { isProblem } from "@shared/api/problem";
import { serverNow } from "@shared/clock";
import { inShanghai, instantOf } from "@shared/clock/shanghai";
import { speak, useLanguage } from "@shared/language";
import { DayInput, instantText, ProblemNote } from "@shared/parts";
import { LEVELS, levelName } from "@shared/words";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { type Backtested, type BacktestPart, joined } from "./book";
import { post } from "./post";
import styles from "./rules.module.css";
import { useRulesWords } from "./words";

const LISTED = 50;
const FIRST_PART = 1000;
const PARTS = 20;
const BUSY = 429;
const BUSY_MS = 1500;

/** A test that is under way or was left: what it came to so far, and up to when it tests. */
interface Testing {
  until: string;
  found: BacktestPart | null;
}

/** A book tested on the past, part by part: how far it is shows, and it may be stopped and gone on with. */
export function Backtest({ book }: { book: string }) {
  const t = useRulesWords();
  const [since, setSince] = useState("");
  const [testing, setTesting] = useState<Testing | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [isRunning, setRunning] = useState(false);
  const stopping = useRef<AbortController | null>(null);
  // What another book would make of it is another test; so is one of another time.
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are what it is begun anew for
  useEffect(() => {
    setTesting(null);
    setProblem(null);
    return () => stopping.current?.abort();
  }, [book, since]);
  const run = async (from: Testing): Promise<void> => {
    const stop = new AbortController();
    stopping.current = stop;
    setRunning(true);
    setProblem(null);
    setTesting(from);
    let { found } = from;
    try {
      do {
        const left = found?.remaining ?? 0;
        const body = {
          book,
          since: found?.next_since ?? instantOf(`${since}T00:00`),
          until: from.until,
          at_most: Math.max(FIRST_PART, Math.ceil(left / PARTS)),
        };
        found = joined(found, await askPatiently(body, stop.signal));
        if (stop.signal.aborted) break;
        setTesting({ until: from.until, found });
      } while (found.next_since !== null);
    } catch (error) {
      if (!stop.signal.aborted) setProblem(error);
    }
    if (stopping.current === stop) setRunning(false);
  };
  const found = testing?.found ?? null;
  const isPart = found !== null && found.next_since !== null;
  return (
    <div className={styles.step}>
      <label>
        {t("since")}
        <DayInput value={since} onChange={setSince} />
      </label>
      <div className={styles.acts}>
        <button
          type="button"
          className="tc-button tc-button-plain"
          disabled={isRunning || since === ""}
          onClick={() => void run({ until: `${inShanghai(serverNow())}+08:00`, found: null })}
        >
          {t("backtest")}
        </button>
        {isRunning && (
          <button
            type="button"
            className="tc-button tc-button-plain"
            onClick={() => {
              stopping.current?.abort();
              setRunning(false);
            }}
          >
            {t("stop")}
          </button>
        )}
        {!isRunning && testing !== null && (isPart || problem !== null) && (
          <button type="button" className="tc-button tc-button-plain" onClick={() => void run(testing)}>
            {t("goOn")}
          </button>
        )}
      </div>
      {testing !== null && (isRunning || isPart) && <Progress found={found} />}
      {problem !== null && <ProblemNote problem={problem} />}
      {found !== null && <Compared found={found} isPart={isPart} />}
    </div>
  );
}

/** Ask for the next part; while somebody else's is tested, a little later again. */
async function askPatiently(body: unknown, signal: AbortSignal): Promise<BacktestPart> {
  for (;;) {
    try {
      return await post<BacktestPart>("/candidate/backtest", body, {}, signal);
    } catch (error) {
      if (signal.aborted || !isProblem(error) || error.status !== BUSY) throw error;
      await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
    }
  }
}

function Progress({ found }: { found: BacktestPart | null }) {
  const t = useRulesWords();
  if (found === null) return <p role="status">{t("running")}</p>;
  const total = found.alerts + found.remaining;
  return (
    <p role="status" className={styles.progress}>
      <progress max={total} value={found.alerts} aria-label={t("backtest")} />
      {t("progress", { done: found.alerts, total })}
    </p>
  );
}

/** How many alerts of each old level would have which new one, and the alerts that change. */
function Compared({ found, isPart }: { found: Backtested; isPart: boolean }) {
  const t = useRulesWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const after = [...LEVELS, "refused"] as const;
  const name = (level: (typeof after)[number]): string =>
    level === "refused" ? t("refused") : levelName(level, spoken);
  return (
    <div role="status">
      <p>
        {isPart && `${t("soFar")} `}
        {t("compared", { alerts: found.alerts, changed: found.changed })} ·{" "}
        {t("addedVisits", { count: found.added_visits })}
      </p>
      {found.alerts > 0 && (
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t("beforeAfter")}</th>
              {after.map((level) => (
                <th key={level} scope="col">
                  {name(level)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {LEVELS.map((before) => (
              <tr key={before}>
                <th scope="row">{levelName(before, spoken)}</th>
                {after.map((level) => (
                  <td key={level}>{found.table[before][level]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {found.changed_alerts.length > 0 && (
        <ul>
          {found.changed_alerts.slice(0, LISTED).map((one) => (
            <li key={one.alert_id}>
              <Link to="/alerts/$alertId" params={{ alertId: one.alert_id }}>
                {one.enterprise_code}
              </Link>{" "}
              · {instantText(one.occurred_at, spoken, true)} · {levelName(one.before, spoken)} →{" "}
              {name(one.after)}
              {one.rule_name !== null && <span className="tc-quiet"> {say(one.rule_name)}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
