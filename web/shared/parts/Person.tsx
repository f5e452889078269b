import { useLanguage } from "@shared/language";
import { partName } from "@shared/words";

interface Named {
  name: string | null | undefined;
  code: string;
  /** Their part in a team. */
  part?: string | null;
}

/** A person, by their name; the code is at hand for whoever needs it. */
export function Person({ name, code, part }: Named) {
  const spoken = useLanguage();
  return (
    <span className="tc-person" title={code}>
      {name || code}
      {part && <span className="tc-quiet"> {partName(part, spoken)}</span>}
    </span>
  );
}
