import type { CaseAnswer } from "@shared/api/generated/dispatcher";
import { speak, useLanguage } from "@shared/language";
import type { Bilingual } from "@shared/language/language";
import { useId } from "react";
import { nameAmong } from "../../parts/names";
import { useCandidates } from "../queries";
import styles from "./acts.module.css";
import type { Common, Input } from "./input";
import { useActWords } from "./words";

interface Person {
  code: string;
  name: string;
  chosen: boolean;
  points: number;
  open_cases: number;
  reason: Bilingual;
}

type Weighed = Omit<Person, "code"> & { officer: string };

function useOfficers(found: CaseAnswer | undefined): { people: Person[]; chosen: string[] } {
  const candidates = useCandidates(found?.case_id ?? "", found !== undefined).data;
  const explanation = candidates?.explanation as { candidates?: Weighed[] } | undefined;
  return {
    people: (explanation?.candidates ?? [])
      .map(({ officer, ...weighed }) => ({ code: officer, ...weighed }))
      .sort((one, other) => Number(other.chosen) - Number(one.chosen) || one.points - other.points),
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
        .filter((one) => !except.includes(one.code))
        .map((one) => (
          <option key={one.code} value={one.code}>
            {nameAmong(people, one.code)}
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
  const names = (isAnother ? [] : chosen).map((code) => nameAmong(people, code)).join("、");
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
  const team = found?.team.map(({ officer, name }) => ({ code: officer, name })) ?? [];
  const all = [...team, ...people.filter((one) => !team.some((member) => member.code === one.code))];
  return (
    <fieldset className={styles.members} aria-labelledby={labelledBy}>
      {all.map(({ code }) => (
        <label key={code}>
          <input
            type="checkbox"
            checked={chosen.includes(code)}
            onChange={({ target }) =>
              set(target.checked ? [...chosen, code] : chosen.filter((one) => one !== code))
            }
          />
          {nameAmong(all, code)}
        </label>
      ))}
    </fieldset>
  );
}
