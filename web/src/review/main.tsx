/* The review pages: sign-in, morning board, embryo. They grow here page by page; the admin's console is a page of its
 * own and shares only api/, kit/ and text/ with them. */
import { render } from "preact";
import "../kit/tokens.css";
import "../kit/kit.css";
import "../kit/shell.css";
import "./shell.css";
import { findSession } from "../kit/session";
import { labEn } from "../text/lab_en";
import { labFr } from "../text/lab_fr";
import { addTexts } from "../text/text";
import { App } from "./app";

addTexts({ en: labEn, fr: labFr });
void findSession();
const root = document.getElementById("app");
if (root) render(<App />, root);
