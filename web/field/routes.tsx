import { Failure, Loading, NotThere } from "@shared/parts";
import { parseSearch, stringifySearch } from "@shared/search";
import { SignedIn } from "@shared/session/SignedIn";
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Shell } from "./shell/Shell";

const root = createRootRoute({
  component: () => (
    <SignedIn roles={["officer"]}>
      <Shell />
    </SignedIn>
  ),
});
const under = () => root;

const tree = root.addChildren([
  createRoute({
    getParentRoute: under,
    path: "/",
    component: lazyRouteComponent(() => import("./today"), "Screen"),
  }),
  createRoute({
    getParentRoute: under,
    path: "/assignments/$assignmentId",
    component: lazyRouteComponent(() => import("./visit"), "Screen"),
  }),
  createRoute({
    getParentRoute: under,
    path: "/assignments/$assignmentId/report",
    component: lazyRouteComponent(() => import("./report"), "Screen"),
  }),
  createRoute({
    getParentRoute: under,
    path: "/queue",
    component: lazyRouteComponent(() => import("./queue"), "Screen"),
  }),
  createRoute({
    getParentRoute: under,
    path: "/me",
    component: lazyRouteComponent(() => import("./me"), "Screen"),
  }),
]);

export const router = createRouter({
  routeTree: tree,
  basepath: "/field",
  parseSearch,
  stringifySearch,
  scrollRestoration: true,
  defaultPendingComponent: () => <Loading lines={6} />,
  defaultErrorComponent: Failure,
  defaultNotFoundComponent: () => <NotThere home="/field" />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
