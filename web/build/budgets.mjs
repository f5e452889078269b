// What each app may cost before it is of use, in bytes as gzip sends them.
// `first`: what the browser loads before the screen that the app opens on. `whole`: everything that the app can load.
export const BUDGETS = {
  console: { entry: "console/index.html", screen: "console/board/index.tsx", first: 300_000 },
  field: { entry: "field/index.html", screen: "field/today/index.tsx", first: 220_000 },
  enterprise: { entry: "enterprise/index.html", screen: "enterprise/matters/index.tsx", first: 300_000 },
  "sign-in": { entry: "sign-in/index.html", first: 150_000 },
};
