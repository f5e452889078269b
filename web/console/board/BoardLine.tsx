import type { CaseRow } from "@shared/api/console";
import { enterpriseName, measuredBriefly } from "@shared/found/found";
import { speak, useLanguage } from "@shared/language";
import { LevelTag, Person } from "@shared/parts";
import { rungName, stateName } from "@shared/words";
import { Link } from "@tanstack/react-router";
import { Due } from "../parts/Due";
import styles from "./board.module.css";
import { useBoardWords } from "./words";

interface Line {
  row: CaseRow;
  isCurrent: boolean;
  isChanged: boolean;
}

/** A case on the board: what and where, how far, whose, by when. */
export function BoardLine({ row, isCurrent, isChanged }: Line) {
  const spoken = useLanguage();
  const say = speak(spoken);
  const t = useBoardWords();
  return (
    <article className={styles.line} data-row={row.case_id} data-current={isCurrent} data-changed={isChanged}>
      <LevelTag level={row.level} brief />
      <div className={styles.what}>
        <Link to="/cases/$caseId" params={{ caseId: row.case_id }} className={styles.name}>
          {enterpriseName(row)}
        </Link>
        <div className={styles.found}>
          {[say(row.category), measuredBriefly(row)].filter(Boolean).join(" · ")}
        </div>
      </div>
      <div className={styles.stage}>
        <span>{stateName(row.state, spoken, row.kind)}</span>
        {row.rung !== null && <span className={styles.rung}>{rungName(row.rung, spoken)}</span>}
      </div>
      <div className={styles.who}>
        <span>{row.station_name ?? row.station ?? t("stationless")}</span>
        <span className={styles.found}>
          {row.team.length > 0 ? (
            row.team.map((member) => <Person key={member.officer} name={member.name} code={member.officer} />)
          ) : row.kind === "self_report" ? (
            t("enterpriseAnswers")
          ) : row.kind === "marking" ? null : (
            <strong className={styles.none}>{t("noTeam")}</strong>
          )}
        </span>
      </div>
      <div className={styles.when}>
        <Due row={row} />
      </div>
    </article>
  );
}
