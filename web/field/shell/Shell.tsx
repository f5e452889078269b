import { AwayBar } from "@shared/parts";
import { Link, Outlet } from "@tanstack/react-router";
import { NewVersion } from "./NewVersion";
import { useShellWords } from "./words";

/** The field app around its screens: what one thumb reaches is at the bottom. */
export function Shell() {
  const t = useShellWords();
  return (
    <div className="field">
      <NewVersion />
      <AwayBar />
      <main className="field-main">
        <Outlet />
      </main>
      <nav className="field-places" aria-label={t("places")}>
        <Link to="/" activeOptions={{ exact: true }} activeProps={{ className: "field-here" }}>
          <span aria-hidden="true">☰</span>
          {t("today")}
        </Link>
        <Link to="/queue" activeProps={{ className: "field-here" }}>
          <span aria-hidden="true">⇅</span>
          {t("queue")}
        </Link>
        <Link to="/me" activeProps={{ className: "field-here" }}>
          <span aria-hidden="true">☺</span>
          {t("me")}
        </Link>
      </nav>
    </div>
  );
}
