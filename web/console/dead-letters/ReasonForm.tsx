import { type FormEvent, useId, useState } from "react";
import styles from "./letters.module.css";
import { useDeadLettersWords } from "./words";

interface Asked {
  label: string;
  confirm: string;
  busy: boolean;
  send: (reason: string) => void;
  close: () => void;
}

/** Asks for the reason without which nothing is given up or read on. */
export function ReasonForm({ label, confirm, busy, send, close }: Asked) {
  const t = useDeadLettersWords();
  const field = useId();
  const [reason, setReason] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    send(reason.trim());
  };
  return (
    <form className={styles.because} onSubmit={submit}>
      <label htmlFor={field}>{label}</label>
      <textarea
        id={field}
        required
        rows={2}
        maxLength={2000}
        value={reason}
        onChange={({ target }) => setReason(target.value)}
      />
      <div className={styles.acts}>
        <button type="submit" className="tc-button" disabled={busy || reason.trim() === ""}>
          {confirm}
        </button>
        <button type="button" className="tc-button tc-button-plain" onClick={close}>
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}
