import { useRegisterSW } from "virtual:pwa-register/react";
import { useShellWords } from "./words";

/** Keeps the app on the device, and offers a new version rather than putting it under somebody's hands. */
export function NewVersion() {
  const t = useShellWords();
  const {
    needRefresh: [waiting],
    updateServiceWorker,
  } = useRegisterSW();
  if (!waiting) return null;
  return (
    <div className="tc-bar tc-bar-warning" role="status">
      <span>{t("newVersion")}</span>
      <button type="button" className="tc-button" onClick={() => void updateServiceWorker(true)}>
        {t("update")}
      </button>
    </div>
  );
}
