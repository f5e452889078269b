import { useEffect, useRef, useState } from "react";
import { BigButton } from "../parts/BigButton";
import { type Recorder, type Recording, record } from "./sound";
import { useReportWords } from "./words";

interface SoundButtonProps {
  onRecorded: (recording: Recording) => void;
  onFault: () => void;
}

/** Begins and ends a recording; leaving the screen ends it, too. */
export function SoundButton({ onRecorded, onFault }: SoundButtonProps) {
  const t = useReportWords();
  const recorder = useRef<Recorder>(null);
  const [seconds, setSeconds] = useState<number>();
  const running = seconds !== undefined;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setSeconds((count) => (count ?? 0) + 1), 1000);
    return () => clearInterval(timer);
  }, [running]);
  useEffect(() => () => void recorder.current?.stop(), []);
  const press = async () => {
    try {
      if (recorder.current) {
        const recording = await recorder.current.stop();
        recorder.current = null;
        setSeconds(undefined);
        onRecorded(recording);
      } else {
        recorder.current = await record();
        setSeconds(0);
      }
    } catch {
      recorder.current = null;
      setSeconds(undefined);
      onFault();
    }
  };
  return (
    <BigButton look={running ? "danger" : "plain"} onPress={press}>
      {running ? t("stopSound", { seconds }) : t("sound")}
    </BigButton>
  );
}
