import type { ReactNode } from "react";
import styles from "./case.module.css";

interface Sectioned {
  title: ReactNode;
  id: string;
  aside?: ReactNode;
  children: ReactNode;
}

/** A part of the case page. */
export function Section({ title, id, aside, children }: Sectioned) {
  return (
    <section className={`tc-surface ${styles.section}`} data-part={id} aria-labelledby={`case-${id}`}>
      <header>
        <h2 id={`case-${id}`}>{title}</h2>
        {aside}
      </header>
      <div className={styles.body}>{children}</div>
    </section>
  );
}
