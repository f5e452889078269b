import { signedFetch } from "@shared/api/request";
import { serverNow, useClock } from "@shared/clock";
import { language } from "@shared/language";
import { session, useSession } from "@shared/session/session";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from "react";
import { claimedTime } from "../parts/device_time";
import type { Line } from "../queue/send";
import { FieldDatabase } from "./database";
import { Sync, type SyncState } from "./sync";

interface Device {
  person: string;
  database: FieldDatabase;
  sync: Sync;
  /** What the device claims the time to be, as an act is sent with it. */
  claim: () => string;
}

const Context = createContext<Device | null>(null);

/** The device of whoever is signed in: their database, and what keeps it in step with the server. */
export function FieldDevice({ children }: { children: ReactNode }) {
  const signedIn = useSession();
  const { pace } = useClock();
  // In a demonstration, whose clock is hurried or stands still, the device lives in that time too.
  const claim = useMemo(
    () => (pace === 1 ? () => claimedTime(Date.now()) : () => claimedTime(serverNow())),
    [pace],
  );
  const person = signedIn?.person.subject;
  const token = signedIn?.token;
  const kept = useMemo(() => {
    if (person === undefined) return null;
    const database = new FieldDatabase(person);
    return { person, database, sync: new Sync(database, lineTo()) };
  }, [person]);
  useEffect(() => kept?.sync.start(), [kept]);
  // Signed in anew: what waited goes on at once.
  useEffect(() => {
    if (token) kept?.sync.resume();
  }, [token, kept]);
  const device = useMemo(() => kept && { ...kept, claim }, [kept, claim]);
  if (!device) return null;
  return <Context value={device}>{children}</Context>;
}

export function useDevice(): Device {
  const device = useContext(Context);
  if (!device) throw new Error("outside of FieldDevice");
  return device;
}

export function useSync(): SyncState {
  const { sync } = useDevice();
  return useSyncExternalStore(sync.subscribe, sync.snapshot);
}

function lineTo(): Line {
  return {
    request: signedFetch,
    now: () => claimedTime(serverNow()),
    async upload(file, blob, progress) {
      const token = session.token();
      if (token === undefined) return { halt: "token_ended" };
      const { uploadFile } = await import("../queue/upload");
      const authorization = `Bearer ${token}`;
      const uploaded = await uploadFile({ file, blob, authorization, language: language(), progress });
      if ("halt" in uploaded && uploaded.halt === "token_ended") session.ended(token);
      return uploaded;
    },
  };
}
