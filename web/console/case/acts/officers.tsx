import type { CaseAnswer } from "@shared/api/generated/dispatcher";
import { speak, useLanguage } from "@shared/language";
import type { Bilingual } from "@shared/language/language";
import { useId } from "react";
import { useCandidates } from "../queries";
import styles from "./acts.module.css";
import type { Common, Input } from "./input";
import { useActWords } from "./words";

interface Person {
  officer: string;
  name: string;
  chosen: boolean;
  points: number;
  open_cases: number;
  reason: Bilingual;
}

function useOfficers(found: CaseAnswer | undefined): { people: Person[]; chosen: string[] } {
  const candidates = useCandidates(found?.case_id ?? "", found !== undefined).data;
  const people = (candidates?.explanation as { candidates?: Person[] } | undefined)?.candidates ?? [];
  return {
    people: [...people].sort(
      (one, other) => Number(other.chosen) - Number(one.chosen) || one.points - other.points,
    ),
    chosen: candidates?.chosen ?? [],
  };
}

/** The officers of the station, those who can go first, each with why. */
function OfficerOptions({
  people,
  except,
}: {
  people: readonly Person[];
  except: readonly (string | undefined)[];
}) {
  const t = useActWords();
  const say = speak(useLanguage());
  return (
    <>
      <option value="">{t("choose")}</option>
      {people
        .filter((one) => !except.includes(one.officer))
        .map((one) => (
          <option key={one.officer} value={one.officer}>
            {one.name}
            {t("unable", { why: say(one.reason) })}
          </option>
        ))}
    </>
  );
}

/** One officer of the station who is not of the team. */
export function Officer({ found, value, set, common }: Input & { common: Common }) {
  const { people } = useOfficers(found);
  return (
    <select
      {...common}
      value={typeof value === "string" ? value : ""}
      onChange={({ target }) => set(target.value || undefined)}
    >
      <OfficerOptions people={people} except={found?.team.map((member) => member.officer) ?? []} />
    </select>
  );
}

/** The team that the policy would choose, or two by name. */
export function TeamInput({ found, value, set, labelledBy }: Input & { labelledBy: string }) {
  const t = useActWords();
  const { people, chosen } = useOfficers(found);
  const two = Array.isArray(value) ? value : undefined;
  // The policy chooses among the others: whom it would choose with the present team is told of a case without one.
  const isAnother = chosen.some((code) => found?.team.some((member) => member.officer === code));
  const names = (isAnother ? [] : chosen)
    .map((code) => people.find((one) => one.officer === code)?.name ?? code)
    .join("、");
  const group = useId();
  return (
    <fieldset className={styles.team} aria-labelledby={labelledBy}>
      <label>
        <input type="radio" name={group} checked={two === undefined} onChange={() => set(undefined)} />
        {names === "" ? t("auto") : t("autoIs", { names })}
      </label>
      <label>
        <input type="radio" name={group} checked={two !== undefined} onChange={() => set(["", ""])} />
        {t("named")}
      </label>
      {two !== undefined && (
        <div className={styles.two}>
          <select
            aria-label={t("lead")}
            value={two[0]}
            onChange={({ target }) => set([target.value, two[1] ?? ""])}
          >
            <OfficerOptions people={people} except={[two[1]]} />
          </select>
          <select
            aria-label={t("second")}
            value={two[1]}
            onChange={({ target }) => set([two[0] ?? "", target.value])}
          >
            <OfficerOptions people={people} except={[two[0]]} />
          </select>
        </div>
      )}
    </fieldset>
  );
}

/** Several officers: those of the team first, then the others of the station. */
export function Members({ found, value, set, labelledBy }: Input & { labelledBy: string }) {
  const { people } = useOfficers(found);
  const chosen = Array.isArray(value) ? value : [];
  const team = found?.team.map(({ officer, name }) => ({ officer, name })) ?? [];
  const others = people.filter((one) => !team.some((member) => member.officer === one.officer));
  return (
    <fieldset className={styles.members} aria-labelledby={labelledBy}>
      {[...team, ...others].map((one) => (
        <label key={one.officer}>
          <input
            type="checkbox"
            checked={chosen.includes(one.officer)}
            onChange={({ target }) =>
              set(target.checked ? [...chosen, one.officer] : chosen.filter((code) => code !== one.officer))
            }
          />
          {one.name}
        </label>
      ))}
    </fieldset>
  );
}
