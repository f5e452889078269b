// An officer's app in TypeScript: the generated client for what is JSON, tus-js-client for a file, behind a proxy that
// lets only POST through. Prints what the service answered.
import * as tus from "tus-js-client";
import { createClient } from "./hey/dispatcher/client";
import { acceptAssignment, listAssignments, listAttachments, readCase } from "./hey/dispatcher";

const client = createClient({ baseUrl: process.env.SERVICE, headers: { Authorization: `Bearer ${process.env.TOKEN}` } });

async function main(): Promise<void> {
  const { data: own } = await listAssignments({ client, throwOnError: true });
  const { assignment_id, case_id } = own.items[0];
  const { data: accepted } = await acceptAssignment({ client, path: { assignment_id }, throwOnError: true });
  const { data: shown } = await readCase({ client, path: { case_id }, throwOnError: true });
  const { response, error } = await readCase({ client, path: { case_id: "01900000-0000-7000-8000-000000000000" } });
  await upload(case_id);
  const { data: files } = await listAttachments({ client, path: { case_id }, throwOnError: true });
  console.log(
    JSON.stringify({
      assignment: accepted.state,
      case: shown.state,
      missing: response?.status,
      problem: error?.type,
      files: files.items.map((file) => ({ name: file.name, size: file.size, media_type: file.media_type })),
      refused: await refusal(case_id),
    }),
  );
}

function upload(case_id: string): Promise<void> {
  const scan = Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(300_000, "scan ")]);
  return new Promise((resolve, reject) => {
    new tus.Upload(scan, {
      ...where(case_id),
      chunkSize: 100_000,
      metadata: { filename: "现场记录.pdf", filetype: "application/x-pdf" },
      onError: reject,
      onSuccess: () => resolve(),
    }).start();
  });
}

function refusal(case_id: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    new tus.Upload(Buffer.alloc(10), {
      ...where(case_id),
      metadata: { filename: "资料.zip", filetype: "application/zip" },
      retryDelays: null,
      onError: (error) => resolve(error instanceof tus.DetailedError ? error.originalResponse?.getStatus() : undefined),
    }).start();
  });
}

function where(case_id: string) {
  return {
    endpoint: `${process.env.SERVICE}/v1/cases/${case_id}/uploads`,
    headers: { Authorization: `Bearer ${process.env.TOKEN}` },
    overridePatchMethod: true,
  };
}

void main();
