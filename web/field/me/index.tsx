import { ClockFace, LanguageSwitch, ThemeSwitch } from "@shared/parts";
import { useMe } from "@shared/session/me";
import { signOut } from "@shared/session/SignedIn";
import { useSession } from "@shared/session/session";
import { useEffect, useState } from "react";
import { useDevice } from "../device/FieldDevice";
import { forgetKnown } from "../device/refresh";
import { useKnown } from "../device/use_known";
import { BigButton } from "../parts/BigButton";
import { countOpen } from "../queue/order";
import { sizeText } from "../report/evidence";
import { useMeWords } from "./words";

/** Who is signed in on this device, and how it speaks and looks. */
export function Screen() {
  const t = useMeWords();
  const person = useSession()?.person;
  const { database } = useDevice();
  const me = useMe().data;
  const { queued, decide } = countOpen(useKnown()?.queue ?? []);
  const used = useStorageUsed();
  const leave = async () => {
    await forgetKnown(database);
    signOut();
  };
  return (
    <>
      <h1>{t("title")}</h1>
      <section className="field-panel">
        <p>
          <strong>{me?.name ?? person?.subject}</strong>
        </p>
        <p className="field-quiet">
          {t("code", { code: person?.subject })}
          {person?.station && ` · ${t("station", { code: me?.station_name ?? person.station })}`}
        </p>
      </section>
      <section className="field-panel">
        <p className="field-row">
          {t("clock")} <ClockFace />
        </p>
        <p className="field-row">
          {t("language")} <LanguageSwitch />
        </p>
        <p className="field-row">
          {t("look")} <ThemeSwitch />
        </p>
        {used !== undefined && (
          <p className="field-row">
            {t("storage")} <span>{t("storageUsed", { used: sizeText(used) })}</span>
          </p>
        )}
        <p className="field-quiet">{t("install")}</p>
      </section>
      {queued + decide > 0 && <p className="field-hint">{t("signOutWarning", { count: queued + decide })}</p>}
      <BigButton look="plain" onPress={leave}>
        {t("signOut")}
      </BigButton>
    </>
  );
}

function useStorageUsed(): number | undefined {
  const [used, setUsed] = useState<number>();
  useEffect(() => {
    void navigator.storage?.estimate?.().then(({ usage }) => setUsed(usage));
  }, []);
  return used;
}
