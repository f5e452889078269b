import { useState } from "react";
import { useDevice } from "../device/FieldDevice";
import type { KnownAssignment } from "../device/known";
import { BigButton } from "../parts/BigButton";
import { Choices } from "../parts/Choices";
import { isTooLong } from "../parts/length";
import { Phrases } from "../parts/Phrases";
import { Sheet } from "../parts/Sheet";
import { TextField } from "../parts/TextField";
import { enqueue } from "../queue/queue";
import { useVisitWords } from "./words";

/** The way out, at the end of the page: not where a wet thumb looks for the next step. */
export function Decline({ assignment }: { assignment: KnownAssignment }) {
  const t = useVisitWords();
  const { database, claim } = useDevice();
  const [open, setOpen] = useState(false);
  const { assignment_id: assignmentId, case_id: caseId } = assignment;
  const decline = async (body: Record<string, unknown>) => {
    setOpen(false);
    await enqueue(database, { action: "decline", assignmentId, caseId, time: claim(), body });
  };
  return (
    <>
      <BigButton look="danger" onPress={() => setOpen(true)}>
        {t("cannotGo")}
      </BigButton>
      {open && <DeclineSheet onClose={() => setOpen(false)} onDecline={decline} />}
    </>
  );
}

interface DeclineSheetProps {
  onClose: () => void;
  onDecline: (body: Record<string, unknown>) => void;
}

/** Giving a case back, with a reason; recusal is a ground of its own. */
function DeclineSheet({ onClose, onDecline }: DeclineSheetProps) {
  const t = useVisitWords();
  const [ground, setGround] = useState("other");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const missing = !reason.trim();
  const decline = () => {
    setTried(true);
    if (!missing && !isTooLong(reason)) onDecline({ reason: reason.trim(), ground });
  };
  return (
    <Sheet title={t("declineTitle")} open onClose={onClose}>
      <Choices
        legend={t("ground")}
        value={ground}
        onChange={setGround}
        options={[
          { value: "other", label: t("other") },
          { value: "recusal", label: t("recusal"), hint: t("recusalHint") },
        ]}
      />
      {ground === "other" && (
        <Phrases
          phrases={[t("quickBusy"), t("quickIll"), t("quickLeave")]}
          onTake={setReason}
          label={t("whyDecline")}
        />
      )}
      <TextField
        label={t("whyDecline")}
        value={reason}
        onChange={setReason}
        fault={tried && missing ? t("whyDeclineNeeded") : undefined}
      />
      <BigButton look="danger" onPress={decline}>
        {t("confirmDecline")}
      </BigButton>
    </Sheet>
  );
}
