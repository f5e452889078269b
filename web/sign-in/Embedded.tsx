import { useAct } from "@shared/api/act";
import type { SamplePerson, SignedInAnswer } from "@shared/api/console";
import { read } from "@shared/api/request";
import { type Language, useLanguage } from "@shared/language";
import { ProblemNote } from "@shared/parts";
import { type Role, roleName } from "@shared/words";
import { useState } from "react";
import { useSignInWords } from "./words";

/** Who stands together; those above the stations are one of a kind each. */
const GROUPS: readonly { name: "bureau" | Role; roles: readonly Role[] }[] = [
  { name: "bureau", roles: ["section", "leader", "auditor", "admin"] },
  { name: "station_chief", roles: ["station_chief"] },
  { name: "officer", roles: ["officer"] },
  { name: "enterprise", roles: ["enterprise"] },
];
const SHOWN_AT_FIRST = 6;

/** The sample's people, by role: for one machine, where anybody may be anybody. */
export function Embedded({ people, enter }: { people: SamplePerson[]; enter: (token: string) => void }) {
  const spoken = useLanguage();
  const t = useSignInWords();
  const [sought, setSought] = useState("");
  const [opened, setOpened] = useState<readonly string[]>([]);
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
      {GROUPS.map(({ name, roles }) => {
        const all = roles.flatMap((role) => found.filter((person) => person.role === role));
        if (all.length === 0) return null;
        const shown = sought !== "" || opened.includes(name) ? all : all.slice(0, SHOWN_AT_FIRST);
        return (
          <section key={name} aria-labelledby={`group-${name}`}>
            <h3 id={`group-${name}`}>{name === "bureau" ? t("bureau") : roleName(name, spoken)}</h3>
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
                          : placeOf(person, spoken)}
                      </span>
                      {!!person.open_cases && <span>{t("openCases", { count: person.open_cases })}</span>}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
            {shown.length < all.length && (
              <button
                type="button"
                className="tc-link sign-in-all"
                onClick={() => setOpened([...opened, name])}
              >
                {t("all", { count: all.length })}
              </button>
            )}
          </section>
        );
      })}
    </>
  );
}

/** Beside the name: where they are, an officer's code too, for two may have one name; of an enterprise its code. */
function placeOf({ role, name, subject, station, enterprise }: SamplePerson, spoken: Language): string {
  if (role === "officer") return [station?.name, subject].filter(Boolean).join(" · ");
  const place = station?.name ?? enterprise?.code ?? roleName(role, spoken);
  return place === name ? subject : place;
}

function textOf({ name, subject, station, enterprises = [] }: SamplePerson): string {
  const names = [station?.name, ...(enterprises ?? []).map((one) => one.name)];
  return [name, subject, ...names].join(" ").toLowerCase();
}
