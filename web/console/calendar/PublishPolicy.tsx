import { useState } from "react";
import { useProposed } from "../parts/useProposed";
import styles from "./calendar.module.css";
import { type MovedClocks, Moves } from "./Moves";
import { Previewed, usePreviewed } from "./previewed";
import { useCalendarWords } from "./words";

interface Teams {
  examined: number;
  changed: number;
}

/** What a policy would change: clocks, where it is about deadlines; teams and verifications, where it is about dispatch. */
interface Changed {
  version: string;
  moves?: MovedClocks;
  preview?: {
    waiting: Teams;
    unaccepted: Teams;
    reports: { examined: number; verified_before: number; verified_after: number };
  };
}

/** A policy that might come into force: begun with the one that is, looked at, and proposed for another to confirm. */
export function PublishPolicy({ path, written, title }: { path: string; written: string; title: string }) {
  const t = useCalendarWords();
  const [policy, setPolicy] = useState("");
  const proposed = useProposed({ reason: t("why"), effective: t("effective") });
  const change = usePreviewed<Changed>({
    method: "POST",
    path,
    body: () => JSON.stringify({ policy, ...proposed.said, reason: proposed.said.reason || "–" }), // a preview needs none
    done: () => {
      setPolicy("");
      proposed.clear();
      change.looking.reset();
    },
  });
  const seen = change.looking.data;
  if (policy === "")
    return (
      <div className={styles.acts}>
        <button type="button" className="tc-button tc-button-plain" onClick={() => setPolicy(written)}>
          {t("changePolicy")}
        </button>
      </div>
    );
  return (
    <form className={styles.policy} onSubmit={change.submit} aria-label={`${t("changePolicy")}：${title}`}>
      <p className="tc-quiet">{t("policyHint")}</p>
      <label>
        {t("policyText")}
        <textarea
          className={styles.yaml}
          rows={14}
          required
          spellCheck={false}
          value={policy}
          onChange={({ target }) => setPolicy(target.value)}
        />
      </label>
      {proposed.inputs}
      <Previewed
        of={change}
        lacksReason={!proposed.isReasoned}
        seen={
          <>
            {seen?.moves !== undefined && <Moves of={seen.moves} />}
            {seen?.preview !== undefined && <Effects of={seen.preview} />}
          </>
        }
        more={
          <button type="button" className="tc-button tc-button-plain" onClick={() => setPolicy("")}>
            {t("cancel")}
          </button>
        }
      />
    </form>
  );
}

function Effects({ of }: { of: NonNullable<Changed["preview"]> }) {
  const t = useCalendarWords();
  return (
    <div className={styles.moves} role="status">
      <p>{t("waitingTeams", { ...of.waiting })}</p>
      <p>{t("unacceptedTeams", { ...of.unaccepted })}</p>
      <p>{t("verifications", { ...of.reports })}</p>
    </div>
  );
}
