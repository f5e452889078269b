// Checks the types of each app by itself: each registers its own routes, and may link to no other's.
import { spawnSync } from "node:child_process";

const failed = [".", "console", "field", "enterprise", "sign-in"].filter(
  (app) =>
    spawnSync("node", ["node_modules/typescript/bin/tsc", "-p", app], { stdio: "inherit" }).status !== 0,
);
process.exit(failed.length === 0 ? 0 : 1);
