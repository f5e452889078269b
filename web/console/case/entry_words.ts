/** What of the details of a timeline's entries a person wants to read. */

import { useLanguage } from "@shared/language";
import { type Bilingual, chosen, type Language } from "@shared/language/language";
import { dueText, instantText } from "@shared/parts";
import { arrivalDoubtName, entryCheckName, outcomeName, partName, roleName, rungName } from "@shared/words";
import { shortType } from "@shared/words/entries";
import { choiceOf } from "./acts/words";
import type { Entry } from "./entries";

/** The details of an entry in a line; empty where there are none that matter. */
export function useEntryDetail(nameOf: (code: string) => string): (entry: Entry) => string {
  const spoken = useLanguage();
  return (entry) => detailOf(entry, spoken, nameOf);
}

function detailOf(entry: Entry, spoken: Language, nameOf: (code: string) => string): string {
  const { detail } = entry;
  const said = (name: string): string => (typeof detail[name] === "string" ? (detail[name] as string) : "");
  const say = (zh: string, en: string): string => (spoken === "en" ? en : zh);
  const due = dueText(said("due_at") || null, spoken) || said("due_text").replace(" (+08:00)", "");
  const type = shortType(entry.type);
  if (
    type === "deadline.moved" ||
    type === "deadline.paused" ||
    type === "deadline.resumed" ||
    type === "deadline.started"
  )
    return due === "" ? "" : say(`到期 ${due}`, `due ${due}`);
  if (type === "case.assigned" || type === "case.reassigned") return chosenNames(detail.why);
  if (type === "case.withdrawn" && Array.isArray(detail.officers))
    return detail.officers.map(String).map(nameOf).join("、");
  if (type === "case.escalated") return rungName(said("step").replace(/^rung-\d+-/, ""), spoken);
  if (type === "case.attachment_added") return [said("name"), size(detail.size)].filter(Boolean).join(" · ");
  if (type === "case.feedback_submitted" || type === "case.closed")
    return outcomeName(said("outcome"), spoken);
  if (type === "case.self_reported") return said("cause");
  if (type === "case.handed_over") return `${nameOf(said("leaving"))} → ${nameOf(said("coming"))}`;
  if (type === "case.transferred")
    return `${said("from") || "—"} → ${said("to") === "section" ? roleName("section", spoken) : said("to")}`;
  if (type === "case.arrived") {
    const metres = detail.distance_metres;
    const part = partName(said("part"), spoken);
    const code = said("entry_check");
    return [
      part,
      typeof metres === "number"
        ? say(`距点位 ${Math.round(metres)} 米`, `${Math.round(metres)} m from the site`)
        : "",
      code === "not_asked" ? "" : entryCheckName(code, spoken),
      ...(Array.isArray(detail.doubts)
        ? detail.doubts.map((doubt) => arrivalDoubtName(String(doubt), spoken))
        : []),
    ]
      .filter(Boolean)
      .join(" · ");
  }
  if (type === "case.accepted" || type === "case.departed" || type === "case.declined")
    return partName(said("part"), spoken);
  if (type === "case.file_number_recorded") return said("file_number");
  if (type === "case.presence_recorded")
    return [
      Array.isArray(detail.officers) ? detail.officers.map(String).map(nameOf).join("、") : "",
      entry.claimed_at == null
        ? ""
        : say(
            `${instantText(entry.claimed_at, spoken)} 到场`,
            `there since ${instantText(entry.claimed_at, spoken)}`,
          ),
      choiceOf(said("ground"), spoken) ?? "",
    ]
      .filter(Boolean)
      .join(" · ");
  if (type === "milestone.missed") {
    const name = detail.name as Bilingual | undefined;
    return name === undefined ? "" : chosen(name, spoken);
  }
  if (type === "notice.undelivered") return nameOf(roleName(said("recipient"), spoken));
  if (type === "notice.delivered") {
    const by = said("received_by");
    return by === ""
      ? ""
      : say(`${by} 签收，见证人 ${said("witness")}`, `taken by ${by}, witness ${said("witness")}`);
  }
  return "";
}

/** Whom the policy chose, by name. */
function chosenNames(why: unknown): string {
  const candidates =
    (why as { candidates?: { name: string; chosen: boolean }[] } | undefined)?.candidates ?? [];
  return candidates
    .filter((one) => one.chosen)
    .map((one) => one.name)
    .join("、");
}

/** A number of bytes as people say it. */
export function size(bytes: unknown): string {
  if (typeof bytes !== "number") return "";
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
