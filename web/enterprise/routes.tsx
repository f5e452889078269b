import { Failure, Loading, NotThere } from "@shared/parts";
import { parseSearch, stringifySearch } from "@shared/search";
import { SignedIn } from "@shared/session/SignedIn";
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Shell } from "./shell/Shell";

const root = createRootRoute({
  component: () => (
    <SignedIn roles={["enterprise"]}>
      <Shell />
    </SignedIn>
  ),
});
const under = () => root;

const tree = root.addChildren([
  createRoute({
    getParentRoute: under,
    path: "/",
    component: lazyRouteComponent(() => import("./matters"), "Screen"),
  }),
  createRoute({
    getParentRoute: under,
    path: "/matters/$caseId",
    component: lazyRouteComponent(() => import("./matter"), "Screen"),
  }),
  createRoute({
    getParentRoute: under,
    path: "/notices",
    component: lazyRouteComponent(() => import("./notices"), "Screen"),
  }),
  createRoute({
    getParentRoute: under,
    path: "/shutdowns",
    component: lazyRouteComponent(() => import("./shutdowns"), "Screen"),
  }),
]);

export const router = createRouter({
  routeTree: tree,
  basepath: "/enterprise",
  parseSearch,
  stringifySearch,
  scrollRestoration: true,
  defaultPendingComponent: () => <Loading lines={6} />,
  defaultErrorComponent: Failure,
  defaultNotFoundComponent: () => <NotThere home="/enterprise" />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
