import type { CaseRow } from "@shared/api/console";
import { enterpriseName, measuredBriefly, outletName } from "@shared/found/found";
import { speak, useLanguage } from "@shared/language";
import { LevelTag, Person, Time } from "@shared/parts";
import { kindName, outcomeName, rungName, stateName } from "@shared/words";
import { Link } from "@tanstack/react-router";
import { Due } from "../parts/Due";
import styles from "./cases.module.css";
import { useCasesWords } from "./words";

/** A case in the list: what and where, how far, whose, since when and until when. */
export function CasesLine({ row, isCurrent }: { row: CaseRow; isCurrent: boolean }) {
  const spoken = useLanguage();
  const say = speak(spoken);
  const t = useCasesWords();
  const isClosed = row.closed_at !== null;
  return (
    <article className={`${styles.line} ${styles.row}`} data-current={isCurrent}>
      <LevelTag level={row.level} brief />
      <div className={styles.cell}>
        <Link to="/cases/$caseId" params={{ caseId: row.case_id }} className={styles.name}>
          {enterpriseName(row)}
        </Link>
        <span className={styles.quiet}>
          {[kindName(row.kind, spoken), say(row.category), outletName(row.outlet), measuredBriefly(row)]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </div>
      <div className={styles.cell}>
        <span>{stateName(row.state, spoken, row.kind)}</span>
        <span className={styles.quiet}>
          {isClosed ? (
            outcomeName(row.outcome, spoken)
          ) : (
            <b data-tone="wrong">{rungName(row.rung, spoken)}</b>
          )}
        </span>
      </div>
      <div className={styles.cell}>
        <span>{row.station_name ?? row.station ?? "—"}</span>
        <span className={styles.people}>
          {row.team.length > 0
            ? row.team.map((member) => (
                <Person key={member.officer} name={member.name} code={member.officer} />
              ))
            : row.kind === "self_report"
              ? t("byEnterprise")
              : !isClosed && row.kind !== "marking" && <b data-tone="warning">{t("noTeam")}</b>}
        </span>
      </div>
      <div className={styles.cell}>
        <Time at={row.opened_at} />
      </div>
      <div className={styles.cell}>
        {isClosed ? (
          <>
            <Time at={row.closed_at} />
            <span className={styles.quiet}>
              {row.on_time !== null && (
                <b data-tone={row.on_time ? "good" : "wrong"}>{row.on_time ? t("onTime") : t("late")}</b>
              )}
              {row.handled && !row.finished && <b data-tone="warning"> {t("unfinished")}</b>}
            </span>
          </>
        ) : (
          <Due row={row} />
        )}
      </div>
    </article>
  );
}
