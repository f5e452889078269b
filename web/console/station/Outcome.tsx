import type { Kept, PlannedInVain } from "@shared/api/generated/dispatcher";
import { speak, useLanguage } from "@shared/language";
import { stateName } from "@shared/words";
import { Link } from "@tanstack/react-router";
import styles from "./station.module.css";
import { useStationWords } from "./words";

/** What a change of who is there did to cases. */
export interface Outcome {
  replanned?: string[];
  kept?: Kept[];
  in_vain?: PlannedInVain[];
  /** Days of a leave on which the officer is on the rota. */
  on_duty?: string[];
}

/** Which cases went to others, which stayed and why, and what the rota plans in vain: for the chief to look at. */
export function OutcomeNote({ of, close }: { of: Outcome; close: () => void }) {
  const t = useStationWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const { replanned = [], kept = [], in_vain = [], on_duty = [] } = of;
  const isCalm = kept.length + in_vain.length + on_duty.length === 0;
  return (
    <section className={styles.outcome} data-calm={isCalm} role="status">
      <header>
        <b>{t("saved")}</b>
        <button type="button" className="tc-link" onClick={close}>
          {t("close")}
        </button>
      </header>
      {replanned.length === 0 && kept.length === 0 && <p>{t("noCaseMoved")}</p>}
      {replanned.length > 0 && (
        <p>
          {t("replanned", { count: replanned.length })}{" "}
          {replanned.map((caseId, index) => (
            <Link key={caseId} to="/cases/$caseId" params={{ caseId }} className={styles.numbered}>
              {t("caseNumber", { count: index + 1 })}
            </Link>
          ))}
        </p>
      )}
      {kept.length > 0 && (
        <>
          <p>{t("kept", { count: kept.length })}</p>
          <ul>
            {kept.map((one) => (
              <li key={`${one.case_id} ${one.officer}`}>
                <Link to="/cases/$caseId" params={{ caseId: one.case_id }}>
                  {stateName(one.state, spoken)}
                </Link>{" "}
                {one.name} · {t("fromDay", { day: one.from_day })} · {say(one.reason)}
              </li>
            ))}
          </ul>
        </>
      )}
      {in_vain.length > 0 && (
        <>
          <p>{t("inVain")}</p>
          <ul>
            {in_vain.map((one) => (
              <li key={`${one.day} ${one.officer}`}>
                {one.day} {one.name} · {say(one.reason)}
              </li>
            ))}
          </ul>
        </>
      )}
      {on_duty.length > 0 && <p>{t("onDutyMeanwhile", { days: on_duty.join("、") })}</p>}
    </section>
  );
}
