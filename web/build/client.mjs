// Generates the API client, one folder a service, from the OpenAPI documents in openapi/.
import { readdir, readFile } from "node:fs/promises";
import { createClient } from "@hey-api/openapi-ts";

const documents = (await readdir("openapi")).filter((name) => name.endsWith(".json")).sort();
for (const name of documents) {
  await createClient({
    input: JSON.parse(await readFile(`openapi/${name}`, "utf8")), // a path with one slash is taken for a project of theirs
    output: { path: `shared/api/generated/${name.replace(/\.json$/, "")}`, clean: true },
    plugins: ["@hey-api/typescript", "@hey-api/client-fetch", "@hey-api/sdk"],
    logs: { level: "silent" },
  });
}
console.log(`client of ${documents.map((name) => name.replace(/\.json$/, "")).join(", ")}`);
