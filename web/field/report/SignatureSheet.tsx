import { type PointerEvent, useEffect, useRef, useState } from "react";
import { BigButton } from "../parts/BigButton";
import { Choices } from "../parts/Choices";
import { Sheet } from "../parts/Sheet";
import { LineField } from "../parts/TextField";
import { toBlob } from "./photos";
import { useReportWords } from "./words";

const HEIGHT = 240;
const PEN = 3;

interface SignatureSheetProps {
  onClose: () => void;
  /** The picture, and the person of the enterprise whose signature it is; an officer's has none. */
  onSigned: (picture: Blob, present: string | undefined) => void;
}

/** A frame to sign in with a finger; black on white, also in the dark: it is a document. */
export function SignatureSheet({ onClose, onSigned }: SignatureSheetProps) {
  const t = useReportWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [signed, setSigned] = useState(false);
  const [signer, setSigner] = useState<"officer" | "present">("officer");
  const [present, setPresent] = useState("");
  const [isNameless, setNameless] = useState(false);
  const clear = () => {
    const context = canvas.current && prepare(canvas.current);
    if (context) setSigned(false);
  };
  useEffect(() => {
    if (canvas.current) prepare(canvas.current);
  }, []);
  const draw = (event: PointerEvent<HTMLCanvasElement>, begins: boolean) => {
    const context = event.currentTarget.getContext("2d");
    if (!context || (!begins && event.buttons === 0)) return;
    const { offsetX, offsetY } = event.nativeEvent;
    if (begins) {
      event.currentTarget.setPointerCapture(event.pointerId);
      context.beginPath();
      context.moveTo(offsetX, offsetY);
    } else {
      context.lineTo(offsetX, offsetY);
      context.stroke();
      setSigned(true);
    }
  };
  const keep = async () => {
    // What would end the name that the file gets from it is no part of a person's.
    const who = present.replace(/[\\/()（）]/g, " ").trim();
    if (signer === "present" && who === "") return setNameless(true);
    const picture = canvas.current && (await toBlob(canvas.current, "image/png"));
    if (picture) onSigned(picture, signer === "present" ? who : undefined);
  };
  return (
    <Sheet title={t("signTitle")} open onClose={onClose}>
      <p className="field-quiet">{t("signHint")}</p>
      <Choices
        legend={t("signer")}
        value={signer}
        onChange={(value) => setSigner(value === "present" ? "present" : "officer")}
        options={[
          { value: "officer", label: t("signerOfficer") },
          { value: "present", label: t("signerPresent") },
        ]}
      />
      {signer === "present" && (
        <LineField
          label={t("presentName")}
          placeholder={t("presentHint")}
          value={present}
          onChange={(name) => {
            setPresent(name);
            setNameless(false);
          }}
          fault={isNameless ? t("fault_present") : undefined}
        />
      )}
      <canvas
        ref={canvas}
        className="field-signature"
        aria-label={t("signTitle")}
        onPointerDown={(event) => draw(event, true)}
        onPointerMove={(event) => draw(event, false)}
      />
      <div className="field-beside">
        <BigButton look="plain" onPress={clear}>
          {t("clear")}
        </BigButton>
        <BigButton onPress={keep} disabled={!signed}>
          {t("keepSignature")}
        </BigButton>
      </div>
    </Sheet>
  );
}

function prepare(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const scale = window.devicePixelRatio || 1;
  const { width } = canvas.getBoundingClientRect();
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(HEIGHT * scale);
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.scale(scale, scale);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, HEIGHT);
  context.strokeStyle = "#000";
  context.lineWidth = PEN;
  context.lineCap = "round";
  context.lineJoin = "round";
  return context;
}
