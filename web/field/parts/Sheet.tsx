import { Popup } from "antd-mobile";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { usePartWords } from "./words";

interface SheetProps {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** What comes up from below, within the thumb's reach: a dialog of its own, closed by Escape or beside it. */
export function Sheet({ title, open, onClose, children }: SheetProps) {
  return (
    <Popup visible={open} onMaskClick={onClose} destroyOnClose bodyClassName="field-sheet">
      <SheetBody title={title} onClose={onClose}>
        {children}
      </SheetBody>
    </Popup>
  );
}

function SheetBody({ title, onClose, children }: Omit<SheetProps, "open">) {
  const t = usePartWords();
  const heading = useId();
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    body.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <div
      ref={body}
      role="dialog"
      aria-modal="true"
      aria-labelledby={heading}
      tabIndex={-1}
      className="field-sheet-body"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <div className="field-sheet-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" className="field-icon-button" aria-label={t("close")} onClick={onClose}>
          ✕
        </button>
      </div>
      {children}
    </div>
  );
}
