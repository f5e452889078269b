import { lazy, Suspense, useState } from "react";
import type { KnownAssignment } from "../device/known";
import { BigButton } from "../parts/BigButton";
import { useVisitWords } from "./words";

const MapSheet = lazy(() => import("../way/MapSheet").then(({ MapSheet }) => ({ default: MapSheet })));

/** Where to go and whom to phone there: the way in the phone's own map app, the call in one touch. */
export function Place({ assignment }: { assignment: KnownAssignment }) {
  const t = useVisitWords();
  const [open, setOpen] = useState(false);
  const { enterprise, position, contact } = assignment;
  return (
    <section className="field-panel">
      <h2>{t("place")}</h2>
      <p>{enterprise.address ?? <span className="field-quiet">{t("noAddress")}</span>}</p>
      <p className="field-quiet">
        {position ? t(position.of === "outlet" ? "toOutlet" : "toEnterprise") : t("noPosition")}
      </p>
      <p>
        {contact ? contact.name : <span className="field-quiet">{t("noContact")}</span>}{" "}
        {contact?.role && <span className="field-quiet">{contact.role}</span>} {contact?.phone}
        {contact && !contact.phone && <span className="field-quiet">{t("noPhone")}</span>}
      </p>
      <div className="field-beside">
        {position && (
          <BigButton look="plain" onPress={() => setOpen(true)}>
            {t("way")}
          </BigButton>
        )}
        {contact?.phone && (
          <a className="field-wide-link" href={`tel:${contact.phone.replace(/[^+\d]/g, "")}`}>
            {t("call")}
          </a>
        )}
      </div>
      {open && position && (
        <Suspense>
          <MapSheet
            place={position}
            name={enterprise.name ?? enterprise.code}
            address={enterprise.address}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </section>
  );
}
