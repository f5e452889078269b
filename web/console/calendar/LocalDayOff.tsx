import { useAct } from "@shared/api/act";
import type { Problem } from "@shared/api/problem";
import { read } from "@shared/api/request";
import { DayInput, ProblemNote, toast } from "@shared/parts";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import styles from "./calendar.module.css";
import { type MovedClocks, Moves } from "./Moves";
import { useCalendarWords } from "./words";

/** A day that is none of the working days here, by a local order: a typhoon shutdown. Looked at first, then proposed. */
export function LocalDayOff() {
  const t = useCalendarWords();
  const [day, setDay] = useState("");
  const [name, setName] = useState("");
  const [ground, setGround] = useState("");
  const body = (): string => JSON.stringify({ name: name.trim(), ground: ground.trim() });
  const put = (dry: boolean, headers: Record<string, string> = {}): Promise<{ moves: MovedClocks }> =>
    read(`/watch/v1/calendar/local-days-off/${day}${dry ? "?dry_run=true" : ""}`, {
      method: "PUT",
      body: body(),
      headers: { "Content-Type": "application/json", ...headers },
    });
  const looking = useMutation<{ moves: MovedClocks }, Problem>({ mutationFn: () => put(true) });
  const proposing = useAct({
    run: (_: string, headers) => put(false, headers),
    changes: [["work"], ["calendar"]],
    done: () => {
      looking.reset();
      setDay("");
      setName("");
      setGround("");
      toast.done(t("proposed"));
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    proposing.mutate(`${day} ${body()}`);
  };
  // What was previewed is of what was written then.
  const write = (set: (value: string) => void) => (value: string) => {
    set(value);
    looking.reset();
    proposing.reset();
  };
  const problem = looking.error ?? proposing.error;
  return (
    <form className={`tc-surface ${styles.part}`} onSubmit={submit} aria-label={t("localDayOff")}>
      <h2>{t("localDayOff")}</h2>
      <p className="tc-quiet">{t("localHint")}</p>
      <div className={styles.two}>
        <label>
          {t("localDate")}
          <DayInput required value={day} onChange={write(setDay)} />
        </label>
        <label>
          {t("localName")}
          <input
            required
            maxLength={200}
            value={name}
            onChange={({ target }) => write(setName)(target.value)}
          />
        </label>
      </div>
      <label>
        {t("localGround")}
        <input
          required
          maxLength={500}
          value={ground}
          onChange={({ target }) => write(setGround)(target.value)}
        />
      </label>
      {problem !== null && <ProblemNote problem={problem} />}
      {looking.data !== undefined && <Moves of={looking.data.moves} />}
      <div className={styles.acts}>
        <button
          type="button"
          className="tc-button tc-button-plain"
          disabled={looking.isPending || [day, name, ground].some((one) => one.trim() === "")}
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
