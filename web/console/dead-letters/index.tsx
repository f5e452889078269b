import * as scope from "@shared/api/generated/scope";
import { Empty, Loading, ProblemNote } from "@shared/parts";
import { useMay } from "@shared/session/may";
import { useNavigate, useSearch } from "@tanstack/react-router";
import list from "../list/list.module.css";
import { SERVICES } from "../parts/services";
import { BrakeCard } from "./BrakeCard";
import { LetterCard } from "./LetterCard";
import { useBrakes, useLetters } from "./letters";
import styles from "./letters.module.css";
import { type DeadLettersSearch, LETTER_STATES } from "./search";
import { useDeadLettersWords } from "./words";

/** What the services could not take, until a person decides on it; and what they have stopped reading. */
export function Screen() {
  const search = useSearch({ from: "/shell/dead-letters" });
  const navigate = useNavigate();
  const t = useDeadLettersWords();
  const letters = useLetters(search);
  const brakes = useBrakes();
  const mayAct = useMay(scope.retryDeadLetter);
  const set = (next: DeadLettersSearch) =>
    void navigate({ to: "/dead-letters", search: next, replace: true });
  return (
    <div className={list.page}>
      <header className={list.head}>
        <h1>{t("title")}</h1>
      </header>
      <p className="tc-quiet">{t("hint")}</p>
      {brakes.kept.length > 0 && (
        <section className="tc-surface">
          <h2 className={styles.heading}>{t("brakes")}</h2>
          {brakes.kept.map((brake) => (
            <BrakeCard
              key={`${brake.service} ${brake.topic} ${brake.partition}`}
              brake={brake}
              acts={mayAct}
            />
          ))}
        </section>
      )}
      <form className={`tc-surface ${list.filters}`} onSubmit={(event) => event.preventDefault()}>
        <label>
          {t("service")}
          <select
            value={search.service ?? ""}
            onChange={({ target }) =>
              set({ ...search, service: SERVICES.find((one) => one === target.value) })
            }
          >
            <option value="">{t("all")}</option>
            {SERVICES.map((one) => (
              <option key={one} value={one}>
                {t(one)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("state")}
          <select
            value={search.state ?? "waiting"}
            onChange={({ target }) =>
              set({ ...search, state: LETTER_STATES.find((one) => one === target.value) })
            }
          >
            {LETTER_STATES.map((one) => (
              <option key={one} value={one}>
                {t(one)}
              </option>
            ))}
          </select>
        </label>
      </form>
      {letters.problem !== null && <ProblemNote problem={letters.problem} again={letters.again} />}
      {letters.kept.length > 0 ? (
        <section className="tc-surface">
          {letters.kept.map((letter) => (
            <LetterCard key={letter.letter_id} letter={letter} acts={mayAct} />
          ))}
        </section>
      ) : letters.isLoading ? (
        <Loading lines={6} />
      ) : (
        letters.problem === null && <Empty title={t("none")}>{t("noneHint")}</Empty>
      )}
    </div>
  );
}
