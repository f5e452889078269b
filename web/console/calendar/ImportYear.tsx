import { useState } from "react";
import styles from "./calendar.module.css";
import { type MovedClocks, Moves } from "./Moves";
import { Previewed, usePreviewed } from "./previewed";
import { useCalendarWords } from "./words";
import { datesIn } from "./year";

interface Changed {
  version: string;
  moves: MovedClocks;
}

/** The holidays of a year as its notice has them: first which deadlines would move, then proposed. */
export function ImportYear({ year }: { year: number }) {
  const t = useCalendarWords();
  const [off, setOff] = useState("");
  const [makeUp, setMakeUp] = useState("");
  const [title, setTitle] = useState("");
  const [number, setNumber] = useState("");
  const [reason, setReason] = useState("");
  const body = (): string =>
    JSON.stringify({
      days_off: datesIn(off),
      make_up_days: datesIn(makeUp),
      notice: { title: title.trim(), number: number.trim() },
      reason: reason.trim(),
    });
  const change = usePreviewed<Changed>({ method: "PUT", path: `/watch/v1/calendar/${year}`, body });
  return (
    <form className={`tc-surface ${styles.part}`} onSubmit={change.submit}>
      <h2>{t("importing")}</h2>
      <p className="tc-quiet">{t("importHint")}</p>
      <div className={styles.two}>
        <label>
          {t("daysOff")}
          <textarea required rows={6} value={off} onChange={({ target }) => setOff(target.value)} />
        </label>
        <label>
          {t("makeUpDays")}
          <textarea rows={6} value={makeUp} onChange={({ target }) => setMakeUp(target.value)} />
        </label>
        <label>
          {t("notice")}
          <input required value={title} onChange={({ target }) => setTitle(target.value)} />
        </label>
        <label>
          {t("number")}
          <input required value={number} onChange={({ target }) => setNumber(target.value)} />
        </label>
      </div>
      <label>
        {t("why")}
        <input required value={reason} onChange={({ target }) => setReason(target.value)} />
      </label>
      <Previewed
        of={change}
        lacks={[off, title, number].some((one) => one.trim() === "")}
        seen={change.looking.data !== undefined && <Moves of={change.looking.data.moves} />}
      />
    </form>
  );
}
