#!/usr/bin/env python3
"""The deploy templates of packaging/cloud: held against the clouds' own specifications, and what they say is done here
with the package they deploy. Azure's host is played from its documentation: it starts what host.json names and forwards
the requests that function.json routes. An image is unpacked from its layout and entered with chroot."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import yaml

from functions import CLOUD_TESTS, Batch, Function, Handler, Image, Server, make_key, npm_packages, package
from programs import ROOT

CLOUD = ROOT / "packaging/cloud"


class Loader(yaml.SafeLoader):
    """CloudFormation's short forms as their text."""


Loader.add_multi_constructor("!", lambda loader, tag, node: f"!{tag} {node.value}")


def load(path):
    return yaml.load((CLOUD / path).read_text(), Loader)


def check(kind, *paths):
    """What is found in each: {"problems", "values"}."""
    done = subprocess.run(["node", CLOUD_TESTS / "check_templates.mjs", kind, *paths], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Specifications(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        npm_packages()

    def hold(self, kind, path, spoilt):
        """The template is good, and each spoilt one is found out."""
        text = (CLOUD / path).read_text()
        with tempfile.TemporaryDirectory() as folder:
            broken = []
            for number, (old, new, _) in enumerate(spoilt):
                self.assertIn(old, text)
                broken.append(pathlib.Path(folder) / f"{number}.yaml")
                broken[-1].write_text(text.replace(old, new, 1))
            good, *found = check(kind, CLOUD / path, *broken)
        self.assertEqual(good["problems"], [])
        self.assertGreater(good["values"], 40)
        for (_, new, word), each in zip(spoilt, found, strict=True):
            self.assertIn(word, " ".join(each["problems"]), new)

    def test_aws_sam(self):
        self.hold("sam", "aws-sam/template.yaml", [
            ("MemorySize: 1769", "Memory: 1769", "Function: has no property Memory"),
            ("MemorySize: 1769", "MemorySize: much", "Function.MemorySize"),
            ("AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::Domain", "no resource type"),
            ("DeadLetters.Arn", "DeadLetters.Name", "no attribute Name"),
            ("TargetArn: !GetAtt DeadLetters.Arn", "Target: x", "DeadLetterQueue"),
            ("!Ref SlowAlarm", "!Ref SlowerAlarm", "no SlowerAlarm"),
            ("Stage: $default", "", "lacks Stage")])

    def test_knative(self):
        self.hold("knative", "knative/service.yaml", [
            ("containerConcurrency: 1", "containerConcurrency: one", "containerConcurrency"),
            ("timeoutSeconds", "timeoutSecond", "timeoutSecond"),
            ("secretKeyRef", "secretRef", "secretRef")])

    def test_cloud_run(self):
        self.hold("cloud-run", "cloud-run/service.yaml", [
            ("failureThreshold", "failures", "failures"),
            ("containerPort: 8080", "containerPort: web", "containerPort"),
            ("          image:", "          picture:", "picture")])


class Promises(unittest.TestCase):
    """What the templates are for, beyond their form."""

    def test_aws_sam(self):
        resources = load("aws-sam/template.yaml")["Resources"]
        function = resources["Function"]["Properties"]
        self.assertEqual((function["Runtime"], function["Handler"]), ("provided.al2023", "bootstrap"))
        self.assertEqual(function["AutoPublishAlias"], "live")
        self.assertRegex(function["DeploymentPreference"]["Type"], "^Canary")
        self.assertIn("ReservedConcurrentExecutions", function)
        self.assertIn("DeadLetterQueue", function)
        self.assertLess(function["Timeout"], 29)
        self.assertTrue(resources["Api"]["Properties"]["DisableExecuteApiEndpoint"])
        self.assertEqual(set(resources["Domain"]["Properties"]["MutualTlsAuthentication"]),
                         {"TruststoreUri", "TruststoreVersion"})
        self.assertGreaterEqual(len([name for name in resources if name.endswith("Alarm")]), 4)
        bucket = resources["Exchange"]["Properties"]
        self.assertTrue(all(bucket["PublicAccessBlockConfiguration"].values()))
        # The function's own answers start it no more.
        rules = function["Events"]["Stored"]["Properties"]["Filter"]["S3Key"]["Rules"]
        self.assertIn({"Name": "prefix", "Value": "questions/"}, rules)

    def test_environments_are_the_functions(self):
        known = set(re.findall(r"DAYBREAK_[A-Z_]+", (ROOT / "sync/function/settings.h").read_text()))
        given = set(load("aws-sam/template.yaml")["Resources"]["Function"]["Properties"]["Environment"]["Variables"])
        for path in ("knative/service.yaml", "cloud-run/service.yaml"):
            container = load(path)["spec"]["template"]["spec"]["containers"][0]
            names = {variable["name"] for variable in container["env"]}
            self.assertIn("DAYBREAK_GATEWAY_SECRET", names)
            given |= names
        self.assertLessEqual(given, known)

    def test_one_batch_a_container(self):
        for path in ("knative/service.yaml", "cloud-run/service.yaml"):
            self.assertEqual(load(path)["spec"]["template"]["spec"]["containerConcurrency"], 1)
        host = json.loads((CLOUD / "azure/host.json").read_text())
        self.assertEqual(host["extensions"]["http"]["maxConcurrentRequests"], 1)


class ActivatorHandler(Handler):
    def forward(self):
        body = self.body()
        with self.server.lock:
            if not self.server.function:
                self.server.function = self.server.start()
                self.server.starts += 1
            status, headers, answer = self.server.function.call(self.command, self.path, body, dict(self.headers))
        if not isinstance(answer, bytes):
            answer = json.dumps(answer).encode()
        kept = {name: value for name, value in headers.items() if name.startswith(("X-Daybreak-", "Content-Type"))}
        self.reply(status, kept, answer)

    do_GET = do_POST = forward


class Activator(Server):
    """As Knative's: starts a function when a call comes, one call at a time; rest() ends it as when none came for long."""

    def __init__(self, start):
        self.start, self.starts, self.lock, self.function = start, 0, threading.Lock(), None
        super().__init__(ActivatorHandler)

    def rest(self):
        with self.lock, self.function as function:
            self.function = None
            return function.stop()


class Deployed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.owner = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.owner.name)
        cls.folder.chmod(0o755)
        cls.code = package(cls.folder / "package")
        cls.key = make_key(cls.folder)
        cls.batch = Batch(cls.key, "--cuts", 4)

    @classmethod
    def tearDownClass(cls):
        cls.owner.cleanup()

    def assertWorks(self, function, contract, path="/v1/{what}", **headers):
        self.assertEqual(function.call("GET", "/v1/health")[0], 200)
        version = function.call("GET", path.format(what="version"), None, headers)
        self.assertEqual((version[0], version[2].get("contract")), (200, contract), version[2])
        status, _, answer = function.call("POST", path.format(what="read"), self.batch.body,
                                          {**self.batch.headers(), **headers})
        self.assertEqual(status, 200, answer)
        self.assertTrue(self.batch.opened(answer)["identical"])

    def test_azure(self):
        app = self.folder / "azure"
        shutil.copytree(self.code, app)
        shutil.copytree(CLOUD / "azure", app, dirs_exist_ok=True)
        host = json.loads((app / "host.json").read_text())
        self.assertEqual(host["version"], "2.0")
        handler = host["customHandler"]
        # Forwarded as it is only where there is one HTTP trigger and one HTTP output.
        self.assertTrue(handler["enableForwardingHttpRequest"])
        bindings = json.loads((app / "v1/function.json").read_text())["bindings"]
        trigger, output = bindings
        self.assertEqual([trigger["type"], trigger["direction"], output["type"], output["direction"]],
                         ["httpTrigger", "in", "http", "out"])
        self.assertLessEqual({"get", "post"}, set(trigger["methods"]))
        prefix = host["extensions"]["http"]["routePrefix"]
        route = "/" + "/".join(part for part in (prefix, trigger["route"]) if part)
        program = app / handler["description"]["workingDirectory"] / handler["description"]["defaultExecutablePath"]
        with Function(self.key, program, PORT=None, FUNCTIONS_CUSTOMHANDLER_PORT=0) as function:
            self.assertWorks(function, "azure", route)
            self.assertEqual(function.stop(), 0)

    def test_scales_from_zero(self):
        took = []
        with Activator(lambda: Function(self.key, self.code / "bootstrap")) as activator:
            for starts in (1, 2, 3):
                for cold in ("1", "0"):
                    since = time.monotonic()
                    with contextlib.closing(http.client.HTTPConnection(activator.address, timeout=60)) as connection:
                        connection.request("POST", "/v1/read", self.batch.body, self.batch.headers())
                        answer = connection.getresponse()
                        content = answer.read()
                    took.append(round(1000 * (time.monotonic() - since)))
                    self.assertEqual(answer.status, 200, content)
                    self.assertEqual(answer.getheader("X-Daybreak-Cold"), cold)
                    self.assertTrue(self.batch.opened(content)["identical"])
                self.assertEqual((activator.rest(), activator.starts), (0, starts))
        print(f"first and second call from zero, ms: {took}")

    @unittest.skipUnless(subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0,
                         "entering an image takes the right to mount")
    def test_image(self):
        root, layout = self.folder / "image", self.folder / "layout"
        subprocess.run([CLOUD / "image", layout, self.code], check=True, stdout=subprocess.DEVNULL)
        version = subprocess.run([ROOT / "packaging/supply/facts", "version"], check=True, capture_output=True, text=True)
        entry, environment = Image(layout, version.stdout.strip()).unpack(root)
        container = load("cloud-run/service.yaml")["spec"]["template"]["spec"]["containers"][0]
        given = {variable["name"]: variable.get("value", "sixteen letters and more") for variable in container["env"]}
        given["DAYBREAK_KEY"] = self.key.read_text()
        start = self.folder / "start"
        (root / "proc").mkdir()
        # As an engine starts it: with /proc, and nothing else of this machine.
        start.write_text(f"#!/bin/sh\nmount --rbind /proc {root}/proc && "
                         f"exec chroot --userspec=65534:65534 {root} {' '.join(entry)}\n")
        start.chmod(0o755)
        certificate = {"X-Daybreak-Gateway": given["DAYBREAK_GATEWAY_SECRET"], "X-Client-Verify": "SUCCESS",
                       "X-Client-Subject": "CN=clinic-1", "X-Client-Serial": "01"}
        with Function(None, start, "unshare", "--mount", PATH=os.environ["PATH"], **{**environment, **given}) as function:
            self.assertEqual(container["startupProbe"]["httpGet"]["path"], "/v1/health")
            self.assertWorks(function, "http", **certificate)
            self.assertEqual(function.call("GET", "/v1/version")[0], 403)
            listening = pathlib.Path(f"/proc/{function.process.pid}/net/tcp").read_text()
            self.assertIn(f"00000000:{function.port:04X}", listening)
            self.assertEqual(function.stop(), 0)


if __name__ == "__main__":
    unittest.main()
