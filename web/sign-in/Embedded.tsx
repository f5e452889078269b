import { useAct } from "@shared/api/act";
import type { SamplePerson, SignedInAnswer } from "@shared/api/console";
import { read } from "@shared/api/request";
import { useLanguage } from "@shared/language";
import { ProblemNote } from "@shared/parts";
import { type Role, roleName } from "@shared/words";
import { useState } from "react";
import { useSignInWords } from "./words";

const ORDER: readonly Role[] = [
  "section",
  "leader",
  "station_chief",
  "officer",
  "enterprise",
  "auditor",
  "admin",
];
const SHOWN_AT_FIRST = 6;

/** The sample's people, by role: for one machine, where anybody may be anybody. */
export function Embedded({ people, enter }: { people: SamplePerson[]; enter: (token: string) => void }) {
  const spoken = useLanguage();
  const t = useSignInWords();
  const [sought, setSought] = useState("");
  const [opened, setOpened] = useState<readonly Role[]>([]);
  const signIn = useAct({
    run: ({ role, subject, station, enterprise, enterprises }: SamplePerson, headers) =>
      read<SignedInAnswer>("/console/v1/sign-in", {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify({
          role,
          subject,
          station: station?.code,
          enterprise: enterprise?.code,
          enterprises: enterprises?.map(({ code }) => code),
        }),
      }),
    done: ({ token }) => enter(token),
  });
  const found = people.filter((person) => textOf(person).includes(sought.trim().toLowerCase()));
  return (
    <>
      <h2>{t("embedded")}</h2>
      <p className="tc-quiet">{t("embeddedHint")}</p>
      <input
        type="search"
        className="sign-in-search"
        placeholder={t("search")}
        aria-label={t("search")}
        value={sought}
        onChange={(event) => setSought(event.target.value)}
      />
      <ProblemNote problem={signIn.error} />
      {found.length === 0 && <p>{t("none")}</p>}
      {ORDER.map((role) => {
        const ofRole = found.filter((person) => person.role === role);
        if (ofRole.length === 0) return null;
        const shown = sought !== "" || opened.includes(role) ? ofRole : ofRole.slice(0, SHOWN_AT_FIRST);
        return (
          <section key={role} aria-labelledby={`role-${role}`}>
            <h3 id={`role-${role}`}>{roleName(role, spoken)}</h3>
            <ul className="sign-in-people">
              {shown.map((person) => (
                <li key={person.subject}>
                  <button
                    type="button"
                    className="sign-in-person"
                    disabled={signIn.isPending}
                    onClick={() => signIn.mutate(person)}
                  >
                    <b>{person.name || person.subject}</b>
                    <span className="sign-in-place tc-quiet">
                      <span>
                        {person.enterprises?.length
                          ? t("several", { count: person.enterprises.length })
                          : placeOf(person)}
                      </span>
                      {!!person.open_cases && <span>{t("openCases", { count: person.open_cases })}</span>}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
            {shown.length < ofRole.length && (
              <button
                type="button"
                className="tc-link sign-in-all"
                onClick={() => setOpened([...opened, role])}
              >
                {t("all", { count: ofRole.length })}
              </button>
            )}
          </section>
        );
      })}
    </>
  );
}

/** Beside the name: where they are, or the code of an enterprise, whose name stands there already. */
function placeOf({ station, enterprise }: SamplePerson): string {
  return station?.name ?? enterprise?.code ?? "";
}

function textOf({ name, subject, station, enterprises = [] }: SamplePerson): string {
  const names = [station?.name, ...(enterprises ?? []).map((one) => one.name)];
  return [name, subject, ...names].join(" ").toLowerCase();
}
