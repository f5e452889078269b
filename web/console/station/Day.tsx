import type { Leave, Officer, Substitution } from "@shared/api/generated/dispatcher";
import { useLanguage } from "@shared/language";
import { type DragEvent, useState } from "react";
import { nameAmong } from "../parts/names";
import { dayNames } from "./day_names";
import styles from "./station.module.css";
import { useStationWords } from "./words";

/** What is dragged: an officer, and the day that they are dragged from where it is one. */
export const OFFICER = "application/x-tricolor-officer";

export function drag(event: DragEvent, officer: string, from: string): void {
  event.dataTransfer.setData(OFFICER, JSON.stringify({ officer, from }));
  event.dataTransfer.effectAllowed = "copyMove";
}

interface DayOfRota {
  day: string;
  isToday: boolean;
  isChanged: boolean;
  /** Undefined where the day has no rota. */
  planned: readonly string[] | undefined;
  officers: readonly Officer[];
  leaves: readonly Leave[];
  substitutions: readonly Substitution[];
  acts: boolean;
  add: (officer: string) => void;
  move: (officer: string, from: string) => void;
  remove: (officer: string) => void;
  nobody: () => void;
  everybody: () => void;
}

/** A day of the rota: who is on duty, whom they substitute for, and who is away. */
export function Day(shown: DayOfRota) {
  const { day, planned, officers, leaves, substitutions, acts } = shown;
  const t = useStationWords();
  const { weekday, date } = dayNames(day, useLanguage());
  const [isOver, setOver] = useState(false);
  const nameOf = (code: string): string => nameAmong(officers, code);
  const isAway = (code: string): boolean =>
    leaves.some((one) => one.officer === code && one.first_day <= day && day <= one.last_day);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const given = event.dataTransfer.getData(OFFICER);
    if (given === "") return;
    const { officer, from } = JSON.parse(given) as { officer: string; from: string };
    if (from === "" || from === day || event.ctrlKey) shown.add(officer);
    else shown.move(officer, from);
  };
  const others = officers.filter((one) => !planned?.includes(one.code));
  return (
    <section
      className={styles.day}
      aria-label={`${weekday} ${date}`}
      data-today={shown.isToday}
      data-over={isOver}
      data-changed={shown.isChanged}
      {...(acts && {
        onDragOver: (event: DragEvent) => {
          if (!event.dataTransfer.types.includes(OFFICER)) return;
          event.preventDefault();
          setOver(true);
        },
        onDragLeave: () => setOver(false),
        onDrop: drop,
      })}
    >
      <header>
        <b>{weekday}</b> <span className="tc-quiet">{date}</span>
        {shown.isToday && <span className={styles.today}>{t("today")}</span>}
      </header>
      {planned === undefined ? (
        <p className={styles.everybody}>{t("everybody")}</p>
      ) : planned.length === 0 ? (
        <p className={styles.nobody}>{t("nobody")}</p>
      ) : (
        <ul className={styles.chips}>
          {planned.map((code) => (
            <li
              key={code}
              className={styles.chip}
              data-away={isAway(code)}
              draggable={acts}
              onDragStart={(event) => drag(event, code, day)}
              title={code}
            >
              <span>
                {nameOf(code)}
                {isAway(code) && <small>{t("away")}</small>}
              </span>
              {acts && (
                <button
                  type="button"
                  aria-label={t("remove", { name: nameOf(code), day: `${weekday} ${date}` })}
                  onClick={() => shown.remove(code)}
                >
                  ×
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {substitutions.map((one) => (
        <p key={one.officer} className={styles.substitution} title={one.reason}>
          {t("for", { substitute: nameOf(one.substitute), officer: nameOf(one.officer) })}
        </p>
      ))}
      {acts && (
        <footer>
          <select
            value=""
            aria-label={t("addTo", { day: `${weekday} ${date}` })}
            onChange={({ target }) => target.value !== "" && shown.add(target.value)}
          >
            <option value="">{t("add")}</option>
            {others.map((one) => (
              <option key={one.code} value={one.code}>
                {nameOf(one.code)}
                {isAway(one.code) ? `（${t("away")}）` : ""}
              </option>
            ))}
          </select>
          {planned !== undefined && (
            <button type="button" className="tc-link" onClick={shown.everybody}>
              {t("setEverybody")}
            </button>
          )}
          {(planned === undefined || planned.length > 0) && (
            <button type="button" className="tc-link" onClick={shown.nobody}>
              {t("setNobody")}
            </button>
          )}
        </footer>
      )}
    </section>
  );
}
