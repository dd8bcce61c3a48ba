"""A real daybreakd on a throw-away store, and a client that holds every reply to serve/api.yaml."""
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("DAYBREAK_BUILD", ROOT / "build" / "dev")) / "bin"
# Sanitizers keep freed memory to themselves, so that it tells nothing.
SANITIZED = any(name in (BIN / "daybreakd").read_bytes() for name in (b"__asan_init", b"__tsan_init"))
SECRET = "a-secret-for-tests-only"
ADMIN, PASSWORD = "admin", "correct horse battery"


def run(*arguments, **options):
    return subprocess.run([str(a) for a in arguments], check=True, capture_output=True, text=True, **options)


class Daemon:
    """Starts in a folder of its own; stop() ends it and wants exit status 0."""

    def __init__(self, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="daybreak-api-"))
        self.store = self.folder / "store"
        (self.folder / "password").write_text(PASSWORD)
        run(BIN / "daybreak", "init", "--store", self.store, "--user", ADMIN, "--password-file", self.folder / "password")
        self.settings = {"store": self.store, "listen_port": 0, "proxy_secret": SECRET, "threads": 8, "lanes": 1,
                         "update_status": self.folder / "update-status.json", **settings}
        self.config = self.folder / "daybreakd.conf"
        self.config.write_text("".join(f"{name} = {value}\n" for name, value in self.settings.items()))
        self.process = self.log = None
        self.start()

    def start(self):
        if self.log:
            self.log.close()
        self.log = open(self.folder / "log", "a")
        self.process = subprocess.Popen([BIN / "daybreakd", "--config", self.config], stdout=subprocess.PIPE,
                                        stderr=self.log, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"ready at http://127\.0\.0\.1:(\d+)", line)
        if not found:
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"daybreakd did not start: {line!r} {self.log_text()}")
        self.port = int(found[1])

    def stop(self):
        """Exit status and seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=40)
        self.process.stdout.close()
        self.log.close()
        return status, time.monotonic() - begun

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def remove(self):
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder)

    def log_text(self):
        return (self.folder / "log").read_text()

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def is_words(method, path):
    """What tests/api/test_words.py is about; test_api.py sees that all else answers."""
    return bool(re.match(r"\w+ /api/(signatures|settings|preferences|embryos/\{id\}/(observations|comments|second-reading|history|decisions/))|"
                         r"PUT /api/(patients|cycles)/\{id\}$", f"{method} {path}"))


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json["error"]["code"]


def request(port, method, path, headers=None, body=None):
    """One request as nginx would send it; headers set to None are left out."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        send = {"X-Daybreak-Proxy": SECRET, **(headers or {})}
        connection.request(method, path, body=body, headers={n: v for n, v in send.items() if v is not None})
        reply = connection.getresponse()
        return Reply(reply.status, reply.headers, reply.read())
    finally:
        connection.close()


def as_json_schema(node, root):
    """OpenAPI 3.0 says nullable where JSON Schema says null; references are put in their places."""
    if isinstance(node, list):
        return [as_json_schema(item, root) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = root
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        return as_json_schema(target, root)
    schema = {name: as_json_schema(value, root) for name, value in node.items() if name != "nullable"}
    return {"anyOf": [schema, {"type": "null"}]} if node.get("nullable") else schema


class Contract:
    """serve/api.yaml, and which of its operations have been seen to answer."""

    def __init__(self):
        text = (ROOT / "appliance" / "serve" / "api.yaml").read_text()
        self.document = yaml.safe_load(text)
        self.schemas = as_json_schema(self.document, self.document)
        self.seen = set()

    def operations(self):
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                yield method.upper(), path, operation

    def find(self, method, target):
        path = urllib.parse.urlsplit(target).path
        for name, template, _ in self.operations():
            if name == method and re.fullmatch(re.sub(r"\{\w+\}", r"-?\\d+", template.replace("{label}", "[^/]+")), path):
                return template
        return None

    def check(self, method, target, reply):
        """The reply is one that the file promises for this path; errors have their one shape everywhere."""
        template = self.find(method, target)
        operation = self.schemas["paths"][template][method.lower()] if template else None
        responses = operation["responses"] if operation else {}
        error = self.schemas["components"]["responses"]["Error"]
        promised = responses.get(str(reply.status)) or responses.get("default") or error
        if operation and str(reply.status) in responses:
            self.seen.add((method, template))
        elif reply.status < 400:
            raise AssertionError(f"{method} {target}: status {reply.status} is not in api.yaml")
        content = promised.get("content")
        if not content:
            assert reply.body == b"", f"{method} {target}: a body where none is promised"
            return
        kind = reply.headers.get_content_type()
        assert kind in content, f"{method} {target}: {kind} is not promised"
        schema = content[kind].get("schema")
        if schema and method != "HEAD":
            jsonschema.validate(reply.json, schema)


class Client:
    """A browser that is signed in, or not."""

    def __init__(self, daemon, contract, name=None, password=PASSWORD, address="10.0.0.1"):
        self.daemon, self.contract, self.address, self.cookie = daemon, contract, address, None
        if name:
            reply = self.post("/api/session", {"name": name, "password": password})
            assert reply.status == 200, reply.body
            self.cookie = reply.headers["Set-Cookie"].split(";")[0]

    def ask(self, method, path, body=None, headers=None):
        send = {"X-Real-IP": self.address}
        if self.cookie:
            send["Cookie"] = self.cookie
        if method != "GET":
            send["X-Daybreak"] = "1"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            send["Content-Type"] = "application/json"
        reply = request(self.daemon.port, method, path, {**send, **(headers or {})}, body)
        self.contract.check(method, path, reply)
        return reply

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.ask("POST", path, body, **options)

    def put(self, path, body=None, **options):
        return self.ask("PUT", path, body, **options)


def wait_for(what, condition, seconds=60):
    """The first true value of condition()."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s in vain for {what}")
