import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import type { Problem } from "./problem";

/** What every act sends along: so that a tap that was not answered may be repeated and counts once. */
export type ActHeaders = {
  "Idempotency-Key": string;
};

interface Act<Input, Output> {
  /** The call: give it `headers` as they are. */
  run: (input: Input, headers: ActHeaders) => Promise<Output>;
  /** What is read anew once it is done: keys of queries, or what of the answer they follow from. */
  changes?: QueryKey[];
  done?: (output: Output, input: Input) => void;
}

/**
 * An act that a person does: sent under one key until it is answered, and then what it changes is read again.
 *
 *     const approve = useAct({
 *       run: (body: Approval, headers) => answer(approveCase({ path, body, headers })),
 *       changes: [["case", case_id], ["board"]],
 *     })
 *     approve.mutate(body)
 */
export function useAct<Input, Output>({ run, changes = [], done }: Act<Input, Output>) {
  const queries = useQueryClient();
  const pending = useRef<{ input: string; key: string } | undefined>(undefined);
  return useMutation<Output, Problem, Input>({
    mutationFn: (input) => {
      const sent = fingerprint(input);
      // The same again is the same act; anything else is another one.
      if (pending.current?.input !== sent) pending.current = { input: sent, key: crypto.randomUUID() };
      return run(input, { "Idempotency-Key": pending.current.key });
    },
    retry: (failures, problem) => problem.away && failures < 2,
    retryDelay: (failures, problem) => 1000 * (problem.retryAfter ?? 2 ** failures),
    onSuccess: async (output, input) => {
      pending.current = undefined;
      done?.(output, input);
      await Promise.all(changes.map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
    onError: (problem) => {
      // It was answered, so it is settled: the next attempt is another one.
      if (!problem.away) pending.current = undefined;
    },
  });
}

/** What tells one input from another; a file by its name, size and date. */
function fingerprint(input: unknown): string {
  const sent = JSON.stringify(input, (_, value: unknown) =>
    value instanceof File ? [value.name, value.size, value.lastModified] : value,
  );
  return sent ?? "";
}
