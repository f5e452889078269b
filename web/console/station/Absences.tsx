import { useAct } from "@shared/api/act";
import type { Page } from "@shared/api/console";
import type { Absence } from "@shared/api/generated/watch";
import { allOf } from "@shared/api/pages";
import { query, read } from "@shared/api/request";
import { serverNow } from "@shared/clock";
import { dayAfter, instantOf, momentOf } from "@shared/clock/shanghai";
import { useLanguage } from "@shared/language";
import { instantText, MomentInput, ProblemNote } from "@shared/parts";
import { roleName } from "@shared/words";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import styles from "./station.module.css";
import { useStationWords } from "./words";

const ROLES = ["station_chief", "section", "leader"] as const;

interface Away {
  station: string;
  /** Whether the section's and the leader's absences are this person's to record too. */
  ofDistrict: boolean;
  acts: boolean;
}

/** Who of the ladder is away: what would reach that office meanwhile reaches the next level up. */
export function Absences({ station, ofDistrict, acts }: Away) {
  const t = useStationWords();
  const spoken = useLanguage();
  const absences = useQuery({
    queryKey: ["absences"],
    queryFn: ({ signal }) =>
      allOf((cursor) => read<Page<Absence>>(`/watch/v1/absences${query(cursor)}`, { signal })),
  });
  const ending = useAct({
    run: (id: string, headers) => read<Absence>(`/watch/v1/absences/${id}/end`, { method: "POST", headers }),
    changes: [["absences"]],
  });
  const shown = (absences.data ?? []).filter((one) => one.station === null || one.station === station);
  const mayEnd = (one: Absence): boolean =>
    acts && (ofDistrict || one.station === station) && Date.parse(one.since) < serverNow();
  return (
    <section className={`tc-surface ${styles.part}`} data-part="absences">
      <h2>{t("absences")}</h2>
      <p className="tc-quiet">{t("absencesHint")}</p>
      {absences.error !== null && (
        <ProblemNote problem={absences.error} again={() => void absences.refetch()} />
      )}
      {absences.data !== undefined && shown.length === 0 && <p className="tc-quiet">{t("noAbsence")}</p>}
      <ul className={styles.list}>
        {shown.map((one) => (
          <li key={one.absence_id}>
            <span>
              <b>{roleName(one.role, spoken)}</b>{" "}
              {t("days", {
                from: instantText(one.since, spoken, true),
                until: instantText(one.until, spoken, true),
              })}
              <small>{one.reason}</small>
            </span>
            {mayEnd(one) && (
              <button
                type="button"
                className="tc-link"
                disabled={ending.isPending}
                onClick={() => ending.mutate(one.absence_id)}
              >
                {t("endAbsence")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {ending.error !== null && <ProblemNote problem={ending.error} />}
      {acts && <NewAbsence station={station} ofDistrict={ofDistrict} />}
    </section>
  );
}

function NewAbsence({ station, ofDistrict }: Omit<Away, "acts">) {
  const t = useStationWords();
  const spoken = useLanguage();
  const now = momentOf(serverNow());
  const [isOpen, setOpen] = useState(false);
  const [role, setRole] = useState<(typeof ROLES)[number]>("station_chief");
  const [since, setSince] = useState(now);
  const [until, setUntil] = useState(`${dayAfter(now.slice(0, 10), 1)}T00:00`);
  const [reason, setReason] = useState("");
  const recording = useAct({
    run: (body: Record<string, unknown>, headers) =>
      read<Absence>("/watch/v1/absences", {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify(body),
      }),
    changes: [["absences"]],
    done: () => {
      setOpen(false);
      setReason("");
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    recording.mutate({
      role,
      station: role === "station_chief" ? station : null,
      since: instantOf(since),
      until: instantOf(until),
      reason: reason.trim(),
    });
  };
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t("recordAbsence")}</summary>
      <form className={styles.form} onSubmit={submit}>
        <label>
          {t("office")}
          <select value={role} onChange={({ target }) => setRole(target.value as typeof role)}>
            {ROLES.filter((one) => ofDistrict || one === "station_chief").map((one) => (
              <option key={one} value={one}>
                {roleName(one, spoken)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("since")}
          <MomentInput required value={since} onChange={setSince} />
        </label>
        <label>
          {t("until")}
          <MomentInput required min={since} value={until} onChange={setUntil} />
        </label>
        <label>
          {t("reason")}
          <input
            required
            maxLength={500}
            pattern=".*\S.*"
            value={reason}
            onChange={({ target }) => setReason(target.value)}
          />
        </label>
        {recording.error !== null && <ProblemNote problem={recording.error} />}
        <button type="submit" className="tc-button" disabled={recording.isPending}>
          {t("confirm")}
        </button>
      </form>
    </details>
  );
}
