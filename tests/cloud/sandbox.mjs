// Runs a function in Architect's sandbox, which plays API Gateway and the Lambda Runtime API:
//   node sandbox.mjs PACKAGE FOLDER PORT [NAME=VALUE ...]
// PACKAGE is what packaging/cloud/package makes, FOLDER an empty one for the sandbox's project. The HTTP API is at PORT.
// An event that is POSTed to PORT + 1 invokes the function by itself; the reply is
// {"answer"} or {"error": {"name", "message"}}. Prints "ready" once both answer.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const [code, folder, port, ...settings] = process.argv.slice(2);

const app = `@app
daybreak

@aws
runtime binary
timeout 20

@http
any /*

@events
straight

@plugins
custom
`;

// A compiled runtime: the sandbox starts build/<function>/bootstrap as Lambda starts a custom runtime's.
const plugin = `module.exports = {
	set: { runtimes: () => ({ name: "binary", type: "compiled", baseRuntime: "provided.al2023" }) },
	sandbox: { start: ({ invoke }) => { globalThis.invokeFunction = invoke; } },
};
`;

function makeProject() {
	mkdirSync(join(folder, "src/plugins"), { recursive: true });
	writeFileSync(join(folder, "app.arc"), app);
	writeFileSync(join(folder, "src/plugins/custom.js"), plugin);
	const environment = settings.map((setting) => `  ${setting.replace("=", " ")}`).join("\n");
	writeFileSync(join(folder, "preferences.arc"), `@env\ntesting\n${environment}\n`);
	for (const [kind, name] of [["http", "any-catchall"], ["events", "straight"]]) {
		mkdirSync(join(folder, "src", kind, name), { recursive: true });
		mkdirSync(join(folder, "build", kind), { recursive: true });
		symlinkSync(resolve(code), join(folder, "build", kind, name));
	}
}

async function invoke(payload) {
	try {
		return { answer: await globalThis.invokeFunction({ pragma: "events", name: "straight", payload }) };
	} catch (error) {
		return { error: { name: error.name, message: error.message } };
	}
}

async function onRequest(request, reply) {
	const chunks = [];
	for await (const chunk of request) {
		chunks.push(chunk);
	}
	reply.end(JSON.stringify(await invoke(JSON.parse(Buffer.concat(chunks)))));
}

makeProject();
const sandbox = createRequire(import.meta.url)("@architect/sandbox");
await sandbox.start({ cwd: folder, port, quiet: true, runtimeCheck: false, symlink: false });
createServer(onRequest).listen(Number(port) + 1, "127.0.0.1", () => console.log("ready"));
