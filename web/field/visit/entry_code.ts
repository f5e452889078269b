/** The code at an enterprise's gate: what was scanned, and scanning it where the browser can. */

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

interface DetectorType {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

/** Browsers that read QR codes themselves: Chrome on Android and what is built on it, and newer Safari. */
function detectorType(): DetectorType | undefined {
  return (globalThis as { BarcodeDetector?: DetectorType }).BarcodeDetector;
}

/** The code in what was scanned: of an address its last part. The server takes it the same way. */
export function codeIn(scanned: string): string {
  const text = scanned.normalize("NFKC").trim();
  const path = text.includes("://") ? text.replace(/^.*?:\/\/[^/]*/, "").replace(/[?#].*$/, "") : text;
  return path.replace(/\/+$/, "").split("/").at(-1) ?? "";
}

export async function canScan(): Promise<boolean> {
  if (navigator.mediaDevices === undefined) return false;
  const formats = await detectorType()?.getSupportedFormats();
  return formats?.includes("qr_code") ?? false;
}

/** Shows the camera in `video` until a code is seen, and answers it. Rejects where the camera may not be used. */
export async function scan(video: HTMLVideoElement, signal: AbortSignal): Promise<string | null> {
  const Type = detectorType();
  if (Type === undefined) return null;
  const detector = new Type({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    video.srcObject = stream;
    await video.play();
    while (!signal.aborted) {
      const seen = (await detector.detect(video)).find(({ rawValue }) => codeIn(rawValue) !== "");
      if (seen !== undefined) return codeIn(seen.rawValue);
      await new Promise(requestAnimationFrame);
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}
