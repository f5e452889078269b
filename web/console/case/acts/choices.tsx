import { useLanguage } from "@shared/language";
import { levelName, outcomeName, partName } from "@shared/words";
import { useAllStations } from "../../list/useStations";
import { nameAmong } from "../../parts/names";
import type { Common, Input } from "./input";
import { choiceOf, useActWords } from "./words";

/** One of the values that a field has by contract. */
export function Choice({ field, value, set, common }: Input & { common: Common }) {
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

/** Another station, or upward. */
export function Station({ found, value, set, common }: Input & { common: Common }) {
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

/** One of the team. */
export function Member({ found, value, set, common }: Input & { common: Common }) {
  const t = useActWords();
  const spoken = useLanguage();
  const team = found?.team.map(({ officer, name }) => ({ code: officer, name })) ?? [];
  return (
    <select
      {...common}
      value={typeof value === "string" ? value : ""}
      onChange={({ target }) => set(target.value || undefined)}
    >
      <option value="">{t("choose")}</option>
      {found?.team.map((member) => (
        <option key={member.officer} value={member.officer}>
          {nameAmong(team, member.officer)} {partName(member.part, spoken)}
        </option>
      ))}
    </select>
  );
}
