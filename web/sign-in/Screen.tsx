import type { SignInAnswer } from "@shared/api/console";
import { isProblem, Problem } from "@shared/api/problem";
import { read } from "@shared/api/request";
import { LanguageSwitch, Loading, ProblemNote, ThemeSwitch } from "@shared/parts";
import { session, useSession } from "@shared/session/session";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Embedded } from "./Embedded";
import { OpenId } from "./OpenId";
import { Token } from "./Token";
import { comesBack, onwards, wanted } from "./way";
import { useSignInWords } from "./words";

/** Where everybody signs in, and is led back to what they wanted. */
export function Screen() {
  const t = useSignInWords();
  const signedIn = useSession();
  const [leaving, setLeaving] = useState(false);
  const [unusable, setUnusable] = useState(false);
  const way = useQuery({
    queryKey: ["sign-in"],
    queryFn: ({ signal }) => read<SignInAnswer>("/console/v1/sign-in", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const enter = (token: string, to: string | undefined) => {
    try {
      const { person } = session.begin(token);
      setLeaving(true);
      window.location.replace(onwards(to, person.role));
    } catch {
      setUnusable(true); // the provider knows them; we have no part for them
    }
  };
  // Tokens are in force that the services give out on their own machine only.
  const byHand = isProblem(way.error) && way.error.status === 403;
  useEffect(() => {
    document.title = `${t("brand")} · ${t("title")}`;
  }, [t]);
  return (
    <main className="sign-in">
      <header className="sign-in-header">
        <img src="/field.svg" alt="" width="40" height="40" />
        <h1>{t("brand")}</h1>
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      {signedIn !== undefined && !signedIn.ended && !leaving && !comesBack() && (
        <p className="sign-in-already">
          {t("signedInAs", { name: signedIn.person.subject })}{" "}
          <a href={onwards(wanted(), signedIn.person.role)}>{t("goOn")}</a>
        </p>
      )}
      {unusable && <ProblemNote problem={new Problem(403, { title: t("failed"), detail: t("noRole") })} />}
      {way.isPending && <Loading lines={5} />}
      {way.isError && !byHand && <ProblemNote problem={way.error} again={() => void way.refetch()} />}
      {byHand && <Token enter={(token) => enter(token, wanted())} />}
      {way.data?.mode === "oidc" && <OpenId way={way.data} enter={enter} />}
      {way.data?.mode === "embedded" && (
        <Embedded people={way.data.people} enter={(token) => enter(token, wanted())} />
      )}
    </main>
  );
}
