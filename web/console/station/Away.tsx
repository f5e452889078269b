import { useAct } from "@shared/api/act";
import type { Leave, Officer, Recusal, Substitution } from "@shared/api/generated/dispatcher";
import { read } from "@shared/api/request";
import { DayInput, ProblemNote } from "@shared/parts";
import { type FormEvent, type ReactNode, useState } from "react";
import { nameAmong } from "../parts/names";
import { type Outcome, OutcomeNote } from "./Outcome";
import styles from "./station.module.css";
import { useStationWords } from "./words";

interface Station {
  officers: readonly Officer[];
  acts: boolean;
  today: string;
}

const CHANGED = [
  ["leaves"],
  ["substitutions"],
  ["recusals"],
  ["rota"],
  ["cases"],
  ["board"],
  ["work"],
  ["figures"],
];

function useNoted() {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const act = useAct({
    run: ({ path, body }: { path: string; body?: unknown }, headers) =>
      read<Outcome>(`/dispatch/v1${path}`, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    changes: CHANGED,
    done: setOutcome,
  });
  const note = (
    <>
      {act.error !== null && <ProblemNote problem={act.error} />}
      {outcome !== null && <OutcomeNote of={outcome} close={() => setOutcome(null)} />}
    </>
  );
  return { act, note };
}

/** Leave: who is away from which day to which, and the form that grants it. */
export function Leaves({ officers, acts, today, leaves }: Station & { leaves: readonly Leave[] }) {
  const t = useStationWords();
  const { act, note } = useNoted();
  const nameOf = useNames(officers);
  return (
    <Part title={t("leave")} none={leaves.length === 0 ? t("noLeave") : null}>
      <ul className={styles.list}>
        {leaves.map((one) => (
          <li key={one.leave_id}>
            <span>
              <b>{nameOf(one.officer)}</b> {t("days", { from: one.first_day, until: one.last_day })}
              <small>{one.reason}</small>
            </span>
            {acts && (
              <button
                type="button"
                className="tc-link"
                disabled={act.isPending}
                onClick={() => act.mutate({ path: `/leaves/${one.leave_id}/cancel` })}
              >
                {t("cancelLeave")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {note}
      {acts && (
        <Form
          title={t("takeLeave")}
          busy={act.isPending}
          send={(body, done) => act.mutate({ path: "/leaves", body }, { onSuccess: done })}
        >
          <Who name="officer" label={t("officer")} officers={officers} />
          <Field name="first_day" label={t("firstDay")} type="date" initial={today} />
          <Field name="last_day" label={t("lastDay")} type="date" initial={today} />
          <Field name="reason" label={t("reason")} />
        </Form>
      )}
    </Part>
  );
}

/** Substitutions: who is on duty for whom on which day. */
export function Substitutions({
  officers,
  acts,
  today,
  substitutions,
}: Station & { substitutions: readonly Substitution[] }) {
  const t = useStationWords();
  const { act, note } = useNoted();
  const nameOf = useNames(officers);
  return (
    <Part title={t("substitutions")} none={substitutions.length === 0 ? t("noSubstitution") : null}>
      <ul className={styles.list}>
        {substitutions.map((one) => (
          <li key={`${one.day} ${one.officer}`}>
            <span>
              {one.day}{" "}
              <b>{t("for", { substitute: nameOf(one.substitute), officer: nameOf(one.officer) })}</b>
              <small>{one.reason}</small>
            </span>
            {acts && (
              <button
                type="button"
                className="tc-link"
                disabled={act.isPending}
                onClick={() =>
                  act.mutate({
                    path: `/substitutions/${one.day}/${encodeURIComponent(one.officer)}/cancel`,
                  })
                }
              >
                {t("cancelSubstitution")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {note}
      {acts && (
        <Form
          title={t("substitute")}
          busy={act.isPending}
          send={(body, done) => act.mutate({ path: "/substitutions", body }, { onSuccess: done })}
        >
          <Field name="day" label={t("day")} type="date" initial={today} />
          <Who name="officer" label={t("insteadOf")} officers={officers} />
          <Who name="substitute" label={t("stands")} officers={officers} />
          <Field name="reason" label={t("reason")} />
        </Form>
      )}
    </Part>
  );
}

/** Recusals: who is never given a case of which enterprise. */
export function Recusals({ officers, acts, recusals }: Station & { recusals: readonly Recusal[] }) {
  const t = useStationWords();
  const { act, note } = useNoted();
  const nameOf = useNames(officers);
  return (
    <Part title={t("recusals")} none={recusals.length === 0 ? t("noRecusal") : null}>
      <ul className={styles.list}>
        {recusals.map((one) => (
          <li key={`${one.enterprise_code} ${one.officer}`}>
            <span>
              <b>{nameOf(one.officer)}</b> {one.enterprise_code}
              <small>{one.reason}</small>
            </span>
            {acts && (
              <button
                type="button"
                className="tc-link"
                disabled={act.isPending}
                onClick={() =>
                  act.mutate({
                    path: `/recusals/${encodeURIComponent(one.enterprise_code)}/${encodeURIComponent(one.officer)}/end`,
                  })
                }
              >
                {t("endRecusal")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {note}
      {acts && (
        <Form
          title={t("recuse")}
          busy={act.isPending}
          send={(body, done) => act.mutate({ path: "/recusals", body }, { onSuccess: done })}
        >
          <Who name="officer" label={t("officer")} officers={officers} />
          <Field name="enterprise_code" label={t("enterpriseCode")} />
          <Field name="reason" label={t("reason")} />
        </Form>
      )}
    </Part>
  );
}

function useNames(officers: readonly Officer[]): (code: string) => string {
  return (code) => nameAmong(officers, code);
}

function Part({ title, none, children }: { title: string; none: string | null; children: ReactNode }) {
  return (
    <section className={`tc-surface ${styles.part}`}>
      <h2>{title}</h2>
      {none !== null && <p className="tc-quiet">{none}</p>}
      {children}
    </section>
  );
}

interface Asked {
  title: string;
  busy: boolean;
  send: (body: Record<string, FormDataEntryValue>, done: () => void) => void;
  children: ReactNode;
}

/** A form that is unfolded where it is wanted, and empty again once it was sent. */
function Form({ title, busy, send, children }: Asked) {
  const t = useStationWords();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    send(Object.fromEntries(new FormData(form)), () => form.reset());
  };
  return (
    <details>
      <summary>{title}</summary>
      <form className={styles.form} onSubmit={submit}>
        {children}
        <button type="submit" className="tc-button" disabled={busy}>
          {t("confirm")}
        </button>
      </form>
    </details>
  );
}

interface Input {
  name: string;
  label: string;
  type?: "text" | "date";
  initial?: string;
}

function Field({ name, label, type = "text", initial }: Input) {
  const [day, setDay] = useState(initial ?? "");
  if (type === "date")
    return (
      <label>
        {label}
        <DayInput name={name} required value={day} onChange={setDay} />
      </label>
    );
  return (
    <label>
      {label}
      <input name={name} type={type} required maxLength={500} defaultValue={initial} pattern=".*\S.*" />
    </label>
  );
}

function Who({ name, label, officers }: { name: string; label: string; officers: readonly Officer[] }) {
  const t = useStationWords();
  return (
    <label>
      {label}
      <select name={name} required defaultValue="">
        <option value="" disabled>
          {t("choose")}
        </option>
        {officers.map((one) => (
          <option key={one.code} value={one.code}>
            {nameAmong(officers, one.code)}
          </option>
        ))}
      </select>
    </label>
  );
}
