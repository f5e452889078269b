import { language } from "@shared/language";
import { session } from "@shared/session/session";
import { plain } from "./plain";
import { noAnswer, Problem, problemOf } from "./problem";
import { answered, notAnswered } from "./reachable";

/** `fetch` as every request of the apps is made: as whoever is signed in, in their language. */
export async function signedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const token = session.token();
  if (token !== undefined && !request.headers.has("Authorization"))
    request.headers.set("Authorization", `Bearer ${token}`);
  if (!request.headers.has("Accept-Language")) request.headers.set("Accept-Language", language());
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (!request.signal.aborted) notAnswered();
    throw error;
  }
  if (response.status === 401 && token !== undefined) session.ended(token);
  if (response.status >= 502) notAnswered();
  else answered();
  return response;
}

/** What a call of the generated client answers. */
interface Outcome<T> {
  data?: T | undefined;
  error?: unknown;
  response?: Response | undefined;
}

/**
 * The data that a call of the generated client brings. Throws a Problem.
 *
 *     const one = await answer(readCase({ path: { case_id } }))
 */
export async function answer<T>(call: Promise<Outcome<T>>): Promise<NonNullable<T>> {
  const outcome = await call.catch((error: unknown) => ({ error }) as Outcome<T>);
  const { data, error, response } = outcome;
  if (response === undefined) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw noAnswer(error);
  }
  if (!response.ok) throw problemOf(response, error);
  return plain(data) as NonNullable<T>;
}

/** The JSON at an address, for what the generated client does not know. Throws a Problem. */
export async function read<T>(path: string, init?: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await signedFetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw noAnswer(error);
  }
  const body = response.status === 204 ? undefined : await response.json().catch(() => undefined);
  if (!response.ok) throw problemOf(response, body);
  return plain(body) as T;
}

/** Save what an address answers as a file, under the name that the answer gives. Throws a Problem. */
export async function download(path: string, name: string, init?: RequestInit): Promise<void> {
  const response = await signedFetch(path, init).catch((error: unknown) => {
    throw noAnswer(error);
  });
  if (!response.ok) throw problemOf(response, await response.json().catch(() => undefined));
  const given = /filename\*=UTF-8''([^;]+)/i.exec(response.headers.get("content-disposition") ?? "")?.[1];
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = given === undefined ? name : decodeURIComponent(given);
  link.click();
  URL.revokeObjectURL(address);
}

/** The query of an address: lists as repeated parameters, nothing for what is not given. */
export function query(parameters: Record<string, unknown>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null && one !== "") search.append(name, String(one));
  return search.size === 0 ? "" : `?${search}`;
}

export { Problem };
