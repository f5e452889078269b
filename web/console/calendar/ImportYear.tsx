import { useAct } from "@shared/api/act";
import type { Problem } from "@shared/api/problem";
import { read } from "@shared/api/request";
import { ProblemNote, toast } from "@shared/parts";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import styles from "./calendar.module.css";
import { type MovedClocks, Moves } from "./Moves";
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
  const put = (dry: boolean, headers: Record<string, string> = {}): Promise<Changed> =>
    read<Changed>(`/watch/v1/calendar/${year}${dry ? "?dry_run=true" : ""}`, {
      method: "PUT",
      body: body(),
      headers: { "Content-Type": "application/json", ...headers },
    });
  const looking = useMutation<Changed, Problem>({ mutationFn: () => put(true) });
  const proposing = useAct({
    run: (_: string, headers) => put(false, headers),
    changes: [["work"], ["calendar"]],
    done: () => toast.done(t("proposed")),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    proposing.mutate(body());
  };
  const problem = looking.error ?? proposing.error;
  return (
    <form className={`tc-surface ${styles.part}`} onSubmit={submit}>
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
      {problem !== null && <ProblemNote problem={problem} />}
      {looking.data !== undefined && <Moves of={looking.data.moves} />}
      <div className={styles.acts}>
        <button
          type="button"
          className="tc-button tc-button-plain"
          disabled={looking.isPending || [off, title, number].some((one) => one.trim() === "")}
          onClick={() => looking.mutate()}
        >
          {t("preview")}
        </button>
        <button type="submit" className="tc-button" disabled={proposing.isPending}>
          {t("propose")}
        </button>
      </div>
    </form>
  );
}
