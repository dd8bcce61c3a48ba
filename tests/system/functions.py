"""daybreak-function as the tests run it, batches for it, and what Amazon puts around it: the Lambda Runtime API and S3,
both written from AWS's documentation and nothing of ours."""
import contextlib
import fcntl
import gzip
import hashlib
import hmac
import http.client
import http.server
import io
import json
import os
import pathlib
import queue
import signal
import subprocess
import tarfile
import tempfile
import threading
import time
import urllib.parse
import uuid

from programs import BUILD, ROOT, program, run

REGION = "eu-central-1"
STOP_SECONDS = 30
CLOUD_TESTS = ROOT / "tests/cloud"


def npm_packages():
    """What tests/cloud/package-lock.json names, installed once; a test that comes meanwhile waits."""
    lock, installed = CLOUD_TESTS / "package-lock.json", CLOUD_TESTS / "node_modules/.package-lock.json"
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"],
                           cwd=CLOUD_TESTS, check=True)


def package(folder):
    """The function as it is deployed; gives the folder with bootstrap in it."""
    subprocess.run([ROOT / "packaging/cloud/package", folder, BUILD], check=True, stdout=subprocess.DEVNULL)
    return folder / "function"


class Image:
    """One architecture of an OCI image layout, read as the specification says; every digest and size is held."""

    def __init__(self, layout, tag, architecture="amd64"):
        self.layout = layout
        assert json.loads((layout / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
        (named,) = [each for each in json.loads((layout / "index.json").read_text())["manifests"]
                    if each["annotations"]["org.opencontainers.image.ref.name"] == tag]
        (chosen,) = [each for each in json.loads(self.blob(named))["manifests"]
                     if each["platform"] == {"architecture": architecture, "os": "linux"}]
        manifest = json.loads(self.blob(chosen))
        self.settings = json.loads(self.blob(manifest["config"]))
        assert self.settings["architecture"] == architecture
        self.layers = [gzip.decompress(self.blob(each)) for each in manifest["layers"]]
        assert self.settings["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(each).hexdigest()}" for each in self.layers]

    def blob(self, descriptor):
        content = (self.layout / "blobs" / descriptor["digest"].replace(":", "/")).read_bytes()
        assert len(content) == descriptor["size"]
        assert hashlib.sha256(content).hexdigest() == descriptor["digest"].removeprefix("sha256:")
        return content

    def unpack(self, folder):
        """As an engine does: layer over layer. Gives the entry point and the environment."""
        for layer in self.layers:
            with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
                for entry in tar:
                    assert entry.uid == entry.gid == 0 and not entry.mode & 0o7022 and (entry.isfile() or entry.isdir())
                    tar.extract(entry, folder)
        config = self.settings["config"]
        assert config["User"] == "65534:65534"
        return config["Entrypoint"], dict(each.split("=", 1) for each in config["Env"])


def make_key(folder, name="key"):
    run("daybreak-function", "key", "--out", folder / f"{name}.pem")
    return folder / f"{name}.pem"


class Batch:
    """A sealed question of made-up cuts."""

    def __init__(self, key, *options):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=key.parent))
        made = run("sealed-batch", "make", key.with_suffix(".public.pem"), self.folder, *options)
        facts = json.loads(made.stdout)
        self.id, self.digest = facts["batch"], facts["digest"]
        self.body = (self.folder / "question").read_bytes()

    def headers(self, **replaced):
        headers = {"Content-Type": "application/octet-stream", "Idempotency-Key": self.id, "X-Daybreak-Digest": self.digest}
        for name, value in replaced.items():
            headers[name.replace("_", "-")] = value
        return {name: value for name, value in headers.items() if value is not None}

    def opened(self, answer):
        (self.folder / "answer").write_bytes(answer)
        return json.loads(run("sealed-batch", "open", self.folder, self.folder / "answer").stdout)


class Function:
    """The program with an environment of nothing but what is given. PORT=0 unless another contract is asked for."""

    def __init__(self, key=None, program_path=None, *wrapper, **environment):
        self.environment = {"DAYBREAK_REGION": REGION, "PORT": "0"}
        if key:
            self.environment["DAYBREAK_KEY_FILE"] = str(key)
        self.environment.update({name: str(value) for name, value in environment.items() if value is not None})
        for name in [name for name, value in environment.items() if value is None]:
            self.environment.pop(name, None)
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([*wrapper, program_path or program("daybreak-function")], stderr=self.log,
                                        stdout=self.log, env=self.environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def lines(self):
        size = os.fstat(self.log.fileno()).st_size
        return [json.loads(line) for line in os.pread(self.log.fileno(), size, 0).decode().splitlines()]

    def line(self, event, seconds=20):
        """The first line of that event, as soon as it is there."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            # A line that is being written is not JSON yet.
            with contextlib.suppress(ValueError):
                for line in self.lines():
                    if line["event"] == event:
                        return line
            if self.process.poll() is not None and not any(line["event"] == event for line in self.lines()):
                raise AssertionError(f"it ended with {self.process.returncode}: {self.lines()}")
            time.sleep(0.002)
        raise AssertionError(f"no {event} in {self.lines()}")

    @property
    def port(self):
        return self.line("listening")["port"]

    def call(self, method, path, body=None, headers=None, chunked=False):
        """(status, headers, body); JSON bodies parsed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        pieces = (body[at:at + 10000] for at in range(0, len(body), 10000)) if chunked else body
        connection.request(method, path, pieces, headers or {}, encode_chunked=chunked)
        with contextlib.closing(connection):
            answer = connection.getresponse()
            content = answer.read()
            if answer.getheader("Content-Type") == "application/json":
                content = json.loads(content)
            return answer.status, answer.headers, content

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def ended(self):
        """(status, lines) of a process that ends by itself."""
        return self.process.wait(STOP_SECONDS), self.lines()

    def peak_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, headers=None, body=b""):
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, *_):
        """A function that is killed breaks its connection: no news."""

    @property
    def address(self):
        return f"127.0.0.1:{self.server_port}"

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class RuntimeHandler(Handler):
    def do_GET(self):
        assert self.path == "/2018-06-01/runtime/invocation/next", self.path
        try:
            event = self.server.events.get(timeout=20)
        except queue.Empty:
            return
        if event is None:
            self.close_connection = True
            return
        request = str(uuid.uuid4())
        self.reply(200, {"Lambda-Runtime-Aws-Request-Id": request, "Content-Type": "application/json",
                         "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 20000),
                         "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:1:function:daybreak"}, event)

    def do_POST(self):
        body = self.body()
        kind = self.path.removeprefix("/2018-06-01/runtime/")
        what = "init" if kind == "init/error" else kind.split("/")[-1]
        status = self.server.refuse.pop(what, 202)
        self.server.answers.put((what, json.loads(body), status, dict(self.headers)))
        self.reply(status, body=b"{}")


class Runtime(Server):
    """Lambda's Runtime API. invoke(event) gives (what, answer): what is "response", "error" or "init"."""

    def __init__(self):
        super().__init__(RuntimeHandler)
        self.events, self.answers, self.refuse = queue.Queue(), queue.Queue(), {}

    def send(self, event):
        self.events.put(event if isinstance(event, bytes) else json.dumps(event).encode())

    def invoke(self, event):
        self.send(event)
        return self.answer()

    def answer(self):
        return self.answers.get(timeout=60)[:2]


def sigv4(method, path, headers, body_digest, secret, date, region, service):
    """The signature of a request without a query, as AWS's "Signature Version 4" describes it. headers: those signed."""
    names = sorted(name.lower() for name in headers)
    values = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    canonical = "\n".join([method, urllib.parse.quote(path), "", *(f"{name}:{values[name]}" for name in names), "",
                           ";".join(names), body_digest])
    scope = f"{date[:8]}/{region}/{service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + secret.encode()
    for part in (date[:8], region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


class StorageHandler(Handler):
    def is_signed(self, body):
        """Every header S3 wants signed is, and the signature is right."""
        authorization = self.headers["Authorization"]
        scheme, _, fields = authorization.partition(" ")
        fields = dict(field.strip().split("=", 1) for field in fields.split(","))
        names = fields["SignedHeaders"].split(";")
        key, date, region, service, _ = fields["Credential"].split("/")
        needed = {"host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"}
        needed |= {name.lower() for name in self.headers if name.lower().startswith("x-amz-")}
        digest = hashlib.sha256(body).hexdigest()
        expected = sigv4(self.command, self.path, {name: self.headers[name] for name in names}, digest,
                         self.server.secret, self.headers["x-amz-date"], REGION, "s3")
        return (scheme == "AWS4-HMAC-SHA256" and key == "AKIDEXAMPLE" and (region, service) == (REGION, "s3")
                and date == self.headers["x-amz-date"][:8] and needed <= set(names)
                and self.headers["x-amz-content-sha256"] == digest and hmac.compare_digest(fields["Signature"], expected))

    def answer(self):
        body = self.body()
        self.server.asked.append(f"{self.command} {self.path}")
        if self.server.fail:
            return self.reply(self.server.fail.pop(0))
        if not self.is_signed(body):
            return self.reply(403, body=b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        key = self.path.removeprefix("/bucket/")
        if self.command == "PUT":
            self.server.objects[key] = body
            self.server.metadata[key] = {name.lower(): value for name, value in self.headers.items()}
            return self.reply(200)
        if key not in self.server.objects:
            return self.reply(404)
        return self.reply(200, body=self.server.objects[key])

    do_GET = do_PUT = answer


class Storage(Server):
    """S3, asked by path, that believes no signature it has not made itself. fail: statuses for the next requests."""

    def __init__(self):
        super().__init__(StorageHandler)
        self.objects, self.metadata, self.asked, self.fail = {}, {}, [], []
        self.secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

    def environment(self):
        return {"AWS_ENDPOINT_URL_S3": f"http://{self.address}", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                "AWS_SECRET_ACCESS_KEY": self.secret, "AWS_SESSION_TOKEN": "token/with+signs=="}
