import type { WorkItem } from "@shared/api/console";

/** One line of work: what waits, and everybody whom a notice of the same case did not reach. */
export interface Gathered {
  item: WorkItem;
  recipients: readonly string[];
}

/** The notices of one case that did not arrive stand in one line: it takes one person some calls, not one line each. */
export function gathered(items: readonly WorkItem[]): Gathered[] {
  const lines: { item: WorkItem; recipients: string[] }[] = [];
  for (const item of items) {
    const known =
      item.kind === "undelivered" && item.case_id != null
        ? lines.find((line) => line.item.kind === "undelivered" && line.item.case_id === item.case_id)
        : undefined;
    const line = known ?? { item, recipients: [] };
    if (known === undefined) lines.push(line);
    if (item.recipient != null && !line.recipients.includes(item.recipient))
      line.recipients.push(item.recipient);
  }
  return lines;
}

/** What is said of a subject whose name stands above it already. */
export function withoutName(title: string, subject: string): string {
  return title.startsWith(subject) ? title.slice(subject.length).replace(/^[：:]\s*/, "") : title;
}
