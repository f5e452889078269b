import type { Leave, Officer } from "@shared/api/generated/dispatcher";
import { Empty } from "@shared/parts";
import { Link } from "@tanstack/react-router";
import { drag } from "./Day";
import { useLoad } from "./queries";
import styles from "./station.module.css";
import { useStationWords } from "./words";

interface People {
  station: string;
  today: string;
  officers: readonly Officer[];
  leaves: readonly Leave[];
  acts: boolean;
}

/** The officers of the station, what each has to do, and who is there. They are dragged into the rota from here. */
export function Officers({ station, today, officers, leaves, acts }: People) {
  const t = useStationWords();
  const load = useLoad(station, today).data;
  if (officers.length === 0) return <Empty title={t("noOfficers")}>{t("noOfficersHint")}</Empty>;
  const most = Math.max(1, ...[...(load?.values() ?? [])].map(({ open }) => open));
  return (
    <ul className={styles.people}>
      {officers.map(({ code, name, on_duty, certified }) => {
        const has = load?.get(code) ?? { open: 0, overdue: 0 };
        const leave = leaves.find(
          (one) => one.officer === code && one.first_day <= today && today <= one.last_day,
        );
        return (
          <li
            key={code}
            draggable={acts}
            onDragStart={(event) => drag(event, code, "")}
            className={styles.person}
            data-acts={acts}
          >
            <span>
              <b>{name}</b> <small className="tc-quiet">{code}</small>
            </span>
            <span className="tc-quiet">
              {leave !== undefined
                ? t("awayUntil", { day: leave.last_day })
                : on_duty
                  ? t("onDuty")
                  : t("offDuty")}
              {!certified && ` · ${t("notCertified")}`}
            </span>
            {load !== undefined && (
              <span className={styles.load}>
                <meter min={0} max={most} value={has.open} aria-hidden="true" />
                <Link to="/cases" search={{ officer: code }}>
                  {t("open", { count: has.open })}
                </Link>
                {has.overdue > 0 && (
                  <Link to="/cases" search={{ officer: code, overdue: "yes" }} className={styles.overdue}>
                    {t("overdue", { count: has.overdue })}
                  </Link>
                )}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
