import { useAct } from "@shared/api/act";
import type {
  Leave,
  Officer,
  Rota as RotaAnswer,
  RotaWritten,
  Substitution,
} from "@shared/api/generated/dispatcher";
import { read } from "@shared/api/request";
import { useLanguage } from "@shared/language";
import { Loading, ProblemNote } from "@shared/parts";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { nameAmong } from "../parts/names";
import { Day } from "./Day";
import { dayNames } from "./day_names";
import { type Outcome, OutcomeNote } from "./Outcome";
import { isSame, type Plan, withEverybody, withNobody, withOfficer, withoutOfficer } from "./plan";
import { rotaPath, useRota } from "./queries";
import styles from "./station.module.css";
import { daysOf } from "./weeks";
import { useStationWords } from "./words";

interface Week {
  station: string;
  week: string;
  today: string;
  officers: readonly Officer[];
  leaves: readonly Leave[];
  substitutions: readonly Substitution[];
  acts: boolean;
}

/** The rota of a week, to be dragged into: what is changed is not in force before it is saved. */
export function Rota(shown: Week) {
  const rota = useRota(shown.station, shown.week);
  if (rota.data === undefined)
    return rota.error === null ? (
      <Loading lines={5} />
    ) : (
      <ProblemNote problem={rota.error} again={() => void rota.refetch()} />
    );
  return <Editor {...shown} stored={rota.data} />;
}

/** A plan that is being made, and the rota that it began with. */
interface Draft {
  plan: Plan;
  on: RotaAnswer;
}

function Editor({
  stored,
  station,
  week,
  today,
  officers,
  leaves,
  substitutions,
  acts,
}: Week & { stored: RotaAnswer }) {
  const t = useStationWords();
  const spoken = useLanguage();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const plan: Plan = draft?.plan ?? stored.days;
  const isChanged = draft !== null && !isSame(draft.plan, draft.on.days);
  const isOld = draft !== null && isChanged && draft.on.etag !== stored.etag;
  const saving = useAct({
    run: ({ days, etag }: { days: Plan; etag: string }, headers) =>
      read<RotaWritten>(rotaPath(station, week), {
        method: "PUT",
        headers: { ...headers, "Content-Type": "application/json", "If-Match": `"${etag}"` },
        body: JSON.stringify({ days }),
      }),
    changes: [["rota", station], ["cases"], ["board"], ["work"], ["figures"]],
    done: (written) => setOutcome(written),
  });
  const change = (next: Plan): void => {
    setOutcome(null);
    setDraft({ plan: next, on: draft !== null && isChanged ? draft.on : stored });
  };
  const save = (etag: string): void =>
    saving.mutate(
      { days: plan, etag },
      {
        onSuccess: () => setDraft(null),
        // Somebody else was first: what they planned is shown before it is replaced.
        onError: (problem) => {
          if (problem.status === 412) void queries.invalidateQueries({ queryKey: ["rota", station, week] });
        },
      },
    );
  const isStale = saving.error !== null && saving.error.status === 412;
  return (
    <>
      <div className={styles.week}>
        {daysOf(week).map((day) => (
          <Day
            key={day}
            day={day}
            isToday={day === today}
            isChanged={isChanged && !isSame(only(plan, day), only(stored.days, day))}
            planned={plan[day]}
            officers={officers}
            leaves={leaves}
            substitutions={substitutions.filter((one) => one.day === day)}
            acts={acts}
            add={(officer) => change(withOfficer(plan, day, officer))}
            move={(officer, from) => change(withOfficer(withoutOfficer(plan, from, officer), day, officer))}
            remove={(officer) => change(withoutOfficer(plan, day, officer))}
            nobody={() => change(withNobody(plan, day))}
            everybody={() => change(withEverybody(plan, day))}
          />
        ))}
      </div>
      {saving.error !== null && !isStale && <ProblemNote problem={saving.error} />}
      {(isStale || isOld) && draft !== null && (
        <div className="tc-problem" role="alert">
          <strong>{t("stale")}</strong>
          <p>{t("staleHint")}</p>
          {isOld && (
            <ul>
              {daysOf(week)
                .filter((day) => !isSame(only(plan, day), only(stored.days, day)))
                .map((day) => {
                  const { weekday, date } = dayNames(day, spoken);
                  const theirs = stored.days[day];
                  return (
                    <li key={day}>
                      {weekday} {date} ·{" "}
                      {theirs === undefined
                        ? t("everybody")
                        : theirs.map((code) => nameAmong(officers, code)).join("、") || t("nobody")}
                    </li>
                  );
                })}
            </ul>
          )}
          <div className={styles.acts}>
            <button
              type="button"
              className="tc-button"
              onClick={() => {
                saving.reset();
                setDraft(null);
              }}
            >
              {t("takeTheirs")}
            </button>
            <button
              type="button"
              className="tc-button tc-button-plain"
              disabled={saving.isPending || !isOld}
              onClick={() => save(stored.etag)}
            >
              {t("keepMine")}
            </button>
          </div>
        </div>
      )}
      {acts && (
        <div className={styles.acts}>
          <button
            type="button"
            className="tc-button"
            disabled={!isChanged || isOld || isStale || saving.isPending}
            onClick={() => save((draft?.on ?? stored).etag)}
          >
            {saving.isPending ? t("saving") : t("save")}
          </button>
          <button
            type="button"
            className="tc-button tc-button-plain"
            disabled={!isChanged || saving.isPending}
            onClick={() => {
              saving.reset();
              setDraft(null);
            }}
          >
            {t("discard")}
          </button>
          <span className="tc-quiet">{isChanged ? t("notSaved") : t("rotaHint")}</span>
        </div>
      )}
      {outcome !== null && <OutcomeNote of={outcome} close={() => setOutcome(null)} />}
    </>
  );
}

function only(plan: Plan, day: string): Plan {
  return plan[day] === undefined ? {} : { [day]: plan[day] };
}
