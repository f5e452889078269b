import { Loading } from "@shared/parts";
import { useEffect, useRef, useState } from "react";
import styles from "./chart.module.css";
import type { Option } from "./draw";

interface Drawn {
  option: Option;
  /** What the chart shows, for whoever does not see it: its numbers stand in a table beside it. */
  label: string;
  /** In pixels, or as CSS has it. */
  height: number | string;
  chosen?: (name: string) => void;
  /** Maps that the option names, by name. */
  maps?: Record<string, object>;
}

/** A chart. Its library is loaded with the first one that is shown. */
export function Chart({ option, label, height, chosen, maps }: Drawn) {
  const place = useRef<HTMLDivElement>(null);
  const [drawing, setDrawing] = useState<typeof import("./draw") | null>(null);
  const choose = useRef(chosen);
  choose.current = chosen;
  useEffect(() => {
    let isGone = false;
    void import("./draw").then((loaded) => {
      if (!isGone) setDrawing(loaded);
    });
    return () => {
      isGone = true;
    };
  }, []);
  const chart = useRef<ReturnType<typeof import("./draw").init> | null>(null);
  useEffect(() => {
    if (drawing === null || place.current === null) return;
    const made = drawing.init(place.current, undefined, { renderer: "canvas" });
    chart.current = made;
    made.on("click", ({ name }) => choose.current?.(String(name)));
    const watching = new ResizeObserver(() => made.resize());
    watching.observe(place.current);
    return () => {
      watching.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, [drawing]);
  useEffect(() => {
    if (drawing === null) return;
    for (const [name, map] of Object.entries(maps ?? {})) drawing.registerMap(name, map as never);
    chart.current?.setOption({ animation: false, ...option }, { notMerge: true });
  }, [drawing, option, maps]);
  return (
    <div className={styles.place} role="img" aria-label={label}>
      {drawing === null && <Loading lines={4} />}
      <div ref={place} className={styles.drawn} style={{ height }} />
    </div>
  );
}
