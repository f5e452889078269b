/** The rota of a week while it is edited: a day left out has no rota, and everybody is on duty then. */
export type Plan = Readonly<Record<string, readonly string[]>>;

export function withOfficer(plan: Plan, day: string, officer: string): Plan {
  const there = plan[day] ?? [];
  return there.includes(officer) ? plan : { ...plan, [day]: [...there, officer].sort() };
}

/** Without the officer; whoever was the last one leaves a day on which nobody is on duty. */
export function withoutOfficer(plan: Plan, day: string, officer: string): Plan {
  return { ...plan, [day]: (plan[day] ?? []).filter((one) => one !== officer) };
}

export function withNobody(plan: Plan, day: string): Plan {
  return { ...plan, [day]: [] };
}

/** Without a rota on that day: everybody is on duty. */
export function withEverybody(plan: Plan, day: string): Plan {
  return Object.fromEntries(Object.entries(plan).filter(([one]) => one !== day));
}

export function isSame(one: Plan, other: Plan): boolean {
  const days = Object.keys(one);
  return (
    days.length === Object.keys(other).length &&
    days.every(
      (day) =>
        other[day] !== undefined && [...(one[day] ?? [])].sort().join() === [...other[day]].sort().join(),
    )
  );
}
