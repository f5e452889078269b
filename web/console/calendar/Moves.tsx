import { speak, useLanguage } from "@shared/language";
import type { Bilingual } from "@shared/language/language";
import { dueText } from "@shared/parts";
import { dayShown } from "@shared/parts/days";
import { kindName } from "@shared/words";
import { Link } from "@tanstack/react-router";
import styles from "./calendar.module.css";
import { useCalendarWords } from "./words";

/** Which running clocks a change would move, as deadline_watch answers it. */
export interface MovedClocks {
  examined: number;
  moved: number;
  made_final: number;
  becoming_overdue: number;
  missed_standing: number;
  answers_standing: number;
  items: readonly {
    deadline_id: string;
    case_id: string;
    enterprise_code: string;
    kind: string;
    fate: string;
    due_before: string;
    due_after: string;
    becomes_overdue: boolean;
    because: readonly { date: string; working: boolean; reason: Bilingual }[];
  }[];
}

const LISTED = 50;
const COUNTS = ["becoming_overdue", "made_final", "missed_standing", "answers_standing"] as const;

/** What would become of the clocks that run: how many, and each of those that move. */
export function Moves({ of }: { of: MovedClocks }) {
  const t = useCalendarWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const moved = of.items.filter((one) => one.fate === "moved").slice(0, LISTED);
  return (
    <div className={styles.moves} role="status">
      <b>{of.moved === 0 ? t("nothingMoves", { examined: of.examined }) : t("moves", { count: of.moved })}</b>
      <ul>
        {COUNTS.filter((name) => of[name] > 0).map((name) => (
          <li key={name}>{t(name, { count: of[name] })}</li>
        ))}
      </ul>
      {moved.length > 0 && (
        <div className={styles.scroll}>
          <table className={styles.moved}>
            <thead>
              <tr>
                <th scope="col">{t("ofCase")}</th>
                <th scope="col">{t("fromDue")}</th>
                <th scope="col">{t("toDue")}</th>
                <th scope="col">{t("because")}</th>
              </tr>
            </thead>
            <tbody>
              {moved.map((one) => (
                <tr key={one.deadline_id}>
                  <th scope="row">
                    <Link to="/cases/$caseId" params={{ caseId: one.case_id }}>
                      {one.enterprise_code}
                    </Link>
                    <div className="tc-quiet">{kindName(one.kind, spoken)}</div>
                  </th>
                  <td>{dueText(one.due_before, spoken)}</td>
                  <td>
                    <b>{dueText(one.due_after, spoken)}</b>
                    {one.becomes_overdue && <div className="tc-fault">{t("becomesOverdue")}</div>}
                  </td>
                  <td>
                    {one.because.length === 0
                      ? t("otherRule")
                      : one.because.map((day) => (
                          <div key={day.date}>
                            {t(day.working ? "becomesWorking" : "becomesOff", {
                              day: dayShown(day.date, spoken),
                              reason: say(day.reason),
                            })}
                          </div>
                        ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {of.moved > moved.length && <p className="tc-quiet">{t("firstOnly", { count: moved.length })}</p>}
        </div>
      )}
    </div>
  );
}
