import { serverNow, useClock, useNow } from "@shared/clock";
import { useSession } from "@shared/session/session";
import { Link } from "@tanstack/react-router";
import { useSync } from "../device/FieldDevice";
import { useKnown } from "../device/use_known";
import { countOpen } from "../queue/order";
import { minutesOff } from "./device_time";
import { useNoticeWords } from "./notice_words";

/** What an officer has to know of the line and the clock, above a screen; nothing where all is well. */
export function Notices() {
  return (
    <div className="field-notices" role="status">
      <LineNotice />
      <QueueNotice />
      <ClockNotice />
    </div>
  );
}

/** Where the token has ended the bar above the app says so; here, that nothing is lost. */
function LineNotice() {
  const t = useNoticeWords();
  const { halt } = useSync();
  const ended = useSession()?.ended ?? false;
  if (ended) return <p className="field-notice">{t("token_ended")}</p>;
  if (!halt || halt === "token_ended") return null;
  return <p className="field-notice">{t(halt)}</p>;
}

/** What waits is counted in the navigation; what needs a decision is said. */
function QueueNotice() {
  const t = useNoticeWords();
  const known = useKnown();
  const { decide } = countOpen(known?.queue ?? []);
  if (decide === 0) return null;
  return (
    <p className="field-notice field-notice-wrong">
      <Link to="/queue">{t("decide", { count: decide })}</Link>
    </p>
  );
}

function ClockNotice() {
  const t = useNoticeWords();
  const { pace, guessed } = useClock();
  useNow(15_000);
  const off = guessed || pace !== 1 ? 0 : minutesOff(Date.now(), serverNow());
  if (off === 0) return null;
  const minutes = Math.abs(off);
  const by =
    minutes < 60
      ? t("minutes", { count: minutes })
      : t("hoursMinutes", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  return <p className="field-notice field-notice-warning">{t(off > 0 ? "ahead" : "behind", { by })}</p>;
}
