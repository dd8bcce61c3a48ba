/* The console: the administrator's page. It shares api/, kit/ and text/ with the lab screen and nothing else. */
import { render } from "preact";
import "../kit/tokens.css";
import "../kit/kit.css";
import "../kit/shell.css";
import "./console.css";
import { findSession } from "../kit/session";
import { loadTexts } from "../text/text";
import { App } from "./app";

await loadTexts({ en: () => import("../text/console_page_en"), fr: () => import("../text/console_page_fr") });
void findSession();
const root = document.getElementById("app");
if (root) render(<App />, root);
