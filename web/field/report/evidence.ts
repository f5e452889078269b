/** Taking photographs, videos, recordings and signatures into the device's store. */

import type { FieldDatabase } from "../device/database";
import type { FileKind } from "../queue/entries";
import type { DraftFile } from "./draft";
import { reducePhoto } from "./photos";

/** What the server takes of one file at most. */
export const MOST_BYTES = 500 * 1024 * 1024;

export interface Taken {
  blob: Blob;
  fileKind: FileKind;
  name: string;
  takenAt: string;
}

export class TooLarge extends Error {}

/** Store a file; its entry goes into a draft, or into the queue. Throws TooLarge. */
export async function keepFile(
  database: FieldDatabase,
  { blob, fileKind, name, takenAt }: Taken,
): Promise<DraftFile> {
  if (blob.size > MOST_BYTES) throw new TooLarge(name);
  const key = crypto.randomUUID();
  await database.files.put({ key, blob });
  // Without this the browser may clear it all when the device runs full.
  void navigator.storage?.persist?.();
  return { key, fileKind, name, mediaType: blob.type, size: blob.size, takenAt };
}

/** A photograph or video as the camera or the gallery gives it: photographs are reduced, videos are not. */
export async function takeFile(database: FieldDatabase, file: File, takenAt: string): Promise<DraftFile> {
  const video = file.type.startsWith("video/");
  const blob = video ? file : await reducePhoto(file);
  const name = blob === file ? file.name : `${file.name.replace(/\.[^.]*$/, "")}.jpg`;
  return await keepFile(database, { blob, fileKind: video ? "video" : "photo", name, takenAt });
}

export async function dropFile(database: FieldDatabase, key: string): Promise<void> {
  await database.files.delete(key);
}

export function sizeText(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
