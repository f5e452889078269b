import { instantOf } from "@shared/clock/shanghai";
import { MomentInput } from "@shared/parts";
import { type ReactNode, useState } from "react";

interface Proposed {
  /** What is sent beside what is proposed: nothing of when, where that is left open. */
  said: { reason: string; effective_from?: string };
  isReasoned: boolean;
  clear: () => void;
  inputs: ReactNode;
}

/** Why a book or a policy is proposed, and from when on it is to be in force. */
export function useProposed(labels: { reason: string; effective: string }): Proposed {
  const [reason, setReason] = useState("");
  const [effective, setEffective] = useState("");
  return {
    said: { reason: reason.trim(), ...(effective !== "" && { effective_from: instantOf(effective) }) },
    isReasoned: reason.trim() !== "",
    clear: () => {
      setReason("");
      setEffective("");
    },
    inputs: (
      <>
        <label>
          {labels.reason}
          <textarea
            rows={2}
            required
            maxLength={2000}
            value={reason}
            onChange={({ target }) => setReason(target.value)}
          />
        </label>
        <label>
          {labels.effective}
          <MomentInput value={effective} onChange={setEffective} />
        </label>
      </>
    ),
  };
}
