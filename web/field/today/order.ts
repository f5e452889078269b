/** The officer's list: what is due first stands first. Pure. */

export interface Due {
  due_at: string | null;
  due_text: string | null;
  /** What joined the visit; a planned inspection has no deadline. */
  matters: ({ due_at: string | null; due_text: string | null } | { planned_until: string })[];
}

export interface Soonest {
  at: string | null;
  text: string | null;
}

/** By when the first thing of the visit is due: its own deadline, or that of a matter that joined it. */
export function soonestDue(one: Due): Soonest {
  const due = [one, ...one.matters].flatMap((matter) =>
    "due_at" in matter && matter.due_at ? [{ at: matter.due_at, text: matter.due_text }] : [],
  );
  const [first] = due.sort((soon, late) => Date.parse(soon.at) - Date.parse(late.at));
  return first ?? { at: null, text: null };
}

function dueFirst(one: Due): number {
  const { at } = soonestDue(one);
  return at ? Date.parse(at) : Number.POSITIVE_INFINITY;
}

/** What the officer has something to do about, and what waits for others; each by what is due first. */
export function byUrgency<T extends Due>(
  assignments: T[],
  isMine: (one: T) => boolean,
): { mine: T[]; waiting: T[] } {
  const sorted = [...assignments].sort((one, other) => compare(dueFirst(one), dueFirst(other)));
  return { mine: sorted.filter(isMine), waiting: sorted.filter((one) => !isMine(one)) };
}

function compare(one: number, other: number): number {
  return one === other ? 0 : one - other;
}
