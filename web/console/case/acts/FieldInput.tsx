import type { CaseAnswer } from "@shared/api/generated/dispatcher";
import { serverNow } from "@shared/clock";
import { instantOf, momentOf } from "@shared/clock/shanghai";
import { speak, useLanguage } from "@shared/language";
import type { Bilingual } from "@shared/language/language";
import { DayInput, MomentInput } from "@shared/parts";
import { levelName, outcomeName, partName } from "@shared/words";
import { type ReactNode, useId } from "react";
import { useAllStations } from "../../list/useStations";
import { useCandidates } from "../queries";
import type { Field, Values } from "./acts";
import styles from "./acts.module.css";
import { choiceOf, useActWords, useFieldName } from "./words";

interface Input {
  field: Field;
  found: CaseAnswer | undefined;
  value: Values[string];
  values: Values;
  isLacking: boolean;
  isFirst: boolean;
  set: (value: Values[string]) => void;
}

interface Common {
  id: string;
  "aria-invalid": boolean | undefined;
  "aria-required": boolean;
  autoFocus: boolean;
}

/** One field of a form, with its name and whether it must be filled. */
export function FieldInput(input: Input) {
  const { field, values, isLacking, isFirst } = input;
  const id = useId();
  const t = useActWords();
  const fieldName = useFieldName();
  const isRequired = typeof field.required === "function" ? field.required(values) : field.required === true;
  const common: Common = {
    id,
    "aria-invalid": isLacking || undefined,
    "aria-required": isRequired,
    autoFocus: isFirst,
  };
  const isGroup = field.kind === "team" || field.kind === "members";
  return (
    <div className={styles.field} data-lacking={isLacking}>
      {isGroup ? (
        <span id={id} className={styles.label}>
          {fieldName(field.name)} <small>{t(isRequired ? "required" : "optional")}</small>
        </span>
      ) : (
        <label htmlFor={id} className={styles.label}>
          {fieldName(field.name)} <small>{t(isRequired ? "required" : "optional")}</small>
        </label>
      )}
      {inputOf(input, common)}
    </div>
  );
}

function inputOf(input: Input, common: Common): ReactNode {
  const { field, value, set } = input;
  const written = typeof value === "string" || typeof value === "number" ? String(value) : "";
  switch (field.kind) {
    case "long":
      return (
        <textarea
          {...common}
          rows={3}
          maxLength={2000}
          value={written}
          onChange={({ target }) => set(target.value)}
        />
      );
    case "short":
      return (
        <input {...common} maxLength={200} value={written} onChange={({ target }) => set(target.value)} />
      );
    case "number":
      return (
        <input
          {...common}
          type="number"
          min={1}
          inputMode="numeric"
          value={written}
          onChange={({ target }) => set(target.value === "" ? undefined : Number(target.value))}
        />
      );
    case "day":
      return (
        <DayInput
          {...common}
          min={momentOf(serverNow()).slice(0, 10)}
          value={written}
          onChange={(day) => set(day)}
        />
      );
    case "moment":
      return (
        <MomentInput
          {...common}
          max={() => momentOf(serverNow())}
          value={written.slice(0, 16)}
          onChange={(moment) => set(instantOf(moment))}
        />
      );
    case "choice":
      return <Choice {...input} common={common} />;
    case "station":
      return <Station {...input} common={common} />;
    case "member":
      return <Member {...input} common={common} />;
    case "members":
      return <Members {...input} labelledBy={common.id} />;
    case "officer":
      return <Officer {...input} common={common} />;
    case "team":
      return <TeamInput {...input} labelledBy={common.id} />;
  }
}

function Choice({ field, value, set, common }: Input & { common: Common }) {
  const t = useActWords();
  const spoken = useLanguage();
  const name = (option: string): string =>
    choiceOf(option, spoken) ??
    (field.name === "level" ? levelName(option, spoken) : outcomeName(option, spoken));
  return (
    <select
      {...common}
      value={typeof value === "string" ? value : ""}
      onChange={({ target }) => set(target.value || undefined)}
    >
      <option value="">{t(field.required === true ? "choose" : "asReported")}</option>
      {field.options?.map((option) => (
        <option key={option} value={option}>
          {name(option)}
        </option>
      ))}
    </select>
  );
}

function Station({ found, value, set, common }: Input & { common: Common }) {
  const t = useActWords();
  const stations = useAllStations();
  return (
    <select
      {...common}
      value={typeof value === "string" ? value : ""}
      onChange={({ target }) => set(target.value || undefined)}
    >
      <option value="">{t("upward")}</option>
      {stations
        .filter((one) => one.code !== found?.station)
        .map((one) => (
          <option key={one.code} value={one.code}>
            {one.name}
          </option>
        ))}
    </select>
  );
}

function Member({ found, value, set, common }: Input & { common: Common }) {
  const t = useActWords();
  const spoken = useLanguage();
  return (
    <select
      {...common}
      value={typeof value === "string" ? value : ""}
      onChange={({ target }) => set(target.value || undefined)}
    >
      <option value="">{t("choose")}</option>
      {found?.team.map((member) => (
        <option key={member.officer} value={member.officer}>
          {member.name} {partName(member.part, spoken)}
        </option>
      ))}
    </select>
  );
}

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

function Officer({ found, value, set, common }: Input & { common: Common }) {
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
function TeamInput({ found, value, set, labelledBy }: Input & { labelledBy: string }) {
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
function Members({ found, value, set, labelledBy }: Input & { labelledBy: string }) {
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
