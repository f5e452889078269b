import "@shared/api/clients";
import "./shell/shell.css";
import { AntLook } from "@shared/look/antd";
import { start } from "@shared/start";
import { RouterProvider } from "@tanstack/react-router";
import { router } from "./routes";

start(
  <AntLook>
    <RouterProvider router={router} />
  </AntLook>,
);
