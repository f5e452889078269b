import { useAct } from "@shared/api/act";
import { type CaseAnswer, readCase } from "@shared/api/generated/dispatcher";
import { isProblem, type Problem } from "@shared/api/problem";
import { answer, read } from "@shared/api/request";
import { useLanguage } from "@shared/language";
import { ProblemNote, toast } from "@shared/parts";
import { roleName, stateName } from "@shared/words";
import { entryName } from "@shared/words/entries";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { usePeople } from "../../list/usePeople";
import { useTimeline } from "../queries";
import { type Act, filled, missing, type Values } from "./acts";
import styles from "./acts.module.css";
import { FieldInput } from "./FieldInput";
import { useActName, useActWords, useFieldName } from "./words";

interface Doing {
  act: Act;
  /** The case that it is about, where it is about one. */
  found?: CaseAnswer;
  close: () => void;
  done?: () => void;
}

/** The form of an act. What was written stays until it is done; a case that changed meanwhile is shown as it is now. */
export function ActDialog({ act, found, close, done }: Doing) {
  const dialog = useRef<HTMLDialogElement>(null);
  const form = useId();
  const t = useActWords();
  const actName = useActName();
  const fieldName = useFieldName();
  const queries = useQueryClient();
  const [values, setValues] = useState<Values>({});
  const [lacking, setLacking] = useState<string[]>([]);
  // What the person saw when the form was opened, and what they have been shown since.
  const [seen, setSeen] = useState(found);
  const [stale, setStale] = useState<CaseAnswer | null>(null);
  const sending = useAct({
    run: ({ body, revision }: { body: Record<string, unknown>; revision: number | undefined }, headers) =>
      read<unknown>(act.path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: {
          ...headers,
          "Content-Type": "application/json",
          ...(revision !== undefined && { "If-Match": `"${revision}"` }),
        },
      }),
    changes: [["board"], ["cases"], ["alerts"], ["alert"], ["work"]],
    done: (output) => {
      if (found !== undefined) {
        if (act.onCase === true) queries.setQueryData(["case", found.case_id], output);
        void queries.invalidateQueries({ queryKey: ["case", found.case_id] });
      }
      toast.done(t(act.proposes === true ? "proposed" : "done", { act: actName(act.name) }));
      done?.();
      dialog.current?.close();
    },
  });
  useEffect(() => dialog.current?.showModal(), []);
  const problem = sending.error;
  const send = (on: CaseAnswer | undefined): void => {
    const left = missing(act, values);
    setLacking(left);
    if (left.length > 0) return;
    setStale(null);
    sending.mutate(
      { body: act.body(filled(act, values)), revision: act.onCase === true ? on?.revision : undefined },
      {
        onError: (error) => {
          if (found !== undefined && isConflict(error))
            void look(found.case_id).then(setStale, () => undefined);
        },
      },
    );
  };
  const look = async (caseId: string): Promise<CaseAnswer> => {
    const now = await answer(readCase({ path: { case_id: caseId } }));
    queries.setQueryData(["case", caseId], now);
    void queries.invalidateQueries({ queryKey: ["case", caseId] });
    return now;
  };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const wrong = [...event.currentTarget.querySelectorAll("input")].find((one) => one.validity.customError);
    if (wrong === undefined) send(seen);
    else wrong.focus();
  };
  return (
    <dialog ref={dialog} className={styles.dialog} onClose={close} aria-labelledby={`${form}-title`}>
      <form onSubmit={submit} noValidate>
        <header>
          <h2 id={`${form}-title`}>{actName(act.name)}</h2>
          <p className="tc-quiet">
            {found !== undefined && `${found.enterprise_name ?? found.enterprise_code} · `}
            {t(act.proposes === true ? "proposes" : "irrevocable")}
          </p>
        </header>
        <div className={styles.fields}>
          {act.fields
            .filter((field) => field.shown?.(values) ?? true)
            .map((field, index) => (
              <FieldInput
                key={field.name}
                field={field}
                found={found}
                value={values[field.name]}
                values={values}
                isLacking={lacking.includes(field.name)}
                isFirst={index === 0}
                set={(value) => {
                  setValues((before) => ({ ...before, [field.name]: value }));
                  setLacking((before) => before.filter((name) => name !== field.name));
                }}
              />
            ))}
        </div>
        {lacking.length > 0 && (
          <p className={styles.lacking} role="alert">
            {t("missing", { fields: lacking.map(fieldName).join("、") })}
          </p>
        )}
        {stale !== null && seen !== undefined ? (
          <Changed
            seen={seen}
            now={stale}
            act={act}
            problem={problem}
            goOn={() => {
              setSeen(stale);
              send(stale);
            }}
          />
        ) : (
          <ProblemNote problem={problem} />
        )}
        <footer>
          <button type="button" className="tc-button tc-button-plain" onClick={() => dialog.current?.close()}>
            {t(stale === null ? "cancel" : "look")}
          </button>
          {stale === null && (
            <button type="submit" className="tc-button" disabled={sending.isPending}>
              {sending.isPending ? t("sending") : t("submit")}
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
}

function isConflict(error: unknown): boolean {
  return isProblem(error) && (error.status === 409 || error.status === 412);
}

interface Change {
  seen: CaseAnswer;
  now: CaseAnswer;
  act: Act;
  problem: Problem | null;
  goOn: () => void;
}

/** What the case is now, where it is not what one decided on, and the ways on. */
function Changed({ seen, now, act, problem, goOn }: Change) {
  const t = useActWords();
  const spoken = useLanguage();
  const nameOf = usePeople();
  const state = stateName(now.state, spoken, now.kind);
  const moved = now.revision !== seen.revision;
  const steps = useTimeline(now.case_id).data ?? [];
  const last = steps[steps.length - 1];
  const possible =
    (now.allowed as readonly string[]).includes(act.name) || ["presence", "file-number"].includes(act.name);
  return (
    <div className={styles.changed} role="alert">
      <strong>{t(moved ? "stale" : "refused")}</strong>
      <p>
        {moved
          ? t("staleHint", { seen: seen.revision, now: now.revision, state })
          : (problem?.detail ?? t("refusedHint", { state }))}
      </p>
      {moved && last !== undefined && (
        <p>
          {t("latest", {
            step: [
              entryName(last.type, spoken),
              last.actor_role === "system"
                ? ""
                : `${roleName(last.actor_role, spoken)} ${nameOf(last.actor_subject)}`,
              last.reason,
            ]
              .filter(Boolean)
              .join(" · "),
          })}
        </p>
      )}
      {moved && possible && (
        <button type="button" className="tc-button" onClick={goOn}>
          {t("stillPossible")}
        </button>
      )}
      {moved && !possible && <p>{t("notPossible")}</p>}
    </div>
  );
}
