import type { CaseAnswer } from "@shared/api/generated/dispatcher";
import { inShanghai } from "@shared/clock/shanghai";
import { useLanguage } from "@shared/language";
import { dateText, dayText, Loading, ProblemNote } from "@shared/parts";
import { roleName } from "@shared/words";
import { entryName, shortType } from "@shared/words/entries";
import { useState } from "react";
import { usePeople } from "../list/usePeople";
import styles from "./case.module.css";
import { asItHappened, type Entry, isOfClock } from "./entries";
import { useEntryDetail } from "./entry_words";
import { useTimeline } from "./queries";
import { useCaseWords } from "./words";

/** Everything that happened to the case, day by day, the latest first. */
export function Timeline({ found }: { found: CaseAnswer }) {
  const t = useCaseWords();
  const spoken = useLanguage();
  const timeline = useTimeline(found.case_id);
  const [withClock, setWithClock] = useState(true);
  const entries = asItHappened((timeline.data ?? []) as Entry[]).filter(
    (entry) => withClock || !isOfClock(entry),
  );
  const days = new Map<string, Entry[]>();
  for (const entry of [...entries].reverse()) {
    const day = dayText(entry.at);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return (
    <>
      {timeline.error !== null && (
        <ProblemNote problem={timeline.error} again={() => void timeline.refetch()} />
      )}
      {timeline.isLoading && <Loading lines={6} />}
      <label className={`${styles.check} tc-no-print`}>
        <input type="checkbox" checked={withClock} onChange={({ target }) => setWithClock(target.checked)} />
        {t("withClock")}
      </label>
      {[...days].map(([day, all]) => (
        <div key={day} className={styles.day}>
          <h3>{dateText(all[0]?.at ?? day, spoken)}</h3>
          <ol className={styles.entries}>
            {all.map((entry, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two entries may be alike to the millisecond
              <Line key={`${entry.at} ${entry.type} ${index}`} entry={entry} found={found} />
            ))}
          </ol>
        </div>
      ))}
    </>
  );
}

function Line({ entry, found }: { entry: Entry; found: CaseAnswer }) {
  const spoken = useLanguage();
  const t = useCaseWords();
  const nameOf = usePeople();
  const detail = useEntryDetail(nameOf);
  const who =
    entry.actor_role === "system"
      ? ""
      : [
          roleName(entry.actor_role, spoken),
          entry.actor_role === "enterprise"
            ? (found.enterprise_name ?? entry.actor_subject)
            : nameOf(entry.actor_subject),
        ]
          .filter(Boolean)
          .join(" ");
  const claimed =
    entry.claimed_at == null
      ? null
      : Math.round((Date.parse(entry.at) - Date.parse(entry.claimed_at)) / 60_000);
  const more = detail(entry);
  return (
    <li className={styles.entry} data-clock={isOfClock(entry)}>
      <time dateTime={entry.at} title={entry.at}>
        {timeText(entry.at)}
      </time>
      <div>
        <b>{entryName(entry.type, spoken)}</b>
        {[who, more].filter(Boolean).length > 0 && (
          <span className="tc-quiet"> {[who, more].filter(Boolean).join(" · ")}</span>
        )}
        {claimed !== null && Math.abs(claimed) >= 5 && shortType(entry.type) !== "case.presence_recorded" && (
          <span className="tc-quiet" title={entry.claimed_at ?? undefined}>
            {" "}
            {t("deviceTime", { time: timeText(entry.claimed_at ?? entry.at) })}
          </span>
        )}
        {entry.reason != null && entry.reason !== "" && <p>{entry.reason}</p>}
      </div>
    </li>
  );
}

function timeText(instant: string): string {
  return inShanghai(Date.parse(instant)).slice(11, 16);
}
