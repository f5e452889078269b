/** Photographs, reduced on the device by a canvas. The time of taking goes with the file, not in it. */

import { isSmallEnough, QUALITY, reducedSize } from "./photo_size";

/** The photograph to be sent; the file itself where the device cannot read it (HEIC on some), for it is evidence. */
export async function reducePhoto(file: File): Promise<Blob> {
  const picture = await readPicture(file);
  if (!picture) return file;
  try {
    if (isSmallEnough(file.type, file.size, picture)) return file;
    const { width, height } = reducedSize(picture);
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d");
    if (!context) return file;
    context.drawImage(picture, 0, 0, width, height);
    const reduced = await toBlob(canvas, "image/jpeg", QUALITY);
    return reduced && reduced.size < file.size ? reduced : file;
  } finally {
    picture.close();
  }
}

export function toBlob(canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
}

async function readPicture(file: File): Promise<ImageBitmap | null> {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return null;
  }
}
