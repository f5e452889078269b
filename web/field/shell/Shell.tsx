import "../look.css";
import { Link, Outlet } from "@tanstack/react-router";
import { FieldDevice } from "../device/FieldDevice";
import { useKnown } from "../device/use_known";
import { Notices } from "../parts/Notices";
import { countOpen } from "../queue/order";
import { NewVersion } from "./NewVersion";
import { useShellWords } from "./words";

/** The field app around its screens: what one thumb reaches is at the bottom. */
export function Shell() {
  return (
    <FieldDevice>
      <div className="field">
        <NewVersion />
        <Notices />
        <main className="field-main">
          <Outlet />
        </main>
        <Places />
      </div>
    </FieldDevice>
  );
}

function Places() {
  const t = useShellWords();
  const { queued, decide } = countOpen(useKnown()?.queue ?? []);
  const open = queued + decide;
  return (
    <nav className="field-places" aria-label={t("places")}>
      <Link to="/" activeOptions={{ exact: true }} activeProps={{ className: "field-here" }}>
        <span aria-hidden="true">☰</span>
        {t("today")}
      </Link>
      <Link to="/queue" activeProps={{ className: "field-here" }}>
        <span aria-hidden="true">⇅</span>
        {t("queue")}
        {open > 0 && <b className={decide > 0 ? "field-count field-count-wrong" : "field-count"}>{open}</b>}
      </Link>
      <Link to="/me" activeProps={{ className: "field-here" }}>
        <span aria-hidden="true">☺</span>
        {t("me")}
      </Link>
    </nav>
  );
}
