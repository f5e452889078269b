import { useAct } from "@shared/api/act";
import { read } from "@shared/api/request";
import { useLanguage } from "@shared/language";
import { instantText, ProblemNote, toast } from "@shared/parts";
import { useState } from "react";
import type { Brake, Of } from "./letters";
import styles from "./letters.module.css";
import { ReasonForm } from "./ReasonForm";
import { useDeadLettersWords } from "./words";

/** A partition that a service has stopped reading, and the way to have it go on. */
export function BrakeCard({ brake, acts }: { brake: Of<Brake>; acts: boolean }) {
  const t = useDeadLettersWords();
  const spoken = useLanguage();
  const [isAsking, setAsking] = useState(false);
  const releasing = useAct({
    run: (reason: string, headers) =>
      read<Brake>(
        `/${brake.service}/v1/brakes/${encodeURIComponent(brake.topic)}/${brake.partition}/release`,
        {
          method: "POST",
          headers: { ...headers, "Content-Type": "application/json" },
          body: JSON.stringify({ reason }),
        },
      ),
    changes: [["brakes"], ["work"]],
    done: () => toast.done(t("released")),
  });
  return (
    <article className={styles.letter}>
      <header>
        <b>
          {brake.topic} / {brake.partition}
        </b>
        <span className="tc-quiet">
          {t(brake.service)} · {t("since", { time: instantText(brake.since, spoken, true) })}
        </span>
      </header>
      <p>{brake.text}</p>
      {releasing.error !== null && <ProblemNote problem={releasing.error} />}
      {acts && !isAsking && (
        <div className={styles.acts}>
          <button type="button" className="tc-button" onClick={() => setAsking(true)}>
            {t("release")}
          </button>
        </div>
      )}
      {isAsking && (
        <ReasonForm
          label={t("releaseBecause")}
          confirm={t("releaseConfirm")}
          busy={releasing.isPending}
          send={(reason) => releasing.mutate(reason)}
          close={() => setAsking(false)}
        />
      )}
    </article>
  );
}
