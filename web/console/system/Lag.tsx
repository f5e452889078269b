import { useLanguage } from "@shared/language";
import { Empty, instantText } from "@shared/parts";
import type { ReactNode } from "react";
import styles from "./system.module.css";
import { type Partition, topicsOf } from "./topics";
import { useSystemWords } from "./words";

/** How far the console is behind what the services emitted: by topic, and each partition below. */
export function Lag({ partitions }: { partitions: readonly Partition[] }) {
  const t = useSystemWords();
  if (partitions.length === 0) return <Empty title={t("none")} />;
  return (
    <>
      <Scrolled name={t("byTopic")}>
        <caption className="tc-quiet">{t("byTopic")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("topic")}</th>
            <BehindHeads />
          </tr>
        </thead>
        <tbody>
          {topicsOf(partitions).map((one) => (
            <tr key={one.topic}>
              <th scope="row">{one.topic}</th>
              <Behind waiting={one.waiting} lag={one.lag} last={one.last} />
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
              <BehindHeads />
            </tr>
          </thead>
          <tbody>
            {partitions.map((one) => (
              <tr key={`${one.topic} ${one.partition}`}>
                <th scope="row">{one.topic}</th>
                <td className={styles.number}>{one.partition}</td>
                <td className={styles.number}>{one.position}</td>
                <Behind
                  waiting={one.waiting}
                  lag={one.is_current ? one.lag_seconds : null}
                  last={one.last_event_at}
                />
              </tr>
            ))}
          </tbody>
        </Scrolled>
      </details>
    </>
  );
}

function BehindHeads() {
  const t = useSystemWords();
  return (
    <>
      <th scope="col" className={styles.number}>
        {t("waiting")}
      </th>
      <th scope="col" className={styles.number}>
        {t("lag")}
      </th>
      <th scope="col">{t("last")}</th>
    </>
  );
}

/** How much waits, for how long, and when something was read last; a `lag` of null is none that is known now. */
function Behind({ waiting, lag, last }: { waiting: number; lag: number | null; last: string | null }) {
  const t = useSystemWords();
  const spoken = useLanguage();
  return (
    <>
      <td className={styles.number}>{waiting}</td>
      <td className={styles.number}>
        {lag === null ? t("stale") : t("seconds", { count: Math.round(lag * 10) / 10 })}
      </td>
      <td>{last === null ? "–" : instantText(last, spoken)}</td>
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
