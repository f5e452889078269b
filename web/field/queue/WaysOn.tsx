import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useDevice } from "../device/FieldDevice";
import { BigButton } from "../parts/BigButton";
import { isTooLong } from "../parts/length";
import { Sheet } from "../parts/Sheet";
import { TextField } from "../parts/TextField";
import { isAct, isFile, type QueueEntry } from "./entries";
import { type WayOn, waysOn } from "./order";
import { editAgain, explainFile, sendAgain, setAside } from "./queue";
import { useQueueWords } from "./words";

/** What the officer may do about what did not go through. */
export function WaysOn({ entry }: { entry: QueueEntry }) {
  const t = useQueueWords();
  const { database, claim } = useDevice();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<"explain" | "aside" | null>(null);
  const ways = waysOn(entry);
  if (ways.length === 0) return null;
  const take = async (way: WayOn) => {
    if (way === "again") await sendAgain(database, entry);
    if (way === "explain_file") setAsking("explain");
    if (way === "set_aside" || way === "without_file") setAsking("aside");
    if (way === "edit" && isAct(entry)) {
      await editAgain(database, entry, claim());
      await navigate({
        to: "/assignments/$assignmentId/report",
        params: { assignmentId: entry.assignmentId },
      });
    }
  };
  return (
    <div className="field-beside">
      {ways.map((way) => (
        <BigButton key={way} look={way === ways[0] ? "main" : "plain"} onPress={() => take(way)}>
          {t(`way_${way}`)}
        </BigButton>
      ))}
      {asking === "explain" && isFile(entry) && (
        <ExplainSheet
          onClose={() => setAsking(null)}
          onExplain={(reason) => {
            setAsking(null);
            void explainFile(database, entry, reason);
          }}
        />
      )}
      {asking === "aside" && (
        <Sheet title={t("asideTitle")} open onClose={() => setAsking(null)}>
          <p>{t("asideHint")}</p>
          <BigButton look="danger" onPress={() => setAside(database, entry, claim())}>
            {t("asideSure")}
          </BigButton>
        </Sheet>
      )}
    </div>
  );
}

function ExplainSheet({ onClose, onExplain }: { onClose: () => void; onExplain: (reason: string) => void }) {
  const t = useQueueWords();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const missing = !reason.trim();
  return (
    <Sheet title={t("explainTitle")} open onClose={onClose}>
      <p className="field-quiet">{t("explainHint")}</p>
      <TextField
        label={t("reason")}
        value={reason}
        onChange={setReason}
        fault={tried && missing ? t("reasonNeeded") : undefined}
      />
      <BigButton
        onPress={() => {
          setTried(true);
          if (!missing && !isTooLong(reason)) onExplain(reason.trim());
        }}
      >
        {t("explain")}
      </BigButton>
    </Sheet>
  );
}
