/** Whether a version came with the software: nobody of the bureau proposed it. */
export function isShipped(publishedBy: string): boolean {
  return publishedBy.startsWith("system:");
}
