/** How far behind each topic is, over its partitions. Pure. */

export interface Partition {
  topic: string;
  partition: number;
  position: number;
  waiting: number;
  lag_seconds: number;
  last_event_at: string | null;
  is_current: boolean;
}

export interface TopicLag {
  topic: string;
  waiting: number;
  /** Of the partition that is farthest behind; null where one of them is read by nobody. */
  lag: number | null;
  last: string | null;
}

export function topicsOf(partitions: readonly Partition[]): TopicLag[] {
  const topics = new Map<string, TopicLag>();
  for (const one of partitions) {
    const before = topics.get(one.topic) ?? { topic: one.topic, waiting: 0, lag: 0, last: null };
    topics.set(one.topic, {
      topic: one.topic,
      waiting: before.waiting + one.waiting,
      lag: before.lag === null || !one.is_current ? null : Math.max(before.lag, one.lag_seconds),
      last:
        [before.last, one.last_event_at]
          .filter((at) => at !== null)
          .sort()
          .at(-1) ?? null,
    });
  }
  return [...topics.values()];
}
