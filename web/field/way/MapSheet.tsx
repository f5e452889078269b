import { useState } from "react";
import { BigButton } from "../parts/BigButton";
import { Sheet } from "../parts/Sheet";
import { useVisitWords } from "../visit/words";
import { mapLinks, type Place, platformOf } from "./map_links";

interface MapSheetProps {
  place: Place;
  name: string;
  address: string | null;
  onClose: () => void;
}

/** The map apps of this phone, and the address to be pasted into any other. */
export function MapSheet({ place, name, address, onClose }: MapSheetProps) {
  const t = useVisitWords();
  const [copied, setCopied] = useState(false);
  const links = mapLinks(place, name, platformOf(navigator.userAgent));
  const copy = async () => {
    await navigator.clipboard.writeText([name, address].filter(Boolean).join(" "));
    setCopied(true);
  };
  return (
    <Sheet title={t("way")} open onClose={onClose}>
      <p className="field-quiet">{t("wayHint")}</p>
      <ul className="field-plain">
        {links.map(({ app, href }) => (
          <li key={app}>
            <a className="field-wide-link" href={href} onClick={onClose}>
              {t(app)}
            </a>
          </li>
        ))}
      </ul>
      <BigButton look="plain" onPress={copy}>
        {copied ? t("copied") : t("copyAddress")}
      </BigButton>
    </Sheet>
  );
}
