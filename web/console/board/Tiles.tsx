import type { BoardAnswer, ByLevel } from "@shared/api/console";
import { useLanguage } from "@shared/language";
import { dayText } from "@shared/parts";
import { LEVELS, levelName } from "@shared/words";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { CasesSearch } from "../cases/search";
import { percent } from "../parts/share";
import styles from "./board.module.css";
import { useBoardWords } from "./words";

/** The board's numbers, each the way to the cases that it counts. */
export function Tiles({ board, station }: { board: BoardAnswer; station: string | undefined }) {
  const { counts, handled } = board;
  const t = useBoardWords();
  const ofStation: CasesSearch = station === undefined ? {} : { station: [station] };
  const today = dayText(board.now);
  return (
    <div className={styles.tiles}>
      <Tile
        name={t("overdue")}
        value={total(counts.overdue)}
        tone={total(counts.overdue) > 0 ? "wrong" : "good"}
        to={{ ...ofStation, overdue: "yes" }}
        shares={counts.overdue}
      />
      <Tile
        name={t("dueToday")}
        value={counts.due_today}
        tone={counts.due_today > 0 ? "warning" : undefined}
        to={{ ...ofStation, due_after: today, due_before: today, sort: "due" }}
      />
      <Tile
        name={t("waiting")}
        value={counts.waiting}
        tone={counts.waiting > 0 ? "warning" : undefined}
        to={{ ...ofStation, awaits: ["team"] }}
        more={t("waitingHint")}
      />
      <Tile
        name={t("open")}
        value={total(counts.open)}
        to={{ ...ofStation, open: "yes" }}
        shares={counts.open}
      />
      <Tile
        name={t("handled")}
        value={handled.share === null ? "—" : `${percent(handled.share)}%`}
        tone={handled.share === null ? undefined : handled.share >= 1 ? "good" : "warning"}
        to={{ ...ofStation, handled: "no" }}
        more={
          handled.total === 0
            ? t("handledNone")
            : t("handledOf", {
                handled: handled.handled,
                total: handled.total,
                onTime: handled.on_time,
                late: handled.late,
              })
        }
      />
    </div>
  );
}

interface Tiled {
  name: string;
  value: ReactNode;
  tone?: "wrong" | "warning" | "good" | undefined;
  to: CasesSearch;
  shares?: ByLevel;
  more?: string;
}

function Tile({ name, value, tone, to, shares, more }: Tiled) {
  const spoken = useLanguage();
  return (
    <Link to="/cases" search={to} className={`tc-surface ${styles.tile}`}>
      <span className={styles.tileName}>{name}</span>
      <span className={styles.tileValue} data-tone={tone}>
        {value}
      </span>
      <span className={styles.tileMore}>
        {shares === undefined
          ? more
          : LEVELS.filter((level) => level !== "white" || shares.white > 0).map((level) => (
              <span key={level} className={styles.share}>
                <i className={styles.dot} data-level={level} aria-hidden="true" />
                {levelName(level, spoken)} {shares[level] ?? 0}
              </span>
            ))}
      </span>
    </Link>
  );
}

function total(counts: ByLevel): number {
  return LEVELS.reduce((all, level) => all + (counts[level] ?? 0), 0);
}
