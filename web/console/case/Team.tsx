import type { CaseAnswer, PastAssignment } from "@shared/api/generated/dispatcher";
import { speak, useLanguage } from "@shared/language";
import type { Bilingual } from "@shared/language/language";
import { Empty, Loading, ProblemNote, Time } from "@shared/parts";
import { partName, stateName } from "@shared/words";
import { nameAmong } from "../parts/names";
import styles from "./case.module.css";
import { useTeams } from "./queries";
import { Section } from "./Section";
import { useCaseWords } from "./words";

interface Weighed {
  officer: string;
  name: string;
  chosen: boolean;
  points: number;
  of_which?: Record<string, number>;
  open_cases: number;
  due_soon?: number;
  distance_km: number | null;
  skills?: string[];
  reason: Bilingual;
}

/** Who has the case, how far each of them is, and why these two and not the others. */
export function Team({ found }: { found: CaseAnswer }) {
  const t = useCaseWords();
  const spoken = useLanguage();
  const teams = useTeams(found.case_id);
  if (found.kind === "self_report" || found.kind === "marking") return null;
  const all = teams.data?.items ?? [];
  const last = Math.max(0, ...all.map((one) => one.round));
  const present = all.filter((one) => one.round === last);
  const before = all.filter((one) => one.round !== last);
  const known = [...found.team, ...weighedIn(all)].map(({ officer, name }) => ({ code: officer, name }));
  const weighed = weighedIn(present);
  return (
    <Section id="team" title={t("team")}>
      {teams.error !== null && <ProblemNote problem={teams.error} again={() => void teams.refetch()} />}
      {teams.isLoading && <Loading lines={3} />}
      {teams.data !== undefined && found.team.length === 0 && <Empty title={t("noTeam")} />}
      {found.team.length > 0 && (
        <ul className={styles.members}>
          {found.team.map((member) => {
            const own = present.find((one) => one.officer === member.officer);
            return (
              <li key={member.officer}>
                <b>{nameAmong(known, member.officer)}</b>{" "}
                <span className="tc-quiet">{partName(member.part, spoken)}</span>
                {own !== undefined && (
                  <span className={styles.progress}>
                    {(
                      [
                        [t("offered"), own.offered_at],
                        [t("accepted"), own.accepted_at],
                        [t("departed"), own.departed_at],
                        [t("arrived"), own.arrived_at],
                      ] as const
                    ).map(([name, at]) => (
                      <span key={name} data-done={at != null}>
                        {name} <Time at={at} />
                      </span>
                    ))}
                  </span>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {weighed.length > 0 && (
        <details className={styles.more}>
          <summary>{t("whyThem", { count: weighed.length })}</summary>
          <Weighing weighed={weighed} />
        </details>
      )}
      {before.length > 0 && (
        <details className={styles.more}>
          <summary>{t("teamsBefore", { count: new Set(before.map((one) => one.round)).size })}</summary>
          <ul className={styles.list}>
            {before.map((one) => (
              <li key={one.assignment_id}>
                {nameAmong(known, one.officer)} <span className="tc-quiet">{partName(one.part, spoken)}</span>{" "}
                · <Time at={one.offered_at} /> – <Time at={one.ended_at} />
                <div className="tc-quiet">
                  {stateName(one.state, spoken)}
                  {one.end_reason != null && ` · ${endReason(one.end_reason, t)}`}
                </div>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  );
}

/** Everybody of the station with their points, and why each goes or does not. */
export function Weighing({ weighed }: { weighed: readonly Weighed[] }) {
  const t = useCaseWords();
  const say = speak(useLanguage());
  const known = weighed.map(({ officer, name }) => ({ code: officer, name }));
  const sorted = [...weighed].sort(
    (one, other) => Number(other.chosen) - Number(one.chosen) || one.points - other.points,
  );
  return (
    <table className={styles.weighing}>
      <thead>
        <tr>
          <th scope="col">{t("officer")}</th>
          <th scope="col">{t("points")}</th>
          <th scope="col">{t("inHand")}</th>
          <th scope="col">{t("distance")}</th>
          <th scope="col">{t("why")}</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((one) => (
          <tr key={one.officer} data-chosen={one.chosen}>
            <th scope="row">
              {one.chosen && <span aria-hidden="true">✓ </span>}
              {nameAmong(known, one.officer)}
            </th>
            <td>{Math.round(one.points * 100) / 100}</td>
            <td>{one.open_cases}</td>
            <td>{one.distance_km === null ? "—" : `${one.distance_km.toFixed(1)} km`}</td>
            <td>{say(one.reason)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function weighedIn(assignments: readonly Pick<PastAssignment, "explanation">[]): Weighed[] {
  for (const one of assignments) {
    const candidates = (one.explanation as { candidates?: Weighed[] }).candidates;
    if (candidates !== undefined && candidates.length > 0) return candidates;
  }
  return [];
}

const ENDS = {
  reassigned: "endReassigned",
  transferred: "endTransferred",
  declined: "endDeclined",
  "declined with": "endDeclinedWith",
  no_answer: "endNoAnswer",
  rota: "endRota",
  recused: "endRecused",
  closed: "endClosed",
  ended: "endClosed",
} as const;

function endReason(reason: string, t: ReturnType<typeof useCaseWords>): string {
  return reason in ENDS ? t(ENDS[reason as keyof typeof ENDS]) : reason;
}
