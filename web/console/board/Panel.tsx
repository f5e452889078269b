import { Link } from "@tanstack/react-router";
import { type ReactNode, useId } from "react";
import type { CasesSearch } from "../cases/search";
import styles from "./board.module.css";
import { useBoardWords } from "./words";

interface Panelled {
  title: string;
  count?: number;
  tone?: "wrong" | undefined;
  /** The filters of the list that shows all of it. */
  more?: CasesSearch;
  children: ReactNode;
}

/** A part of the board, with the way to the whole list. */
export function Panel({ title, count, tone, more, children }: Panelled) {
  const t = useBoardWords();
  const id = useId();
  return (
    <section className={`tc-surface ${styles.panel}`} aria-labelledby={id}>
      <header className={styles.panelHead}>
        <h2 id={id} data-tone={tone}>
          {title}
          {count !== undefined && <span className={styles.count}>{count}</span>}
        </h2>
        {more !== undefined && (
          <Link to="/cases" search={more}>
            {t("all")}
          </Link>
        )}
      </header>
      {children}
    </section>
  );
}
