import { plainText } from "./plain";

/** One field of a request that does not fit, as RFC 9457 problems of ours list them. */
export interface FieldError {
  pointer: string;
  detail: string;
}

/** Why a request failed: an answer of a service as RFC 9457 has it, or that none came. */
export class Problem extends Error {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: FieldError[];
  /** What stands beside these: `allowed`, `state`, … */
  readonly members: Readonly<Record<string, unknown>>;
  /** After how many seconds to try again, where the service said so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, document: Record<string, unknown>, retryAfter?: number) {
    const { type, title, detail, errors, ...members } = document;
    super(text(detail) || text(title) || `HTTP ${status}`);
    this.name = "Problem";
    this.status = status;
    this.type = text(type) || "about:blank";
    this.title = text(title);
    this.detail = text(detail);
    this.errors = Array.isArray(errors) ? errors.filter(isFieldError) : [];
    this.members = members;
    this.retryAfter = retryAfter;
  }

  /** The kind of problem without its prefix: `not-found`, `conflict`, … */
  get kind(): string {
    return this.type.replace(/^urn:tricolor:problem:/, "");
  }

  /** Nothing was answered: no network, or the service is away. Trying again may help. */
  get away(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }

  /** The token is missing, or has ended. */
  get unauthenticated(): boolean {
    return this.status === 401;
  }
}

/** The problem that nobody answered. `type` names it for those who show it in a language. */
export function noAnswer(cause: unknown): Problem {
  const problem = new Problem(0, { type: "urn:tricolor:problem:no-answer" });
  problem.cause = cause;
  return problem;
}

/** The problem that an answer tells, whatever its body is. */
export function problemOf(response: Response, body: unknown): Problem {
  const retryAfter = Number(response.headers.get("retry-after"));
  const document = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  return new Problem(response.status, document, retryAfter > 0 ? retryAfter : undefined);
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem;
}

function text(value: unknown): string {
  return typeof value === "string" ? plainText(value) : "";
}

function isFieldError(value: unknown): value is FieldError {
  return typeof value === "object" && value !== null && "pointer" in value && "detail" in value;
}
