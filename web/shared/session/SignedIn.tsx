import { useNow } from "@shared/clock";
import { useLanguage } from "@shared/language";
import type { Role } from "@shared/words";
import { roleName } from "@shared/words";
import { type ReactNode, useEffect, useState } from "react";
import { session, signInAddress, useSession } from "./session";
import { useSessionWords } from "./words";

/** Shows an app to whoever is signed in in one of `roles`; others are led to where they can sign in. */
export function SignedIn({ roles, children }: { roles: readonly Role[]; children: ReactNode }) {
  const signedIn = useSession();
  const t = useSessionWords();
  const spoken = useLanguage();
  const missing = signedIn === undefined;
  useEffect(() => {
    if (missing) window.location.replace(signInAddress(here()));
  }, [missing]);
  if (signedIn === undefined) return null;
  if (!roles.includes(signedIn.person.role))
    return (
      <main className="tc-page tc-centred">
        <h1>{t("wrongRole", { role: roleName(signedIn.person.role, spoken) })}</h1>
        <p>{t("wrongRoleHint")}</p>
        <p>
          <a className="tc-button" href={homeOf(signedIn.person.role)}>
            {t("toOwn")}
          </a>{" "}
          <a href={signInAddress(here())}>{t("asAnother")}</a>
        </p>
      </main>
    );
  return (
    <>
      <TokenEnd />
      {children}
    </>
  );
}

/** Says when the token ends or has ended; what is on the screen stays, and one comes back to it. */
function TokenEnd() {
  const signedIn = useSession();
  const t = useSessionWords();
  const [dismissed, setDismissed] = useState<string>();
  // The issuer's time is the world's, not the clock of a demonstration, which may be days ahead.
  useNow(15_000);
  if (signedIn === undefined) return null;
  const left = signedIn.endsAt - Date.now() / 1000;
  if (signedIn.ended)
    return (
      <div className="tc-bar tc-bar-wrong" role="alert">
        <span>{t("ended")}</span>
        <a className="tc-button" href={signInAddress(here())}>
          {t("signInAgain")}
        </a>
      </div>
    );
  if (left > 5 * 60 || left < 0 || dismissed === signedIn.token) return null;
  return (
    <div className="tc-bar tc-bar-warning" role="status">
      <span>{t("endsSoon", { count: Math.max(1, Math.round(left / 60)) })}</span>
      <a className="tc-button" href={signInAddress(here())}>
        {t("signInAgain")}
      </a>
      <button type="button" className="tc-link" onClick={() => setDismissed(signedIn.token)}>
        {t("later")}
      </button>
    </div>
  );
}

/** Where someone of a role begins. */
export function homeOf(role: Role): string {
  if (role === "officer") return "/field";
  if (role === "enterprise") return "/enterprise";
  return "/";
}

/** Forget who was signed in, and say so. */
export function signOut(): void {
  session.forget();
  window.location.assign("/sign-in");
}

function here(): string {
  const { pathname, search, hash } = window.location;
  return pathname + search + hash;
}
