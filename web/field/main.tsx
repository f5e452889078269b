import "@shared/api/clients";
import "./shell/shell.css";
import { start } from "@shared/start";
import { RouterProvider } from "@tanstack/react-router";
import { router } from "./routes";

start(<RouterProvider router={router} />);
