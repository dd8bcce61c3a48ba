#!/usr/bin/env python3
"""The package that is deployed to Lambda, run by an independent implementation of the Runtime API and of API Gateway's
HTTP API: Architect's sandbox. It starts bootstrap anew for every event."""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import unittest

from functions import CLOUD_TESTS, REGION, Batch, Storage, make_key, npm_packages, package
from programs import free_port

START_SECONDS = 60


def free_ports():
    """Two ports in a row."""
    while True:
        port = free_port()
        with contextlib.suppress(OSError), contextlib.closing(http.client.HTTPConnection("127.0.0.1", port + 1)) as probe:
            probe.connect()
            continue
        return port


class Sandbox:
    def __init__(self, code, folder, **settings):
        self.port, self.ready = free_ports(), threading.Event()
        # Keys that are none, or it looks for some of this machine's.
        environment = {**os.environ, "ARC_ENV": "testing", "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "none",
                       "AWS_SECRET_ACCESS_KEY": "none", "ARC_INTERNAL_PORT": str(free_port()),
                       "ARC_EVENTS_PORT": str(free_port()), "CI": "1"}
        for name in ("PORT", "ARC_HTTP_PORT", "AWS_SESSION_TOKEN"):
            environment.pop(name, None)
        self.output = []
        self.process = subprocess.Popen(
            ["node", CLOUD_TESTS / "sandbox.mjs", code, folder, str(self.port), *(f"{n}={v}" for n, v in settings.items())],
            env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.output.append(line)
            if line.strip().endswith("ready"):
                self.ready.set()

    def __enter__(self):
        if not self.ready.wait(START_SECONDS):
            self.__exit__()
            raise AssertionError("".join(self.output))
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def ask(self, port, method, path, body=None, headers=None):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def call(self, *arguments):
        return self.ask(self.port, *arguments)

    def invoke(self, event):
        return json.loads(self.ask(self.port + 1, "POST", "/", json.dumps(event))[2])


class SandboxTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        npm_packages()
        cls.owner = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.owner.name)
        cls.code = package(cls.folder / "package")
        cls.key = make_key(cls.folder)
        cls.batch = Batch(cls.key, "--cuts", 64)

    @classmethod
    def tearDownClass(cls):
        cls.owner.cleanup()

    def sandbox(self, **settings):
        return Sandbox(self.code, tempfile.mkdtemp(dir=self.folder), DAYBREAK_KEY_FILE=self.key, **settings)

    def test_every_way_in(self):
        batch = self.batch
        with Storage() as storage, self.sandbox(**storage.environment()) as sandbox:
            # API Gateway, HTTP API.
            status, headers, body = sandbox.call("GET", "/v1/version")
            self.assertEqual((status, json.loads(body)["contract"]), (200, "lambda"))
            status, headers, body = sandbox.call("POST", "/v1/read", batch.body, batch.headers())
            self.assertEqual(status, 200, body)
            self.assertTrue(batch.opened(body)["identical"])
            self.assertEqual((headers["X-Daybreak-Batch"], headers["X-Daybreak-Cold"]), (batch.id, "1"))
            status, _, body = sandbox.call("POST", "/v1/read", batch.body[1:], batch.headers())
            self.assertEqual((status, json.loads(body)["error"]["code"]), (422, "damaged"))
            self.assertEqual(sandbox.call("GET", "/elsewhere")[0], 404)
            # Direct.
            event = {"daybreak": "read", "batch": batch.id, "digest": batch.digest,
                     "body": base64.b64encode(batch.body).decode()}
            answer = sandbox.invoke(event)["answer"]
            self.assertTrue(batch.opened(base64.b64decode(answer["body"]))["identical"])
            # S3.
            key = f"questions/{batch.id}.{batch.digest}.sealed"
            storage.objects[key] = batch.body
            record = {"eventSource": "aws:s3", "awsRegion": REGION, "eventName": "ObjectCreated:Put",
                      "s3": {"bucket": {"name": "bucket"}, "object": {"key": key, "size": len(batch.body)}}}
            self.assertEqual(sandbox.invoke({"Records": [record]}), {"answer": {"answered": 1}})
            self.assertTrue(batch.opened(storage.objects[f"answers/{batch.id}.sealed"])["identical"])
            # None of ours.
            self.assertEqual(sandbox.invoke({"some": "thing"})["error"]["name"], "Daybreak.bad-input")

    def test_start_that_fails(self):
        with self.sandbox(DAYBREAK_MODEL="none-1.0") as sandbox:
            error = sandbox.invoke({"daybreak": "version"})["error"]
            self.assertEqual(error["name"], "Daybreak.not-found")
            self.assertIn("none-1.0", error["message"])
            self.assertEqual(sandbox.call("GET", "/v1/version")[0], 500)


if __name__ == "__main__":
    unittest.main()
