import { useAct } from "@shared/api/act";
import type { CaseAnswer } from "@shared/api/generated/dispatcher";
import { download } from "@shared/api/request";
import { ProblemNote, toast } from "@shared/parts";
import { type FormEvent, useId, useState } from "react";
import styles from "./proof.module.css";
import { useProofWords } from "./words";

/** The form that takes the whole file of a case away; the reason is kept with the case. */
export function TakeAway({ found, close }: { found: CaseAnswer; close: () => void }) {
  const t = useProofWords();
  const form = useId();
  const [reason, setReason] = useState("");
  const [isLacking, setLacking] = useState(false);
  const taking = useAct({
    run: (body: { reason: string }, headers) =>
      download(`/dispatch/v1/cases/${found.case_id}/evidence/bundle`, `${found.case_id}.zip`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { ...headers, "Content-Type": "application/json" },
      }),
    changes: [["case", found.case_id]],
    done: () => {
      toast.done(t("taken"));
      close();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setLacking(reason.trim() === "");
    if (reason.trim() !== "") taking.mutate({ reason: reason.trim() });
  };
  return (
    <form className={styles.take} onSubmit={submit} noValidate aria-describedby={`${form}-hint`}>
      <p id={`${form}-hint`} className="tc-quiet">
        {t("exportHint")}
      </p>
      <label>
        {t("reason")}
        <input
          // biome-ignore lint/a11y/noAutofocus: the form was just opened by the person
          autoFocus
          value={reason}
          maxLength={500}
          aria-invalid={isLacking}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      {isLacking && <p role="alert">{t("reasonMissing")}</p>}
      <ProblemNote problem={taking.error} />
      <footer>
        <button type="button" className="tc-button tc-button-plain" onClick={close}>
          {t("cancel")}
        </button>
        <button type="submit" className="tc-button" disabled={taking.isPending}>
          {t(taking.isPending ? "taking" : "take")}
        </button>
      </footer>
    </form>
  );
}
