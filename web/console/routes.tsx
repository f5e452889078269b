import { Failure, Loading, NotThere } from "@shared/parts";
import { parseSearch, stringifySearch } from "@shared/search";
import { SignedIn } from "@shared/session/SignedIn";
import { BUREAU } from "@shared/words";
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { search as alertsSearch } from "./alerts/search";
import { search as boardSearch } from "./board/search";
import { search as calendarSearch } from "./calendar/search";
import { search as casesSearch } from "./cases/search";
import { search as deadLettersSearch } from "./dead-letters/search";
import { search as figuresSearch } from "./figures/search";
import { Live } from "./live/Live";
import { search as mapSearch } from "./map/search";
import { search as rulesSearch } from "./rules/search";
import { Shell } from "./shell/Shell";
import { search as stationSearch } from "./station/search";
import { search as systemSearch } from "./system/search";
import { search as workSearch } from "./work/search";

const root = createRootRoute({
  component: () => (
    <SignedIn roles={BUREAU}>
      <Live>
        <Outlet />
      </Live>
    </SignedIn>
  ),
});
/** Screens with the header and the navigation around them; the wall has neither. */
const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });
const inShell = () => shell;

const tree = root.addChildren([
  shell.addChildren([
    createRoute({
      getParentRoute: inShell,
      path: "/",
      beforeLoad: () => {
        throw redirect({ to: "/board" });
      },
    }),
    createRoute({
      getParentRoute: inShell,
      path: "/board",
      validateSearch: boardSearch,
      component: lazyRouteComponent(() => import("./board"), "Screen"),
    }),
    createRoute({
      getParentRoute: inShell,
      path: "/cases",
      validateSearch: casesSearch,
      component: lazyRouteComponent(() => import("./cases"), "Screen"),
    }),
    createRoute({
      getParentRoute: inShell,
      path: "/cases/$caseId",
      component: lazyRouteComponent(() => import("./case"), "Screen"),
    }),
    createRoute({
      getParentRoute: inShell,
      path: "/alerts",
      validateSearch: alertsSearch,
      component: lazyRouteComponent(() => import("./alerts"), "Screen"),
    }),
    createRoute({
      getParentRoute: inShell,
      path: "/alerts/$alertId",
      component: lazyRouteComponent(() => import("./alert"), "Screen"),
    }),
    createRoute({
      getParentRoute: inShell,
      path: "/work",
      validateSearch: workSearch,
      component: lazyRouteComponent(() => import("./work"), "Screen"),
    }),
    createRoute({
      getParentRoute: inShell,
      path: "/map",
      validateSearch: mapSearch,
      component: lazyRouteComponent(() => import("./map"), "Screen"),
    }),
    createRoute({
      getParentRoute: inShell,
      path: "/station",
      validateSearch: stationSearch,
      component: lazyRouteComponent(() => import("./station"), "Screen"),
    }),
    createRoute({
      getParentRoute: inShell,
      path: "/rules",
      validateSearch: rulesSearch,
      component: lazyRouteComponent(() => import("./rules"), "Screen"),
    }),
    createRoute({
      getParentRoute: inShell,
      path: "/calendar",
      validateSearch: calendarSearch,
      component: lazyRouteComponent(() => import("./calendar"), "Screen"),
    }),
    createRoute({
      getParentRoute: inShell,
      path: "/figures",
      validateSearch: figuresSearch,
      component: lazyRouteComponent(() => import("./figures"), "Screen"),
    }),
    createRoute({
      getParentRoute: inShell,
      path: "/dead-letters",
      validateSearch: deadLettersSearch,
      component: lazyRouteComponent(() => import("./dead-letters"), "Screen"),
    }),
    createRoute({
      getParentRoute: inShell,
      path: "/system",
      validateSearch: systemSearch,
      component: lazyRouteComponent(() => import("./system"), "Screen"),
    }),
  ]),
  createRoute({
    getParentRoute: () => root,
    path: "/wall",
    validateSearch: boardSearch,
    component: lazyRouteComponent(() => import("./wall"), "Screen"),
  }),
]);

export const router = createRouter({
  routeTree: tree,
  parseSearch,
  stringifySearch,
  // What a screen's `search` does not take is not there: a screen sees nothing that was not looked at.
  search: { strict: true },
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultPendingComponent: () => <Loading lines={6} />,
  defaultErrorComponent: Failure,
  defaultNotFoundComponent: () => <NotThere />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
