import "./sign-in.css";
import { start } from "@shared/start";
import { Screen } from "./Screen";

start(<Screen />);
