import { isProblem } from "@shared/api/problem";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { usePartWords } from "./words";

interface Noted {
  /** What was thrown; nothing is shown where there is nothing. */
  problem: unknown;
  again?: () => void;
}

/** Why something was not read or done, in the words of the service, and the way on. */
export function ProblemNote({ problem, again }: Noted) {
  const t = usePartWords();
  if (problem == null) return null;
  const told = isProblem(problem) ? problem : undefined;
  const silent = told?.kind === "no-answer";
  // The bar above says that the sign-in has ended, and how to go on.
  if (told?.unauthenticated) return <p className="tc-quiet">{t("signInFirst")}</p>;
  return (
    <div className="tc-problem" role="alert">
      <strong>{silent ? t("noAnswer") : told?.title || t("failed")}</strong>
      <p>{silent ? t("noAnswerDetail") : told?.detail || String(problem)}</p>
      {told !== undefined && told.errors.length > 1 && (
        <ul>
          {told.errors.map((error) => (
            <li key={error.pointer + error.detail}>
              <code>{error.pointer}</code> {error.detail}
            </li>
          ))}
        </ul>
      )}
      {again !== undefined && (
        <button type="button" className="tc-button tc-button-plain" onClick={again}>
          {t("again")}
        </button>
      )}
    </div>
  );
}

/** What a route shows in place of a screen that failed. */
export function Failure({ error, reset }: ErrorComponentProps) {
  const t = usePartWords();
  if (isProblem(error)) return <ProblemNote problem={error} again={reset} />;
  return (
    <main className="tc-page tc-centred">
      <h1>{t("crashed")}</h1>
      <p>{t("crashedHint")}</p>
      <pre className="tc-crash">{String(error)}</pre>
      <button type="button" className="tc-button" onClick={() => window.location.reload()}>
        {t("reload")}
      </button>
    </main>
  );
}

/** What a route shows where there is no such page. */
export function NotThere({ home = "/" }: { home?: string }) {
  const t = usePartWords();
  return (
    <main className="tc-page tc-centred">
      <h1>{t("notThere")}</h1>
      <p>{t("notThereHint")}</p>
      <a href={home}>{t("home")}</a>
    </main>
  );
}
