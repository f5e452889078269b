import { useAct } from "@shared/api/act";
import type { SamplePerson, SignedInAnswer } from "@shared/api/console";
import { read } from "@shared/api/request";
import { useLanguage } from "@shared/language";
import { ProblemNote } from "@shared/parts";
import { type Role, roleName } from "@shared/words";
import { useState } from "react";
import { useSignInWords } from "./words";

const ORDER: readonly Role[] = [
  "station_chief",
  "officer",
  "enterprise",
  "section",
  "leader",
  "auditor",
  "admin",
];

/** The sample's people, by role: for one machine, where anybody may be anybody. */
export function Embedded({ people, enter }: { people: SamplePerson[]; enter: (token: string) => void }) {
  const spoken = useLanguage();
  const t = useSignInWords();
  const [sought, setSought] = useState("");
  const signIn = useAct({
    run: ({ role, subject, station, enterprise }: SamplePerson, headers) =>
      read<SignedInAnswer>("/console/v1/sign-in", {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify({ role, subject, station: station?.code, enterprise: enterprise?.code }),
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
        return (
          <section key={role} aria-labelledby={`role-${role}`}>
            <h3 id={`role-${role}`}>{roleName(role, spoken)}</h3>
            <ul className="sign-in-people">
              {ofRole.map((person) => (
                <li key={person.subject}>
                  <button
                    type="button"
                    className="sign-in-person"
                    disabled={signIn.isPending}
                    onClick={() => signIn.mutate(person)}
                  >
                    <b>{person.name || person.subject}</b>
                    <span className="tc-quiet">{placeOf(person)}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}

function placeOf({ station, enterprise, enterprises, subject }: SamplePerson): string {
  const names = [station, enterprise, ...(enterprises ?? [])].flatMap((one) => (one ? [one.name] : []));
  return [...new Set(names)].join("、") || subject;
}

function textOf(person: SamplePerson): string {
  return `${person.name} ${person.subject} ${placeOf(person)}`.toLowerCase();
}
