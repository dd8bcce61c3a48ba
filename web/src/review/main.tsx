/* The review pages: sign-in, morning board, embryo. They grow here page by page; the admin's console is a page of its
 * own and shares only api/, kit/ and text/ with them. */
import { render } from "preact";
import "../kit/tokens.css";
import "../kit/kit.css";
import "../kit/shell.css";
import "./shell.css";
import { findSession } from "../kit/session";
import { loadTexts } from "../text/text";
import { App } from "./app";
import "./preferences";

await loadTexts({ en: () => import("../text/review_en"), fr: () => import("../text/review_fr") });
void findSession();
const root = document.getElementById("app");
if (root) render(<App />, root);
