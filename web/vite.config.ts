import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const APPS = ["console", "field", "enterprise", "sign-in"];
/** What the services answer: never a page of ours, whatever the path. */
const SERVICES = ["/ingest", "/dispatch", "/watch", "/console"];

/** The files that the field app can load: what is kept on the device, and nothing of the other apps. */
const ofTheField = new Set<string>();
const collectTheField: Plugin = {
  name: "files of the field app",
  apply: "build",
  generateBundle(_, bundle) {
    const visit = (file: string) => {
      const chunk = bundle[file];
      if (ofTheField.has(file) || chunk?.type !== "chunk") return;
      ofTheField.add(file);
      for (const style of chunk.viteMetadata?.importedCss ?? []) ofTheField.add(style);
      for (const asset of chunk.viteMetadata?.importedAssets ?? []) ofTheField.add(asset);
      for (const next of [...chunk.imports, ...chunk.dynamicImports]) visit(next);
    };
    for (const chunk of Object.values(bundle))
      if (chunk.type === "chunk" && chunk.facadeModuleId?.endsWith("/field/index.html"))
        visit(chunk.fileName);
  },
};

export default defineConfig({
  root: here("."),
  appType: "mpa",
  logLevel: "warn",
  resolve: { alias: { "@shared": here("./shared") } },
  plugins: [
    react(),
    collectTheField,
    VitePWA({
      registerType: "prompt",
      injectRegister: null,
      manifest: false, // public/field.webmanifest: the plugin would put its link into every app
      filename: "field-sw.js",
      scope: "/field",
      workbox: {
        globPatterns: ["assets/**", "field/index.html", "field.webmanifest", "field-*.png", "field.svg"],
        manifestTransforms: [
          (entries) => ({
            manifest: entries.filter(
              ({ url }) => !url.startsWith("/assets/") || ofTheField.has(url.slice(1)),
            ),
            warnings: [],
          }),
        ],
        navigateFallback: "/field/index.html",
        navigateFallbackAllowlist: [/^\/field(\/|$)/],
        navigateFallbackDenylist: SERVICES.map((path) => new RegExp(`^${path}(/|$)`)),
        dontCacheBustURLsMatching: /^\/assets\//,
        modifyURLPrefix: { "": "/" },
        cleanupOutdatedCaches: true,
        sourcemap: false,
      },
    }),
  ],
  build: {
    outDir: here("../services/console/apps"),
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    modulePreload: { polyfill: false }, // it would be an inline script
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1500,
    assetsInlineLimit: 0, // no data: addresses; the policy of the pages allows none for scripts and styles
    rolldownOptions: { input: APPS.map((app) => here(`./${app}/index.html`)) },
  },
  test: { include: ["**/*.test.{ts,tsx}"], environment: "node" },
});
