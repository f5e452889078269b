import { read, signedFetch } from "@shared/api/request";
import { useLanguage } from "@shared/language";
import { type Bilingual, chosen } from "@shared/language/language";
import { Empty, instantText, Loading, ProblemNote } from "@shared/parts";
import { useQuery } from "@tanstack/react-query";
import list from "../list/list.module.css";
import { SERVICES, type ServiceName } from "../parts/services";
import { Lag } from "./Lag";
import styles from "./system.module.css";
import type { Partition } from "./topics";
import { useSystemWords } from "./words";

interface SystemAnswer {
  lag_seconds: number | null;
  partitions: Partition[];
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
      <Chain />
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
      <Processes name={name} />
    </li>
  );
}

interface ReplicasAnswer {
  replicas: {
    replica: string;
    started_at: string;
    seen_at: string;
    silent_seconds: number;
    is_current: boolean;
  }[];
  outbox: { pending: number; counted_to: number; oldest_at: string | null };
}

/** Which processes run the service, when each was seen last, and what waits in its outbox. */
function Processes({ name }: { name: ServiceName }) {
  const t = useSystemWords();
  const spoken = useLanguage();
  const found = useQuery({
    queryKey: ["replicas", name],
    queryFn: ({ signal }) => read<ReplicasAnswer>(`/${name}/v1/replicas`, { signal }),
    refetchInterval: 5_000,
    retry: false,
  });
  // That a service is away stands above already.
  if (found.data === undefined) return null;
  const { replicas, outbox } = found.data;
  return (
    <dl className={styles.processes}>
      <dt>{t("replicas")}</dt>
      <dd>
        <ul className={styles.replicas}>
          {replicas.map((one) => (
            <li key={one.replica} data-current={one.is_current}>
              <code>{one.replica}</code>{" "}
              {one.is_current
                ? t("seenAgo", { count: Math.round(one.silent_seconds) })
                : t("silentSince", { time: instantText(one.seen_at, spoken, true) })}
            </li>
          ))}
        </ul>
      </dd>
      <dt>{t("outbox")}</dt>
      <dd>
        {outbox.oldest_at === null
          ? t("outboxEmpty")
          : t("outboxWaits", {
              count: outbox.pending < outbox.counted_to ? outbox.pending : `${outbox.counted_to}+`,
              time: instantText(outbox.oldest_at, spoken, true),
            })}
      </dd>
    </dl>
  );
}

interface ChainAnswer {
  proved_at: string | null;
  clean_at: string | null;
  repaired: number | null;
  examined: Record<string, number>;
  found: { link: string; says: Bilingual; number: number }[];
}

/** Whether every event has its alert, case, clock and outcome, as far as that was proved last. */
function Chain() {
  const t = useSystemWords();
  const spoken = useLanguage();
  const chain = useQuery({
    queryKey: ["chain"],
    queryFn: ({ signal }) => read<ChainAnswer>("/watch/v1/audit/chain", { signal }),
    refetchInterval: 15_000,
  });
  const proof = chain.data;
  const EXAMINED = ["events", "alerts", "cases", "deadlines"] as const;
  return (
    <section className={`tc-surface ${styles.part}`} aria-labelledby="chain">
      <h2 id="chain">{t("chain")}</h2>
      {chain.error !== null && <ProblemNote problem={chain.error} again={() => void chain.refetch()} />}
      {chain.isPending && <Loading lines={2} />}
      {proof !== undefined && proof.proved_at === null && <Empty title={t("neverProved")} />}
      {proof !== undefined && proof.proved_at !== null && (
        <>
          <dl className={styles.facts}>
            <dt>{t("provedAt")}</dt>
            <dd>{instantText(proof.proved_at, spoken, true)}</dd>
            <dt>{t("cleanAt")}</dt>
            <dd data-bad={proof.clean_at !== proof.proved_at}>
              {proof.clean_at === null ? t("neverClean") : instantText(proof.clean_at, spoken, true)}
            </dd>
            <dt>{t("examined")}</dt>
            <dd>
              {EXAMINED.filter((name) => name in proof.examined)
                .map((name) => `${t(`of_${name}`)} ${proof.examined[name]}`)
                .join(" · ")}
            </dd>
          </dl>
          {proof.found.length === 0 ? (
            <p className={styles.whole}>{t("whole")}</p>
          ) : (
            <table className={`${styles.table} ${styles.found}`}>
              <caption className="tc-quiet">{t("mended", { count: proof.repaired ?? 0 })}</caption>
              <thead>
                <tr>
                  <th scope="col">{t("amiss")}</th>
                  <th scope="col" className={styles.number}>
                    {t("number")}
                  </th>
                </tr>
              </thead>
              <tbody>
                {proof.found.map((one) => (
                  <tr key={one.link}>
                    <th scope="row">{chosen(one.says, spoken)}</th>
                    <td className={styles.number}>{one.number}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
    </section>
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
      <Lag partitions={partitions} />
    </section>
  );
}
