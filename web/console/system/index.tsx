import { read, signedFetch } from "@shared/api/request";
import { useLanguage } from "@shared/language";
import { Empty, instantText, Loading, ProblemNote } from "@shared/parts";
import { useQuery } from "@tanstack/react-query";
import list from "../list/list.module.css";
import { SERVICES, type ServiceName } from "../parts/services";
import styles from "./system.module.css";
import { useSystemWords } from "./words";

interface SystemAnswer {
  lag_seconds: number | null;
  partitions: {
    topic: string;
    partition: number;
    position: number;
    waiting: number;
    lag_seconds: number;
    last_event_at: string | null;
    is_current: boolean;
  }[];
  rebuild: {
    started_at: string;
    step: string;
    done: number;
    total: number;
    finished_at: string | null;
  } | null;
}

interface Health {
  status: string;
  missing: Record<string, string>;
}

/** Whether every service has what it needs, and how far behind what the console shows is. */
export function Screen() {
  const t = useSystemWords();
  return (
    <div className={list.page}>
      <header className={list.head}>
        <h1>{t("title")}</h1>
      </header>
      <section className={`tc-surface ${styles.part}`}>
        <h2>{t("services")}</h2>
        <ul className={styles.services}>
          {SERVICES.map((service) => (
            <Service key={service} name={service} />
          ))}
        </ul>
      </section>
      <ReadModel />
    </div>
  );
}

function Service({ name }: { name: ServiceName }) {
  const t = useSystemWords();
  const health = useQuery({
    queryKey: ["readyz", name],
    queryFn: async ({ signal }) => {
      const response = await signedFetch(`/${name}/readyz`, { signal });
      return (await response.json()) as Health;
    },
    refetchInterval: 5_000,
    retry: false,
  });
  const isReady = health.data?.status === "ready";
  const missing = Object.entries(health.data?.missing ?? {});
  return (
    <li className={styles.service} data-ready={isReady}>
      <b>{t(name)}</b>
      <span className={styles.state}>
        {health.isPending ? "…" : health.error !== null ? t("away") : t(isReady ? "ready" : "notReady")}
      </span>
      {missing.length > 0 && (
        <span>
          {t("missing")}
          {missing.map(([part, why]) => `${part} (${why})`).join("; ")}
        </span>
      )}
      <span className={styles.links}>
        <a href={`/${name}/docs`} target="_blank" rel="noreferrer">
          {t("documents")}
        </a>
        <a href={`/${name}/metrics`} target="_blank" rel="noreferrer">
          {t("metrics")}
        </a>
      </span>
    </li>
  );
}

function ReadModel() {
  const t = useSystemWords();
  const spoken = useLanguage();
  const system = useQuery({
    queryKey: ["system"],
    queryFn: ({ signal }) => read<SystemAnswer>("/console/v1/system", { signal }),
    refetchInterval: 5_000,
  });
  if (system.error !== null)
    return <ProblemNote problem={system.error} again={() => void system.refetch()} />;
  if (system.data === undefined) return <Loading lines={6} />;
  const { lag_seconds: lag, partitions, rebuild } = system.data;
  return (
    <section className={`tc-surface ${styles.part}`}>
      <h2>{t("model")}</h2>
      <dl className={styles.facts}>
        <dt title={t("lagHint")}>{t("lag")}</dt>
        <dd>{lag === null ? "–" : t("seconds", { count: Math.round(lag * 10) / 10 })}</dd>
        <dt>{t("rebuild")}</dt>
        <dd>
          {rebuild === null
            ? t("never")
            : rebuild.finished_at === null
              ? t("rebuilding", rebuild)
              : t("rebuilt", { time: instantText(rebuild.finished_at, spoken, true) })}
        </dd>
      </dl>
      {partitions.length === 0 ? (
        <Empty title={t("none")} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        <section className={styles.scroll} tabIndex={0} aria-label={t("table")}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t("topic")}</th>
                <th scope="col">{t("partition")}</th>
                <th scope="col">{t("position")}</th>
                <th scope="col">{t("waiting")}</th>
                <th scope="col">{t("lag")}</th>
                <th scope="col">{t("last")}</th>
              </tr>
            </thead>
            <tbody>
              {partitions.map((one) => (
                <tr key={`${one.topic} ${one.partition}`}>
                  <th scope="row">{one.topic}</th>
                  <td>{one.partition}</td>
                  <td>{one.position}</td>
                  <td>{one.waiting}</td>
                  <td>
                    {one.is_current
                      ? t("seconds", { count: Math.round(one.lag_seconds * 10) / 10 })
                      : t("stale")}
                  </td>
                  <td>{one.last_event_at === null ? "–" : instantText(one.last_event_at, spoken, true)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}
