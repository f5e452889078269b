import "../parts/parts.css";
import { useAct } from "@shared/api/act";
import { acknowledgeNotice, type Notice } from "@shared/api/generated/dispatcher";
import { answer } from "@shared/api/request";
import { speak, useLanguage } from "@shared/language";
import { Empty, instantText, Loading, ProblemNote } from "@shared/parts";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useEnterpriseWords } from "../parts/words";
import { useNotices } from "../queries";
import { useNoticesWords } from "./words";

/** What was sent to the enterprise. Opening a notice acknowledges it: 送达留痕. */
export function Screen() {
  const title = useNoticesWords();
  const t = useEnterpriseWords();
  const notices = useNotices();
  // What was read stays on the screen while the services are away: the bar above says so.
  if (notices.data === undefined)
    return notices.error === null ? (
      <Loading lines={6} />
    ) : (
      <ProblemNote problem={notices.error} again={() => void notices.refetch()} />
    );
  return (
    <div className="ent-page">
      <h1>{title("title")}</h1>
      {notices.data.length === 0 ? (
        <Empty title={t("noticesNone")} />
      ) : (
        <section className="tc-surface">
          <ul className="ent-notices">
            {notices.data.map((one) => (
              <Line key={one.notice_id} notice={one} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Line({ notice }: { notice: Notice }) {
  const t = useEnterpriseWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  const [isOpen, setOpen] = useState(false);
  const reading = useAct({
    run: (id: string, headers) => answer(acknowledgeNotice({ path: { notice_id: id }, headers })),
    changes: [["notices"]],
  });
  const isNew = notice.acknowledged_at === null;
  const open = (): void => {
    setOpen((before) => !before);
    if (isNew && !reading.isPending) reading.mutate(notice.notice_id);
  };
  return (
    <li>
      <button type="button" className="ent-notice" aria-expanded={isOpen} onClick={open}>
        <b data-new={isNew}>{say(notice.subject)}</b>
        <div className="tc-quiet">
          {instantText(notice.created_at, spoken, true)} · {isNew ? t("new") : t("acknowledged")}
        </div>
      </button>
      {isOpen && (
        <div className="ent-notice-body">
          {say(notice.body)}
          {reading.error !== null && <ProblemNote problem={reading.error} />}
          {notice.case_id !== null && (
            <div>
              <Link to="/matters/$caseId" params={{ caseId: notice.case_id }}>
                {t("toMatter")}
              </Link>
            </div>
          )}
        </div>
      )}
    </li>
  );
}
