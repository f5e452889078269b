import type { WorkAnswer, WorkItem } from "@shared/api/console";
import { read } from "@shared/api/request";
import { speak, useLanguage } from "@shared/language";
import { Countdown, Empty, instantText, LevelTag, Loading, ProblemNote } from "@shared/parts";
import { useSession } from "@shared/session/session";
import { LEVELS, roleName } from "@shared/words";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { ActDialog } from "../case/acts/ActDialog";
import { type Act, actsOfProposal } from "../case/acts/acts";
import { useActName } from "../case/acts/words";
import list from "../list/list.module.css";
import { usePeople } from "../list/usePeople";
import { useRows } from "../list/useRows";
import { useShortcuts } from "../shell/shortcuts";
import { type Gathered, gathered, withoutName } from "./gathered";
import { WORK_KINDS } from "./search";
import { useWorkWords } from "./words";
import styles from "./work.module.css";

/** What waits for whoever is signed in: the oldest and most pressing first, by kind. */
export function Screen() {
  const { kind } = useSearch({ from: "/shell/work" });
  const t = useWorkWords();
  const navigate = useNavigate();
  const router = useRouter();
  const work = useQuery({
    queryKey: ["work"],
    queryFn: ({ signal }) => read<WorkAnswer>("/console/v1/work", { signal }),
    // The stream says when it changes. What it cannot say is that a proposal expired unseen, and the console's own troubles.
    refetchInterval: 60_000,
  });
  const [doing, setDoing] = useState<Act | null>(null);
  const counts = work.data?.counts ?? {};
  const kinds = WORK_KINDS.filter((one) => (counts[one] ?? 0) > 0 || one === kind);
  const items = (work.data?.items ?? []).filter((item) => kind === undefined || item.kind === kind);
  const total =
    kind === undefined ? Object.values(counts).reduce((all, one) => all + one, 0) : (counts[kind] ?? 0);
  const lines = gathered(items);
  const id = ({ item }: Gathered): string =>
    [
      item.kind,
      item.service,
      item.id ?? item.case_id ?? item.alert_id,
      item.subject,
      item.recipient,
      item.since,
    ].join(" ");
  const open = ({ item }: Gathered): void => router.history.push(placeOf(item));
  const current = useRows({ rows: lines, id, open });
  useShortcuts(
    [undefined, ...kinds].map((one, index) => ({
      keys: String(index),
      says: one === undefined ? t("all") : t(one),
      run: () =>
        void navigate({ to: "/work", search: one === undefined ? {} : { kind: one }, replace: true }),
    })),
  );
  return (
    <div className={list.page}>
      <header className={list.head}>
        <h1>{t("title")}</h1>
      </header>
      {work.error !== null && <ProblemNote problem={work.error} again={() => void work.refetch()} />}
      {work.data === undefined ? (
        work.error === null && <Loading lines={8} />
      ) : total === 0 && kind === undefined ? (
        <Empty title={t("none")}>{t("noneHint")}</Empty>
      ) : (
        <div className={styles.columns}>
          <nav className={`tc-surface ${styles.kinds}`} aria-label={t("kinds")}>
            {[undefined, ...kinds].map((one, index) => (
              <Link
                key={one ?? "all"}
                to="/work"
                search={one === undefined ? {} : { kind: one }}
                className={styles.kind}
                aria-current={one === kind ? "true" : undefined}
              >
                <kbd>{index}</kbd>
                <span>{one === undefined ? t("all") : t(one)}</span>
                <b>
                  {one === undefined
                    ? Object.values(counts).reduce((all, many) => all + many, 0)
                    : (counts[one] ?? 0)}
                </b>
              </Link>
            ))}
          </nav>
          <section
            className={`tc-surface ${list.table}`}
            aria-label={kind === undefined ? t("all") : t(kind)}
          >
            {items.length === 0 ? (
              <Empty title={t("noneOfKind")} />
            ) : (
              lines.map((line) => (
                <Line
                  key={id(line)}
                  {...line}
                  id={id(line)}
                  isCurrent={current === id(line)}
                  start={setDoing}
                />
              ))
            )}
            {items.length > 0 && items.length < total && (
              <p className={list.foot}>{t("shown", { count: items.length, total })}</p>
            )}
          </section>
        </div>
      )}
      {doing !== null && (
        <ActDialog act={doing} close={() => setDoing(null)} done={() => void work.refetch()} />
      )}
    </div>
  );
}

/** Where a piece of work is done. */
function placeOf(item: WorkItem): string {
  if (item.case_id != null) return `/cases/${item.case_id}`;
  if (item.alert_id != null) return `/alerts/${item.alert_id}`;
  return item.link;
}

interface Worked extends Gathered {
  id: string;
  isCurrent: boolean;
  start: (act: Act) => void;
}

function Line({ item, recipients, id, isCurrent, start }: Worked) {
  const t = useWorkWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const actName = useActName();
  const person = useSession()?.person;
  const nameOf = usePeople();
  const level = LEVELS.find((known) => known === item.level);
  const called = (recipient: string): string =>
    recipient === item.enterprise_code ? t("theEnterprise") : nameOf(roleName(recipient, spoken));
  const decisions =
    item.kind === "proposal" && item.id != null && item.service != null && person !== undefined
      ? actsOfProposal(
          { proposal_id: item.id, service: item.service, state: "open", proposed_by: "", proposed_role: "" },
          person.role,
          person.subject,
        )
      : [];
  return (
    <article className={styles.line} data-row={id} data-current={isCurrent}>
      <span className={styles.mark}>{t(item.kind)}</span>
      <div className={styles.what}>
        <Link to={placeOf(item) as "/work"} className={styles.name}>
          {level !== undefined && <LevelTag level={level} brief />} {item.subject}
        </Link>
        <div className="tc-quiet">
          {withoutName(say(item.title), item.subject)}
          {item.summary != null && ` · ${say(item.summary)}`}
          {recipients.length > 0 && ` · ${t("toPerson", { name: recipients.map(called).join(t("and")) })}`}
        </div>
        {decisions.length > 0 && (
          <div className={styles.decisions}>
            {decisions.map((act) => (
              <button
                key={act.name}
                type="button"
                className={act.tone === "primary" ? "tc-button" : "tc-button tc-button-plain"}
                onClick={() => start(act)}
              >
                {actName(act.name)}
              </button>
            ))}
          </div>
        )}
      </div>
      <span className="tc-quiet">{t("since", { time: instantText(item.since, spoken) })}</span>
      <span className={styles.when}>
        {item.due_at != null && item.kind !== "review" && <Countdown due={item.due_at} />}
      </span>
    </article>
  );
}
