/** A file by tus: what has arrived is kept, and after a break it goes on from there. */

import { DetailedError, Upload } from "tus-js-client";
import type { FileEntry } from "./entries";
import { haltOf, problemOf, type Uploaded } from "./send";

const CHUNK_BYTES = 2 * 1024 * 1024;

export interface UploadRequest {
  file: FileEntry;
  blob: Blob;
  authorization: string;
  language: string;
  progress: (sentBytes: number, url: string | null) => void;
}

export function uploadFile({
  file,
  blob,
  authorization,
  language,
  progress,
}: UploadRequest): Promise<Uploaded> {
  return new Promise((resolve) => {
    let attachmentId: string | undefined;
    const upload = new Upload(blob, {
      endpoint: `/dispatch/v1/cases/${file.caseId}/uploads`,
      uploadUrl: file.uploadUrl,
      chunkSize: CHUNK_BYTES,
      retryDelays: null,
      storeFingerprintForResuming: false,
      headers: { authorization, "accept-language": language },
      metadata: metadataOf(file),
      onUploadUrlAvailable: () => progress(file.sentBytes, upload.url),
      onChunkComplete: (_, accepted) => progress(accepted, upload.url),
      onAfterResponse: (_, response) => {
        attachmentId = response.getHeader("Attachment-Id") ?? attachmentId;
      },
      onSuccess: () => resolve(attachmentId ? { attachmentId } : { halt: "service_away" }),
      onError: (error) => void whyNot(error).then(resolve),
    });
    upload.start();
  });
}

function metadataOf(file: FileEntry): Record<string, string> {
  const metadata = { filename: file.name, filetype: file.mediaType, taken_at: file.time };
  return file.reason ? { ...metadata, reason: file.reason } : metadata;
}

async function whyNot(error: Error | DetailedError): Promise<Uploaded> {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  if (!response || response.getStatus() === 0) return { halt: "no_network" };
  const halt = haltOf(response.getStatus());
  if (halt) return { halt };
  return { problem: await problemOf(new Response(response.getBody(), { status: response.getStatus() })) };
}
