import { useLanguage } from "@shared/language";
import { instantText } from "@shared/parts";
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
  }[];
}

const LISTED = 50;
const COUNTS = ["becoming_overdue", "made_final", "missed_standing", "answers_standing"] as const;

/** What would become of the clocks that run: how many, and each of those that move. */
export function Moves({ of }: { of: MovedClocks }) {
  const t = useCalendarWords();
  const spoken = useLanguage();
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
        <ul>
          {moved.map((one) => (
            <li key={one.deadline_id}>
              <Link to="/cases/$caseId" params={{ caseId: one.case_id }}>
                {one.enterprise_code}
              </Link>{" "}
              · {kindName(one.kind, spoken)} · {instantText(one.due_before, spoken, true)} →{" "}
              {instantText(one.due_after, spoken, true)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
