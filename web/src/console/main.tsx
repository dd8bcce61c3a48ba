/* The console: the administrator's page. It shares api/, kit/ and text/ with the lab screen and nothing else. */
import { render } from "preact";
import "../kit/tokens.css";
import "../kit/kit.css";
import "../kit/shell.css";
import "./console.css";
import { findSession } from "../kit/session";
import { consoleEn } from "../text/console_en";
import { consoleFr } from "../text/console_fr";
import { addTexts } from "../text/text";
import { App } from "./app";

addTexts({ en: consoleEn, fr: consoleFr });
void findSession();
const root = document.getElementById("app");
if (root) render(<App />, root);
