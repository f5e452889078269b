import { useEffect, useRef, useState } from "react";

const SHOWN_MS = 4_000;

/** Which of the things shown are new or have changed just now; what was there at first is not. */
export function useChanged(versions: ReadonlyMap<string, string | number>): ReadonlySet<string> {
  const known = useRef<ReadonlyMap<string, string | number> | null>(null);
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const signature = [...versions].join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the map is another one with every rendering; its content counts
  useEffect(() => {
    const before = known.current;
    known.current = versions;
    if (before === null) return;
    const fresh = [...versions].filter(([id, version]) => before.get(id) !== version).map(([id]) => id);
    if (fresh.length === 0) return;
    setChanged((shown) => new Set([...shown, ...fresh]));
    const timer = setTimeout(
      () => setChanged((shown) => new Set([...shown].filter((id) => !fresh.includes(id)))),
      SHOWN_MS,
    );
    return () => clearTimeout(timer);
  }, [signature]);
  return changed;
}
