import { useLanguage } from "@shared/language";
import { AwayBar, ClockFace, LanguageSwitch, ThemeSwitch } from "@shared/parts";
import { useMe } from "@shared/session/me";
import { signOut } from "@shared/session/SignedIn";
import { useSession } from "@shared/session/session";
import { roleName } from "@shared/words";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { PLACES, placesOf } from "./places";
import { ShortcutHelp, useShortcuts } from "./shortcuts";
import { useShellWords } from "./words";

/** The console around its screens: header, navigation, the bars that say what is amiss. */
export function Shell() {
  const t = useShellWords();
  const [open, setOpen] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: going to another screen closes the navigation of a narrow one
  useEffect(() => setOpen(false), [path]);
  useShortcuts(
    PLACES.filter(({ key }) => key !== undefined).map(({ to, key, name }) => ({
      keys: `g ${key}`,
      says: t("goTo", { place: t(name) }),
      to,
    })),
  );
  return (
    <div className="shell">
      <a className="tc-skip" href="#main">
        {t("skip")}
      </a>
      <header className="shell-header tc-no-print">
        <button
          type="button"
          className="tc-switch shell-menu"
          aria-expanded={open}
          aria-controls="places"
          onClick={() => setOpen(!open)}
        >
          <span aria-hidden="true">☰</span>
          <span className="tc-hidden">{t("menu")}</span>
        </button>
        <Link to="/board" className="shell-brand">
          <img src="/field.svg" alt="" width="28" height="28" />
          <span>{t("brand")}</span>
        </Link>
        <ClockFace />
        <span className="shell-space" />
        <ShortcutHelp />
        <LanguageSwitch />
        <ThemeSwitch />
        <Who className="shell-who shell-wide" />
      </header>
      <AwayBar />
      <div className="shell-body">
        <Places open={open} />
        <main id="main" className="shell-main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
    </div>
  );
}

function Places({ open }: { open: boolean }) {
  const t = useShellWords();
  const role = useSession()?.person.role;
  return (
    <nav id="places" className="shell-places" aria-label={t("places")} data-open={open}>
      {placesOf(role).map(({ to, name, sign }) => (
        <Link
          key={to}
          to={to}
          className="shell-place"
          activeProps={{ className: "shell-place shell-place-here" }}
        >
          <span className="shell-sign" aria-hidden="true">
            {sign}
          </span>
          {t(name)}
        </Link>
      ))}
      <Who className="shell-who shell-narrow" />
    </nav>
  );
}

function Who({ className }: { className: string }) {
  const spoken = useLanguage();
  const t = useShellWords();
  const signedIn = useSession();
  const me = useMe().data;
  if (signedIn === undefined) return null;
  const { role, subject, station } = signedIn.person;
  return (
    <div className={className}>
      <span>
        <b>{me?.name || subject}</b>{" "}
        <span className="tc-quiet">
          {[me?.station_name ?? station, roleName(role, spoken)].filter(Boolean).join(" · ")}
        </span>
      </span>
      <button type="button" className="tc-link" onClick={signOut}>
        {t("signOut")}
      </button>
    </div>
  );
}
