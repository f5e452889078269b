import type { Page } from "@shared/api/console";
import { read } from "@shared/api/request";
import { useLanguage } from "@shared/language";
import { instantText, ProblemNote } from "@shared/parts";
import { useQuery } from "@tanstack/react-query";
import styles from "./calendar.module.css";
import { useCalendarWords } from "./words";

interface Version {
  version: string;
  effective_from: string;
  published_by: string;
  confirmed_by: string | null;
  reason: string;
  body: string;
}

/** Every version of a policy, whole, with who proposed and confirmed it. */
export function Policies({ title, path }: { title: string; path: string }) {
  const t = useCalendarWords();
  const spoken = useLanguage();
  const versions = useQuery({
    queryKey: ["calendar", path],
    queryFn: ({ signal }) => read<Page<Version>>(path, { signal }),
  });
  return (
    <section className={`tc-surface ${styles.part}`}>
      <h2>{title}</h2>
      {versions.error !== null && <ProblemNote problem={versions.error} />}
      {(versions.data?.items ?? []).map((one) => (
        <details key={one.version}>
          <summary>
            <b>{one.version}</b> · {t("inForce", { time: instantText(one.effective_from, spoken, true) })} ·{" "}
            {t("by", { by: one.published_by, confirmed: one.confirmed_by ?? t("nobody") })}
          </summary>
          <p className="tc-quiet">{one.reason}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
          <pre className={styles.moves} tabIndex={0}>
            {one.body}
          </pre>
        </details>
      ))}
    </section>
  );
}
