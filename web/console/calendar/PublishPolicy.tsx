import { useAct } from "@shared/api/act";
import type { Problem } from "@shared/api/problem";
import { read } from "@shared/api/request";
import { ProblemNote, toast } from "@shared/parts";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useProposed } from "../parts/useProposed";
import styles from "./calendar.module.css";
import { type MovedClocks, Moves } from "./Moves";
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
  const body = (): string =>
    JSON.stringify({ policy, ...proposed.said, reason: proposed.said.reason || "–" }); // a preview needs none
  const post = (dry: boolean, headers: Record<string, string> = {}): Promise<Changed> =>
    read<Changed>(`${path}${dry ? "?dry_run=true" : ""}`, {
      method: "POST",
      body: body(),
      headers: { "Content-Type": "application/json", ...headers },
    });
  const looking = useMutation<Changed, Problem>({ mutationFn: () => post(true) });
  const proposing = useAct({
    run: (_: string, headers) => post(false, headers),
    changes: [["work"], ["calendar"]],
    done: () => {
      setPolicy("");
      proposed.clear();
      looking.reset();
      toast.done(t("proposed"));
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    proposing.mutate(body());
  };
  if (policy === "")
    return (
      <div className={styles.acts}>
        <button type="button" className="tc-button tc-button-plain" onClick={() => setPolicy(written)}>
          {t("changePolicy")}
        </button>
      </div>
    );
  const problem = looking.error ?? proposing.error;
  return (
    <form className={styles.policy} onSubmit={submit} aria-label={`${t("changePolicy")}：${title}`}>
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
      {problem !== null && <ProblemNote problem={problem} />}
      {looking.data?.moves !== undefined && <Moves of={looking.data.moves} />}
      {looking.data?.preview !== undefined && <Effects of={looking.data.preview} />}
      <div className={styles.acts}>
        <button
          type="button"
          className="tc-button tc-button-plain"
          disabled={looking.isPending}
          onClick={() => looking.mutate()}
        >
          {t("preview")}
        </button>
        <button type="submit" className="tc-button" disabled={proposing.isPending || !proposed.isReasoned}>
          {t("propose")}
        </button>
        <button type="button" className="tc-button tc-button-plain" onClick={() => setPolicy("")}>
          {t("cancel")}
        </button>
      </div>
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
