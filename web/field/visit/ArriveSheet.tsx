import { useCallback, useEffect, useState } from "react";
import type { KnownAssignment } from "../device/known";
import { type Located, locate } from "../device/position";
import { BigButton } from "../parts/BigButton";
import { Sheet } from "../parts/Sheet";
import { distanceText, metresBetween } from "../way/map_links";
import { EntryCode } from "./EntryCode";
import { useVisitWords } from "./words";

/** From how far away the officer is asked to look again; the server's policy decides what goes on file. */
const FAR_METRES = 500;
/** What is nearer is the place itself: a yard is larger than a point. */
const NEAR_METRES = 50;

interface ArriveSheetProps {
  assignment: KnownAssignment;
  onClose: () => void;
  onArrive: (body: Record<string, unknown>) => void;
}

/** Arrival with the position that the device has; without one, it is recorded all the same. */
export function ArriveSheet({ assignment, onClose, onArrive }: ArriveSheetProps) {
  const t = useVisitWords();
  const [located, setLocated] = useState<Located | null>(null);
  const find = useCallback(() => {
    setLocated(null);
    void locate().then(setLocated);
  }, []);
  useEffect(find, [find]);
  const [entryCode, setEntryCode] = useState("");
  const position = located && "position" in located ? located.position : null;
  const metres = position && assignment.position ? metresBetween(position, assignment.position) : null;
  const place = position && { longitude: position.longitude, latitude: position.latitude };
  return (
    <Sheet title={t("arriveTitle")} open onClose={onClose}>
      <div role="status" className="field-located">
        {!located && <p>{t("locating")}</p>}
        {located && "missing" in located && <p>{t(located.missing)}</p>}
        {position && metres === null && <p>{t("located", { accuracy: Math.round(position.accuracy) })}</p>}
        {position && metres !== null && (
          <p>
            {t(metres <= Math.max(position.accuracy, NEAR_METRES) ? "there" : "distance", {
              name: assignment.enterprise.name ?? assignment.enterprise.code,
              distance: distanceText(metres),
              accuracy: Math.round(position.accuracy),
            })}
          </p>
        )}
        {metres !== null && metres > FAR_METRES && <p className="field-hint">{t("far")}</p>}
      </div>
      {assignment.asks_entry_code && <EntryCode value={entryCode} onChange={setEntryCode} />}
      <BigButton
        onPress={() =>
          onArrive({
            ...(place && { position: place }),
            ...(entryCode.trim() !== "" && { entry_code: entryCode.trim() }),
          })
        }
      >
        {place ? t("confirmArrive") : t("arriveWithout")}
      </BigButton>
      {assignment.asks_entry_code && entryCode.trim() === "" && (
        <p className="field-hint">{t("noEntryCode")}</p>
      )}
      {located && (
        <BigButton look="plain" onPress={find}>
          {t("tryAgain")}
        </BigButton>
      )}
    </Sheet>
  );
}
