/* The review pages: sign-in, morning board, embryo. They grow here page by page; the admin's console is a page of its
 * own and shares only api/, kit/ and text/ with them. */
import { render } from "preact";
import "../kit/tokens.css";
import "../kit/kit.css";
import "./shell.css";
import { App } from "./app";
import { findSession } from "./session";

void findSession();
const root = document.getElementById("app");
if (root) render(<App />, root);
