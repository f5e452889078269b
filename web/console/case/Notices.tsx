import type { CaseAnswer, Notice } from "@shared/api/generated/dispatcher";
import * as scope from "@shared/api/generated/scope";
import { speak, useLanguage } from "@shared/language";
import { Empty, Loading, ProblemNote, Time } from "@shared/parts";
import { useMay } from "@shared/session/may";
import { roleName } from "@shared/words";
import { useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { usePeople } from "../list/usePeople";
import { type Act, deliveryOf } from "./acts/acts";
import styles from "./case.module.css";
import { useNotices } from "./queries";
import { Section } from "./Section";
import { useCaseWords } from "./words";

const SHOWN_AT_FIRST = 6;
const STATES = {
  queued: "noticeQueued",
  sent: "noticeSent",
  delivered: "noticeDelivered",
  seen: "noticeSeen",
  acknowledged: "noticeAcknowledged",
} as const;

/** What was said to whom about the case, and whether it arrived; what did not is phoned, and recorded here. */
export function Notices({ found, start }: { found: CaseAnswer; start: (act: Act) => void }) {
  const t = useCaseWords();
  const notices = useNotices(found.case_id);
  const [isWhole, setWhole] = useState(false);
  useEffect(() => {
    const show = () => flushSync(() => setWhole(true)); // on paper there is nothing to press
    window.addEventListener("beforeprint", show);
    return () => window.removeEventListener("beforeprint", show);
  }, []);
  const all = notices.data ?? [];
  const isLate = (notice: Notice): boolean => notice.told_at != null && notice.delivered_at == null;
  const sorted = [...all].sort((one, other) => Number(isLate(other)) - Number(isLate(one)));
  return (
    <Section id="notices" title={t("notices")}>
      {notices.error !== null && <ProblemNote problem={notices.error} again={() => void notices.refetch()} />}
      {notices.isLoading && <Loading lines={3} />}
      {notices.data !== undefined && all.length === 0 && <Empty title={t("noNotices")} />}
      <ul className={styles.list}>
        {(isWhole ? sorted : sorted.slice(0, SHOWN_AT_FIRST)).map((notice) => (
          <Line key={notice.notice_id} notice={notice} isLate={isLate(notice)} found={found} start={start} />
        ))}
      </ul>
      {sorted.length > SHOWN_AT_FIRST && (
        <button
          type="button"
          className={`tc-link tc-no-print ${styles.rest}`}
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? t("fewerNotices") : t("allNotices", { count: sorted.length })}
        </button>
      )}
    </Section>
  );
}

interface Noticed {
  notice: Notice;
  isLate: boolean;
  found: CaseAnswer;
  start: (act: Act) => void;
}

function Line({ notice, isLate, found, start }: Noticed) {
  const t = useCaseWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const nameOf = usePeople();
  const mayDeliver = useMay(scope.recordDelivery);
  const to =
    notice.recipient_kind === "role"
      ? roleName(notice.recipient, spoken)
      : notice.recipient_kind === "enterprise"
        ? (found.enterprise_name ?? notice.recipient)
        : nameOf(notice.recipient);
  const mayRecord = mayDeliver && notice.recipient_kind !== "role" && notice.delivered_at == null;
  return (
    <li className={styles.notice}>
      <div>
        <b>{say(notice.subject)}</b>
        <div className="tc-quiet">
          {t("noticeTo", { to })} · <Time at={notice.created_at} />
          {notice.channel != null && ` · ${notice.channel === "in_app" ? t("inApp") : notice.channel}`}
        </div>
        {notice.failure != null && notice.delivered_at == null && (
          <div className={styles.warn}>{notice.failure}</div>
        )}
      </div>
      <div className={styles.noticeState}>
        <span data-tone={isLate ? "wrong" : notice.delivered_at == null ? undefined : "good"}>
          {isLate ? t("noticeLate") : t(STATES[notice.state])}
        </span>
        {notice.delivered_at != null && (
          <span className="tc-quiet">
            <Time at={notice.acknowledged_at ?? notice.seen_at ?? notice.delivered_at} />
          </span>
        )}
        {mayRecord && (
          <button
            type="button"
            className="tc-link tc-no-print"
            onClick={() => start(deliveryOf(notice.notice_id))}
          >
            {t("recordDelivery")}
          </button>
        )}
      </div>
    </li>
  );
}
