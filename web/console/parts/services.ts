/** The services behind the console, by the prefix of their addresses. */
export const SERVICES = ["ingest", "dispatch", "watch", "console"] as const;
export type ServiceName = (typeof SERVICES)[number];
