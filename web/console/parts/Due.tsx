import type { CaseRow } from "@shared/api/console";
import { useLanguage, words } from "@shared/language";
import { Countdown, dueText } from "@shared/parts";
import styles from "./due.module.css";

const useDueWords = words("due", {
  zh: { answered: "已按期反馈" },
  en: { answered: "Answered in time" },
});

/** By when a case is due. What was answered in time is not counted down any more: it waits for its review. */
export function Due({ row }: { row: Pick<CaseRow, "due_at" | "provisional" | "overdue" | "awaits"> }) {
  const spoken = useLanguage();
  const t = useDueWords();
  const isAnswered = row.awaits === "review" && !row.overdue;
  return (
    <>
      {isAnswered ? (
        <span className={styles.answered}>{t("answered")}</span>
      ) : (
        <Countdown due={row.due_at} provisional={row.provisional} />
      )}
      <span className={styles.at}>{dueText(row.due_at, spoken)}</span>
    </>
  );
}
