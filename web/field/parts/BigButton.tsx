import { Button } from "antd-mobile";
import type { ReactNode } from "react";

interface BigButtonProps {
  children: ReactNode;
  onPress: () => void;
  look?: "main" | "plain" | "danger";
  busy?: boolean;
  disabled?: boolean;
}

/** A button for a wet thumb: as wide as its place, never lower than 52 px. */
export function BigButton({
  children,
  onPress,
  look = "main",
  busy = false,
  disabled = false,
}: BigButtonProps) {
  return (
    <Button
      block
      type="button"
      className={`field-button field-button-${look}`}
      color={look === "danger" ? "danger" : "primary"}
      fill={look === "main" ? "solid" : "outline"}
      disabled={disabled || busy}
      aria-busy={busy}
      onClick={onPress}
    >
      {children}
    </Button>
  );
}
