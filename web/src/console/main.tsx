/* The sync console: the administrator's pages. */
import { render } from "preact";
import "../kit/tokens.css";
import "../kit/kit.css";
import "../kit/shell.css";
import { findSession } from "../kit/session";
import { SignInPage } from "../kit/signin";
import { consoleEn } from "../text/console_en";
import { consoleFr } from "../text/console_fr";
import { addTexts, c } from "../text/text";

addTexts({ en: consoleEn, fr: consoleFr });
void findSession();
const root = document.getElementById("app");
if (root) render(<SignInPage lead={c("console.title")} />, root);
