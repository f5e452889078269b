import "@shared/look";
import "@shared/language";
import { queryClient } from "@shared/api/queries";
import { keepTime } from "@shared/clock";
import { wearTheme } from "@shared/look";
import { Toasts } from "@shared/parts";
import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";

/** Show an app: in its colours, in step with the services' clock, with what all apps share around it. */
export function start(app: ReactNode): void {
  wearTheme();
  keepTime();
  const root = document.getElementById("app");
  if (root === null) throw new Error("the page has no #app");
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient()}>
        {app}
        <Toasts />
      </QueryClientProvider>
    </StrictMode>,
  );
}
