import { useLanguage } from "@shared/language";
import { Empty, instantText } from "@shared/parts";
import type { ReactNode } from "react";
import styles from "./system.module.css";
import { type Partition, topicsOf } from "./topics";
import { useSystemWords } from "./words";

/** How far the console is behind what the services emitted: by topic, and each partition below. */
export function Lag({ partitions }: { partitions: readonly Partition[] }) {
  const t = useSystemWords();
  const spoken = useLanguage();
  if (partitions.length === 0) return <Empty title={t("none")} />;
  return (
    <>
      <Scrolled name={t("byTopic")}>
        <caption className="tc-quiet">{t("byTopic")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("topic")}</th>
            <th scope="col" className={styles.number}>
              {t("waiting")}
            </th>
            <th scope="col" className={styles.number}>
              {t("lag")}
            </th>
            <th scope="col">{t("last")}</th>
          </tr>
        </thead>
        <tbody>
          {topicsOf(partitions).map((one) => (
            <tr key={one.topic}>
              <th scope="row">{one.topic}</th>
              <td className={styles.number}>{one.waiting}</td>
              <td className={styles.number}>
                {one.lag === null ? t("stale") : t("seconds", { count: Math.round(one.lag * 10) / 10 })}
              </td>
              <td>{one.last === null ? "–" : instantText(one.last, spoken)}</td>
            </tr>
          ))}
        </tbody>
      </Scrolled>
      <details>
        <summary>{t("table")}</summary>
        <Scrolled name={t("table")}>
          <thead>
            <tr>
              <th scope="col">{t("topic")}</th>
              <th scope="col" className={styles.number}>
                {t("partition")}
              </th>
              <th scope="col" className={styles.number}>
                {t("position")}
              </th>
              <th scope="col" className={styles.number}>
                {t("waiting")}
              </th>
              <th scope="col" className={styles.number}>
                {t("lag")}
              </th>
              <th scope="col">{t("last")}</th>
            </tr>
          </thead>
          <tbody>
            {partitions.map((one) => (
              <tr key={`${one.topic} ${one.partition}`}>
                <th scope="row">{one.topic}</th>
                <td className={styles.number}>{one.partition}</td>
                <td className={styles.number}>{one.position}</td>
                <td className={styles.number}>{one.waiting}</td>
                <td className={styles.number}>
                  {one.is_current
                    ? t("seconds", { count: Math.round(one.lag_seconds * 10) / 10 })
                    : t("stale")}
                </td>
                <td>{one.last_event_at === null ? "–" : instantText(one.last_event_at, spoken)}</td>
              </tr>
            ))}
          </tbody>
        </Scrolled>
      </details>
    </>
  );
}

/** A table that may be wider than the screen. */
function Scrolled({ name, children }: { name: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className={styles.scroll} tabIndex={0} aria-label={name}>
      <table className={styles.table}>{children}</table>
    </section>
  );
}
