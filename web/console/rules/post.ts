import { read } from "@shared/api/request";

const BASE = "/ingest/v1/rule-book";

/** Ask something of a rule book. */
export function post<T>(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<T> {
  return read<T>(`${BASE}${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...headers },
    ...(signal !== undefined && { signal }),
  });
}
