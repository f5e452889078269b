import { lazy, Suspense, useState } from "react";
import type { KnownAssignment } from "../device/known";
import { BigButton } from "../parts/BigButton";
import { useVisitWords } from "./words";

const MapSheet = lazy(() => import("../way/MapSheet").then(({ MapSheet }) => ({ default: MapSheet })));

/** Where to go, and the way there in the phone's own map app. */
export function Place({ assignment }: { assignment: KnownAssignment }) {
  const t = useVisitWords();
  const [open, setOpen] = useState(false);
  const { enterprise, position } = assignment;
  return (
    <section className="field-panel">
      <h2>{t("place")}</h2>
      <p>{enterprise.address ?? <span className="field-quiet">{t("noAddress")}</span>}</p>
      {position ? (
        <>
          <BigButton look="plain" onPress={() => setOpen(true)}>
            {t("way")}
          </BigButton>
          <small className="field-quiet">{t(position.of === "outlet" ? "toOutlet" : "toEnterprise")}</small>
        </>
      ) : (
        <p className="field-quiet">{t("noPosition")}</p>
      )}
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
