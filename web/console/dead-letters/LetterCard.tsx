import { useAct } from "@shared/api/act";
import { read } from "@shared/api/request";
import { useLanguage } from "@shared/language";
import { instantText, ProblemNote, toast } from "@shared/parts";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { codeName } from "./codes";
import type { Content, Letter, Of } from "./letters";
import styles from "./letters.module.css";
import { ReasonForm } from "./ReasonForm";
import { useDeadLettersWords } from "./words";

/** A record that was refused, with what may become of it. */
export function LetterCard({ letter, acts }: { letter: Of<Letter>; acts: boolean }) {
  const t = useDeadLettersWords();
  const spoken = useLanguage();
  const [isDiscarding, setDiscarding] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const path = `/${letter.service}/v1/dead-letters/${letter.letter_id}`;
  const deciding = useAct({
    run: ({ act, reason }: { act: "retry" | "discard"; reason?: string }, headers) =>
      read<Letter>(`${path}/${act}`, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        ...(reason !== undefined && { body: JSON.stringify({ reason }) }),
      }),
    changes: [["dead-letters"], ["work"]],
    done: (_, { act }) => toast.done(t(act === "retry" ? "done" : "gone")),
  });
  const minutes = Math.round(letter.age_seconds / 60);
  return (
    <article className={styles.letter}>
      <header>
        <b>{codeName(letter.code, spoken)}</b>
        <span className="tc-quiet">
          {t(letter.service)} · {letter.topic} · {letter.origin}
          {letter.attempt > 1 && ` · ${t("attempt", { count: letter.attempt })}`}
        </span>
        <span className={styles.when}>
          {instantText(letter.failed_at, spoken, true)}
          {letter.state === "waiting" &&
            ` · ${t("age")} ${minutes < 120 ? t("minutes", { count: minutes }) : t("hours", { count: Math.round(minutes / 60) })}`}
        </span>
      </header>
      <p className="tc-quiet">
        <code>{letter.code}</code> {letter.detail}
      </p>
      {letter.decided_at !== null && (
        <p className="tc-quiet">
          {t(letter.state)} ·{" "}
          {t("decided", { by: letter.decided_by ?? "", time: instantText(letter.decided_at, spoken, true) })}
          {letter.reason !== null && ` · ${letter.reason}`}
        </p>
      )}
      {deciding.error !== null && <ProblemNote problem={deciding.error} />}
      <div className={styles.acts}>
        {acts && letter.state === "waiting" && !isDiscarding && (
          <>
            <button
              type="button"
              className="tc-button"
              disabled={deciding.isPending}
              onClick={() => deciding.mutate({ act: "retry" })}
            >
              {t("retry")}
            </button>
            <button type="button" className="tc-button tc-button-plain" onClick={() => setDiscarding(true)}>
              {t("discard")}
            </button>
          </>
        )}
        <button
          type="button"
          className="tc-link"
          aria-expanded={isWhole}
          onClick={() => setWhole((before) => !before)}
        >
          {t("whole")}
        </button>
      </div>
      {isDiscarding && (
        <ReasonForm
          label={t("because")}
          confirm={t("confirm")}
          busy={deciding.isPending}
          send={(reason) => deciding.mutate({ act: "discard", reason })}
          close={() => setDiscarding(false)}
        />
      )}
      {isWhole && <Whole path={path} />}
    </article>
  );
}

function Whole({ path }: { path: string }) {
  const t = useDeadLettersWords();
  const whole = useQuery({
    queryKey: ["dead-letter", path],
    queryFn: ({ signal }) => read<{ body: Content }>(path, { signal }),
  });
  if (whole.error !== null) return <ProblemNote problem={whole.error} />;
  const value = whole.data?.body ?? null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <pre className={styles.record} tabIndex={0}>
      {value?.encoding === "base64" && `${t("base64")}\n`}
      {value === null ? "…" : value.content}
    </pre>
  );
}
