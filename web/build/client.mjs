// Generates the API client, one folder a service, from the OpenAPI documents in openapi/; and the roles of each operation.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createClient } from "@hey-api/openapi-ts";

const documents = (await readdir("openapi"))
  .filter((name) => name.endsWith(".json") && name !== "scope.json")
  .sort();
for (const name of documents) {
  await createClient({
    input: JSON.parse(await readFile(`openapi/${name}`, "utf8")), // a path with one slash is taken for a project of theirs
    output: { path: `shared/api/generated/${name.replace(/\.json$/, "")}`, clean: true },
    plugins: ["@hey-api/typescript", "@hey-api/client-fetch", "@hey-api/sdk"],
    logs: { level: "silent" },
  });
}
const scope = JSON.parse(await readFile("openapi/scope.json", "utf8"));
const lines = Object.entries(scope).map(
  ([operation, roles]) => `export const ${operation}: readonly Role[] = ${JSON.stringify(roles)};`,
);
await mkdir("shared/api/generated", { recursive: true });
await writeFile(
  "shared/api/generated/scope.ts",
  `// Who may call an operation, by shared/contract/scope.yaml.\nimport type { Role } from "../../words";\n\n${lines.join("\n")}\n`,
);
console.log(`client of ${documents.map((name) => name.replace(/\.json$/, "")).join(", ")}`);
