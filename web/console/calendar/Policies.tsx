import type { Page } from "@shared/api/console";
import { allOf } from "@shared/api/pages";
import { query, read } from "@shared/api/request";
import { serverNow } from "@shared/clock";
import { useLanguage } from "@shared/language";
import { instantText, ProblemNote } from "@shared/parts";
import { useQuery } from "@tanstack/react-query";
import { isShipped } from "../list/shipped";
import { usePeople } from "../list/usePeople";
import styles from "./calendar.module.css";
import { PublishPolicy } from "./PublishPolicy";
import { useCalendarWords } from "./words";

interface Version {
  version: string;
  effective_from: string;
  published_by: string;
  confirmed_by: string | null;
  reason: string;
  body: string;
}

interface Kept {
  title: string;
  path: string;
  mayPropose: boolean;
}

/** Every version of a policy, whole, with who proposed and confirmed it. */
export function Policies({ title, path, mayPropose }: Kept) {
  const t = useCalendarWords();
  const spoken = useLanguage();
  const versions = useQuery({
    queryKey: ["calendar", path],
    queryFn: ({ signal }) => allOf((cursor) => read<Page<Version>>(`${path}${query(cursor)}`, { signal })),
  });
  const nameOf = usePeople();
  // The latest first; one that is confirmed may come into force later.
  const inForce = versions.data?.find((one) => Date.parse(one.effective_from) <= serverNow());
  return (
    <section className={`tc-surface ${styles.part}`}>
      <h2>{title}</h2>
      {versions.error !== null && <ProblemNote problem={versions.error} />}
      {(versions.data ?? []).map((one) => (
        <details key={one.version}>
          <summary>
            <b>{one.version}</b> · {t("inForce", { time: instantText(one.effective_from, spoken, true) })} ·{" "}
            {isShipped(one.published_by)
              ? t("shipped")
              : t("by", {
                  by: nameOf(one.published_by),
                  confirmed: one.confirmed_by === null ? t("nobody") : nameOf(one.confirmed_by),
                })}
          </summary>
          {!isShipped(one.published_by) && <p className="tc-quiet">{one.reason}</p>}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
          <pre className={styles.moves} tabIndex={0}>
            {one.body}
          </pre>
        </details>
      ))}
      {inForce !== undefined && mayPropose && (
        <PublishPolicy path={path} written={inForce.body} title={title} />
      )}
    </section>
  );
}
