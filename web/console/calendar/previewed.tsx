import { useAct } from "@shared/api/act";
import type { Problem } from "@shared/api/problem";
import { read } from "@shared/api/request";
import { ProblemNote, toast } from "@shared/parts";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import styles from "./calendar.module.css";
import { useCalendarWords } from "./words";

interface Change {
  method: "PUT" | "POST";
  path: string;
  /** What is sent, as JSON, by what is written now. */
  body: () => string;
  done?: () => void;
}

/** A change of what deadlines and teams go by: looked at first, by a dry run, and then proposed for another to confirm. */
export function usePreviewed<Seen>({ method, path, body, done }: Change) {
  const t = useCalendarWords();
  const send = (dry: boolean, headers: Record<string, string> = {}): Promise<Seen> =>
    read<Seen>(`${path}${dry ? "?dry_run=true" : ""}`, {
      method,
      body: body(),
      headers: { "Content-Type": "application/json", ...headers },
    });
  const looking = useMutation<Seen, Problem>({ mutationFn: () => send(true) });
  const proposing = useAct({
    run: (_: string, headers) => send(false, headers),
    changes: [["work"], ["calendar"]],
    done: () => {
      done?.();
      toast.done(t("proposed"));
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    proposing.mutate(`${path} ${body()}`);
  };
  return { looking, proposing, submit };
}

interface Previewing {
  of: Pick<ReturnType<typeof usePreviewed>, "looking" | "proposing">;
  /** Something is lacking without which a dry run, or a proposal, would be refused. */
  lacks?: boolean;
  lacksReason?: boolean;
  /** What was seen, above the buttons; and further buttons, behind them. */
  seen: ReactNode;
  more?: ReactNode;
}

/** What came of looking, and the buttons to look and to propose. */
export function Previewed({ of, lacks = false, lacksReason = false, seen, more }: Previewing) {
  const t = useCalendarWords();
  const problem = of.looking.error ?? of.proposing.error;
  return (
    <>
      {problem !== null && <ProblemNote problem={problem} />}
      {seen}
      <div className={styles.acts}>
        <button
          type="button"
          className="tc-button tc-button-plain"
          disabled={of.looking.isPending || lacks}
          onClick={() => of.looking.mutate()}
        >
          {t("preview")}
        </button>
        <button type="submit" className="tc-button" disabled={of.proposing.isPending || lacksReason}>
          {t("propose")}
        </button>
        {more}
      </div>
    </>
  );
}
