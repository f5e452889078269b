import { AwayBar, LanguageSwitch, ThemeSwitch } from "@shared/parts";
import { useMe } from "@shared/session/me";
import { signOut } from "@shared/session/SignedIn";
import { useSession } from "@shared/session/session";
import { Link, Outlet } from "@tanstack/react-router";
import { useFeed } from "./feed";
import { useShellWords } from "./words";

/** The enterprise's page around its screens. */
export function Shell() {
  const t = useShellWords();
  const signedIn = useSession();
  const me = useMe().data;
  useFeed();
  const names = me?.enterprises.map(({ code, name }) => name ?? code) ?? signedIn?.person.enterprises ?? [];
  return (
    <div className="enterprise">
      <a className="tc-skip" href="#main">
        {t("skip")}
      </a>
      <header className="enterprise-header tc-no-print">
        <span className="enterprise-brand">{t("brand")}</span>
        <span className="enterprise-names">{names.join("、")}</span>
        <span className="enterprise-tools">
          <LanguageSwitch />
          <ThemeSwitch />
          <button type="button" className="tc-link" onClick={signOut}>
            {t("signOut")}
          </button>
        </span>
        <nav className="enterprise-places" aria-label={t("places")}>
          <Link to="/" activeOptions={{ exact: true }} activeProps={{ className: "enterprise-here" }}>
            {t("matters")}
          </Link>
          <Link to="/notices" activeProps={{ className: "enterprise-here" }}>
            {t("notices")}
          </Link>
          <Link to="/shutdowns" activeProps={{ className: "enterprise-here" }}>
            {t("shutdowns")}
          </Link>
        </nav>
      </header>
      <AwayBar />
      <main id="main" className="enterprise-main" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}
