import { DayInput } from "@shared/parts";
import { useState } from "react";
import styles from "./calendar.module.css";
import { type MovedClocks, Moves } from "./Moves";
import { Previewed, usePreviewed } from "./previewed";
import { useCalendarWords } from "./words";

/** A day that is none of the working days here, by a local order: a typhoon shutdown. Looked at first, then proposed. */
export function LocalDayOff() {
  const t = useCalendarWords();
  const [day, setDay] = useState("");
  const [name, setName] = useState("");
  const [ground, setGround] = useState("");
  const change = usePreviewed<{ moves: MovedClocks }>({
    method: "PUT",
    path: `/watch/v1/calendar/local-days-off/${day}`,
    body: () => JSON.stringify({ name: name.trim(), ground: ground.trim() }),
    done: () => {
      change.looking.reset();
      setDay("");
      setName("");
      setGround("");
    },
  });
  // What was previewed is of what was written then.
  const write = (set: (value: string) => void) => (value: string) => {
    set(value);
    change.looking.reset();
    change.proposing.reset();
  };
  return (
    <form className={`tc-surface ${styles.part}`} onSubmit={change.submit} aria-label={t("localDayOff")}>
      <h2>{t("localDayOff")}</h2>
      <p className="tc-quiet">{t("localHint")}</p>
      <div className={styles.two}>
        <label>
          {t("localDate")}
          <DayInput required value={day} onChange={write(setDay)} />
        </label>
        <label>
          {t("localName")}
          <input
            required
            maxLength={200}
            value={name}
            onChange={({ target }) => write(setName)(target.value)}
          />
        </label>
      </div>
      <label>
        {t("localGround")}
        <input
          required
          maxLength={500}
          value={ground}
          onChange={({ target }) => write(setGround)(target.value)}
        />
      </label>
      <Previewed
        of={change}
        lacks={[day, name, ground].some((one) => one.trim() === "")}
        seen={change.looking.data !== undefined && <Moves of={change.looking.data.moves} />}
      />
    </form>
  );
}
