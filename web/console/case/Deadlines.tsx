import type { DeadlineWithSteps } from "@shared/api/generated/watch";
import { remaining, serverNow, useNow } from "@shared/clock";
import { speak, useLanguage } from "@shared/language";
import { Countdown, dueText, Empty, Loading, ProblemNote, Time } from "@shared/parts";
import { roleName } from "@shared/words";
import type { UseQueryResult } from "@tanstack/react-query";
import { usePeople } from "../list/usePeople";
import styles from "./case.module.css";
import { weeks } from "./day_grid";
import { Section } from "./Section";
import { whyVoid } from "./void_step";
import { useCaseWords } from "./words";

/** The clocks of a case: until when, how that was counted, what warns of it and who hears of it when it passes. */
export function Deadlines({ deadlines }: { deadlines: UseQueryResult<DeadlineWithSteps[]> }) {
  const t = useCaseWords();
  return (
    <Section id="deadline" title={t("deadline")}>
      {deadlines.error !== null && (
        <ProblemNote problem={deadlines.error} again={() => void deadlines.refetch()} />
      )}
      {deadlines.isLoading && <Loading lines={5} />}
      {deadlines.data?.length === 0 && <Empty title={t("noDeadline")} />}
      {deadlines.data?.map((deadline) => (
        <Deadline key={deadline.deadline_id} deadline={deadline} />
      ))}
    </Section>
  );
}

const STATES = {
  open: "clockOpen",
  warned: "clockWarned",
  overdue: "clockOverdue",
  met: "clockMet",
  cancelled: "clockCancelled",
} as const;

function Deadline({ deadline }: { deadline: DeadlineWithSteps }) {
  const t = useCaseWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const nameOf = usePeople();
  const { explanation, changes, state } = deadline;
  const running = state === "open" || state === "warned";
  return (
    <div className={styles.deadline}>
      <div className={styles.due}>
        <b title={deadline.due_text}>{dueText(deadline.due_at, spoken)}</b>
        {running && deadline.paused_at == null ? (
          <Countdown due={deadline.due_at} provisional={deadline.provisional} />
        ) : (
          <span data-tone={state === "overdue" ? "wrong" : state === "met" ? "good" : undefined}>
            {deadline.paused_at != null && running
              ? t("clockPaused")
              : state in STATES
                ? t(STATES[state as keyof typeof STATES])
                : state}
          </span>
        )}
      </div>
      {deadline.provisional && <p className={styles.warn}>{say(explanation.provisional_reason)}</p>}
      {deadline.unheard_since != null && (
        <p className={styles.warn}>
          {t("unheard")} <Time at={deadline.unheard_since} />
        </p>
      )}
      {explanation.days.length > 0 ? <DayGrid deadline={deadline} /> : <HourBar deadline={deadline} />}
      {/* The last line of the explanation: the source in the language spoken, which the field beside has in both. */}
      <p className="tc-quiet">{say(explanation.text).trim().split("\n").pop()}</p>
      <Steps deadline={deadline} />
      {changes.length > 0 && (
        <details className={styles.more} open>
          <summary>{t("changes", { count: changes.length })}</summary>
          <ul className={styles.list}>
            {changes.map((change) => (
              <li key={change.version}>
                <Time at={change.at} /> · {dueText(change.due_before, spoken)} →{" "}
                <b>{dueText(change.due_after, spoken)}</b>
                <div className="tc-quiet">
                  {change.reason}
                  {change.ground !== "" && change.ground !== change.reason && `（${change.ground}）`} ·{" "}
                  {nameOf(change.requested_by)}
                  {change.approver != null && ` → ${nameOf(change.approver)}`}
                </div>
              </li>
            ))}
          </ul>
        </details>
      )}
      <details className={styles.more}>
        <summary>{t("arithmetic")}</summary>
        <pre className={styles.sum}>{say(explanation.text)}</pre>
        <p className="tc-quiet">
          {t("versions", { policy: explanation.policy_version, calendar: explanation.calendar_version })}
        </p>
      </details>
    </div>
  );
}

const WEEKDAYS = { "zh-CN": "一二三四五六日", en: "MTWTFSS" } as const;

/** The days on a small calendar: which are counted, which are not and why. */
function DayGrid({ deadline }: { deadline: DeadlineWithSteps }) {
  const t = useCaseWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const now = useNow(60_000);
  const rows = weeks(deadline.explanation.days, deadline.due_at, now);
  return (
    <table className={styles.days}>
      <caption className="tc-hidden">{t("dayByDay")}</caption>
      <thead>
        <tr>
          {[...WEEKDAYS[spoken]].map((name, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the days of the week stay where they are
            <th key={index} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row[0]?.date}>
            {row.map((square, index) => (
              <td
                key={square.date}
                data-kind={square.kind}
                data-due={square.isDue}
                data-today={square.isToday}
                title={square.reason === null ? undefined : say(square.reason)}
              >
                <span className={styles.dayOf}>
                  {square.day === 1 || (index === 0 && row === rows[0])
                    ? `${square.month}/${square.day}`
                    : square.day}
                </span>
                <span className={styles.dayNumber}>
                  {square.number !== null
                    ? t("dayNumber", { number: square.number })
                    : square.reason === null
                      ? ""
                      : say(square.reason)}
                </span>
                {square.isDue && <span className={styles.dueMark}>{t("dueMark")}</span>}
                {square.isToday && <span className="tc-hidden">{t("today")}</span>}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Hours from the start to the end, with what warns on the way. */
function HourBar({ deadline }: { deadline: DeadlineWithSteps }) {
  const t = useCaseWords();
  const now = useNow(10_000);
  const start = Date.parse(deadline.started_at);
  const due = Date.parse(deadline.due_at);
  const span = Math.max(1, due - start);
  const until = Date.parse(deadline.met_at ?? deadline.answered_at ?? deadline.closed_at ?? "") || now;
  const passed = Math.min(1, Math.max(0, (until - start) / span));
  const warnings = deadline.steps.filter((step) => {
    const at = Date.parse(step.at);
    return at > start && at < due;
  });
  return (
    <div className={styles.hours}>
      <div
        className={styles.hourBar}
        role="img"
        aria-label={t("passed", { percent: Math.round(passed * 100) })}
      >
        <i style={{ width: `${100 * passed}%` }} data-state={deadline.state} />
        {warnings.map((step) => (
          <b
            key={`${step.step}${step.at}`}
            style={{ left: `${(100 * (Date.parse(step.at) - start)) / span}%` }}
          />
        ))}
      </div>
      <div className={styles.hourEnds}>
        <Time at={deadline.started_at} />
        <Time at={deadline.due_at} />
      </div>
    </div>
  );
}

/** What warns of the deadline and who hears of it once it has passed: done, ahead, or asked for no more. */
function Steps({ deadline }: { deadline: DeadlineWithSteps }) {
  const t = useCaseWords();
  const spoken = useLanguage();
  if (deadline.steps.length === 0) return null;
  const running = deadline.closed_at == null && deadline.met_at == null;
  const ahead = deadline.steps.filter((step) => step.done_at == null).length;
  return (
    <details className={styles.more} open={deadline.state === "overdue"}>
      <summary>{running ? t("stepsAhead", { count: ahead }) : t("steps")}</summary>
      <ol className={styles.steps}>
        {deadline.steps.map((step) => {
          const fired = step.outcome === "fired";
          const left = remaining(Date.parse(step.at), serverNow());
          return (
            <li
              className={styles.step}
              key={`${step.step}${step.at}`}
              data-state={fired ? "fired" : step.done_at == null ? "ahead" : "void"}
            >
              <span>
                {stepName(step.step, t)}
                {step.recipients.length > 0 && (
                  <span className="tc-quiet">
                    {" "}
                    {step.recipients.map((role) => roleName(role, spoken)).join("、")}
                  </span>
                )}
              </span>
              <span className="tc-quiet">
                <Time at={step.at} />{" "}
                {fired ? (
                  <Fired step={step} />
                ) : step.done_at != null ? (
                  t(whyVoid(step, deadline))
                ) : left.overdue ? (
                  ""
                ) : (
                  t("ahead")
                )}
              </span>
            </li>
          );
        })}
      </ol>
    </details>
  );
}

/** That it was sent, and when, where that was later than planned. */
function Fired({ step }: { step: DeadlineWithSteps["steps"][number] }) {
  const t = useCaseWords();
  const late = step.done_at != null && Date.parse(step.done_at) - Date.parse(step.at) >= 60_000;
  if (!late) return t("fired");
  return (
    <>
      {t("firedAt")} <Time at={step.done_at ?? step.at} />
    </>
  );
}

type Say = ReturnType<typeof useCaseWords>;

function stepName(step: string, t: Say): string {
  if (step.startsWith("warned")) return t("stepWarned");
  if (step === "missed") return t("stepMissed");
  if (step.startsWith("rung")) return t("stepRung");
  if (step.startsWith("unanswered")) return t("stepUnanswered");
  return step;
}
