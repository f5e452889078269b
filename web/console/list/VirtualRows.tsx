import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import styles from "./list.module.css";
import { useRows } from "./useRows";

interface Rows<Row> {
  rows: readonly Row[];
  id: (row: Row) => string;
  open: (row: Row) => void;
  children: (row: Row, isCurrent: boolean) => ReactNode;
  /** Called when the end comes into view. */
  more: (() => void) | undefined;
  /** About how high a row is, before it is measured. */
  height: number;
  label: string;
}

/** As many rows of a list as fit the window, however many there are; j and k go through them. */
export function VirtualRows<Row>({ rows, id, open, children, more, height, label }: Rows<Row>) {
  const list = useRef<HTMLOListElement>(null);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: list.current?.offsetTop ?? 0,
    getItemKey: (index) => id(rows[index] as Row),
  });
  const current = useRows({
    rows,
    id,
    open,
    reveal: (index) => virtual.scrollToIndex(index, { align: "auto" }),
  });
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (more !== undefined && last >= rows.length - 10) more();
  }, [last, rows.length, more]);
  return (
    <ol ref={list} aria-label={label} className={styles.rows} style={{ height: virtual.getTotalSize() }}>
      {items.map((item) => {
        const row = rows[item.index] as Row;
        return (
          <li
            key={item.key}
            aria-setsize={more === undefined ? rows.length : -1}
            aria-posinset={item.index + 1}
            ref={virtual.measureElement}
            data-index={item.index}
            data-row={id(row)}
            className={styles.place}
            style={{ transform: `translateY(${item.start - virtual.options.scrollMargin}px)` }}
          >
            {children(row, current === id(row))}
          </li>
        );
      })}
    </ol>
  );
}
