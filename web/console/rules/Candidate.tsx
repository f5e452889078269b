import { useAct } from "@shared/api/act";
import type { Problem } from "@shared/api/problem";
import { speak, useLanguage } from "@shared/language";
import { LevelTag, ProblemNote, toast } from "@shared/parts";
import { levelName } from "@shared/words";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useProposed } from "../parts/useProposed";
import { Backtest } from "./Backtest";
import type { Checked, Tried } from "./book";
import { Differences } from "./Differences";
import { post } from "./post";
import styles from "./rules.module.css";
import { useRulesWords } from "./words";

/** A book that might come into force: checked, tried, tested on the past, and proposed for another person to confirm. */
export function Candidate({ mayPropose, written }: { mayPropose: boolean; written: string | undefined }) {
  const t = useRulesWords();
  const [book, setBook] = useState("");
  return (
    <section className={`tc-surface ${styles.part}`}>
      <h2>{t("change")}</h2>
      <p className="tc-quiet">{t("changeHint")}</p>
      {written !== undefined && book.trim() === "" && (
        <div>
          <button type="button" className="tc-button tc-button-plain" onClick={() => setBook(written)}>
            {t("start")}
          </button>
        </div>
      )}
      <label>
        {t("book")}
        <textarea
          className={styles.code}
          rows={10}
          spellCheck={false}
          value={book}
          onChange={({ target }) => setBook(target.value)}
        />
      </label>
      <Check book={book} />
      <Try book={book} />
      {book.trim() !== "" && <Backtest book={book} />}
      {mayPropose && book.trim() !== "" && <Propose book={book} />}
    </section>
  );
}

function Check({ book }: { book: string }) {
  const t = useRulesWords();
  const checking = useMutation<Checked, Problem>({
    mutationFn: () => post<Checked>("/candidate/check", { book }),
  });
  if (book.trim() === "") return null;
  const found = checking.data;
  return (
    <div className={styles.step}>
      <button
        type="button"
        className="tc-button tc-button-plain"
        disabled={checking.isPending}
        onClick={() => checking.mutate()}
      >
        {t("check")}
      </button>
      {checking.error !== null && <ProblemNote problem={checking.error} />}
      {found !== undefined && (
        <div role="status">
          {found.valid ? t("valid", { version: found.version ?? "" }) : t("invalid")}
          {found.valid && found.changes.length === 0 && ` · ${t("changes", { count: 0 })}`}
          <ul>
            {found.findings.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
          <Differences changes={found.changes} open />
        </div>
      )}
    </div>
  );
}

function Try({ book }: { book: string }) {
  const t = useRulesWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const [event, setEvent] = useState("");
  const [isUnreadable, setUnreadable] = useState(false);
  const trying = useMutation<Tried, Problem, unknown>({
    mutationFn: (parsed) =>
      book.trim() === ""
        ? post<Tried>("/try", parsed, { "Content-Type": "application/cloudevents+json" })
        : post<Tried>("/candidate/try", { book, event: parsed }),
  });
  const send = (): void => {
    const parsed = parsedJson(event);
    setUnreadable(parsed === undefined);
    if (parsed !== undefined) trying.mutate(parsed);
  };
  const found = trying.data;
  return (
    <div className={styles.step}>
      <label>
        {t("event")} <span className="tc-quiet">{t("tryInForce")}</span>
        <textarea
          className={styles.code}
          rows={5}
          spellCheck={false}
          value={event}
          onChange={({ target }) => setEvent(target.value)}
        />
      </label>
      <button
        type="button"
        className="tc-button tc-button-plain"
        disabled={trying.isPending || event.trim() === ""}
        onClick={send}
      >
        {t("try")}
      </button>
      {isUnreadable && <p role="alert">{t("noJson")}</p>}
      {trying.error !== null && <ProblemNote problem={trying.error} />}
      {found !== undefined && (
        <div role="status">
          <p>
            <LevelTag level={found.level} /> {t("graded", { level: levelName(found.level, spoken) })} ·{" "}
            {say(found.grading.reason)}
          </p>
          <ul>
            {found.outcomes.map((one) => (
              <li key={one.rule}>
                <b>{say(one.name)}</b> · {one.holds || one.obstacle === null ? t("holds") : say(one.obstacle)}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

/** What a text says as JSON; undefined where it is none. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function Propose({ book }: { book: string }) {
  const t = useRulesWords();
  const proposed = useProposed({ reason: t("reason"), effective: t("effective") });
  const proposing = useAct({
    run: (body: Record<string, unknown>, headers) => post<unknown>("", body, headers),
    changes: [["work"], ["rules"]],
    done: () => toast.done(t("proposed")),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    proposing.mutate({ book, ...proposed.said });
  };
  return (
    <form className={styles.step} onSubmit={submit}>
      {proposed.inputs}
      {proposing.error !== null && <ProblemNote problem={proposing.error} />}
      <button type="submit" className="tc-button" disabled={proposing.isPending || !proposed.isReasoned}>
        {t("propose")}
      </button>
    </form>
  );
}
