#!/usr/bin/env python3
"""daybreak-function by itself: plain HTTP, Azure's port, Lambda's Runtime API with every kind of event, S3; what it
refuses and how it says so; that it stops gracefully, stays small and logs no picture."""
import base64
import concurrent.futures
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from functions import REGION, Batch, Function, Runtime, Storage, make_key, sigv4
from programs import program

SECRET = "sixteen letters and more"
SERIAL = "0A1B2C"


def error_of(answer):
    return answer[0], answer[2]["error"]["code"]


class FunctionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder_owner = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.folder_owner.name)
        cls.key = make_key(cls.folder)
        cls.batch = Batch(cls.key, "--cuts", 8)

    @classmethod
    def tearDownClass(cls):
        cls.folder_owner.cleanup()

    def assertRead(self, answer, batch=None):
        batch = batch or self.batch
        status, headers, body = answer
        self.assertEqual(status, 200, body)
        self.assertTrue(batch.opened(body)["identical"])
        self.assertEqual(headers["X-Daybreak-Batch"], batch.id)
        self.assertEqual(headers["X-Daybreak-Region"], REGION)
        self.assertGreaterEqual(int(headers["X-Daybreak-Billed-Ms"]), int(headers["X-Daybreak-Read-Ms"]))

    def read(self, function, batch=None, **replaced):
        batch = batch or self.batch
        return function.call("POST", "/v1/read", batch.body, batch.headers(**replaced))


class Http(FunctionTest):
    def test_reads_a_batch_like_the_box_itself(self):
        with Function(self.key) as function:
            first, second = self.read(function), self.read(function)
            for answer, cold in ((first, "1"), (second, "0")):
                self.assertRead(answer)
                self.assertEqual(answer[1]["X-Daybreak-Cold"], cold)
            # Start-up is billed once, with the first batch.
            self.assertGreater(int(first[1]["X-Daybreak-Billed-Ms"]), int(first[1]["X-Daybreak-Read-Ms"]) + 1)
            # A fresh nonce: the same batch, and no two answers alike.
            self.assertNotEqual(first[2], second[2])

    def test_takes_chunks(self):
        with Function(self.key) as function:
            headers = self.batch.headers(Transfer_Encoding="chunked")
            self.assertRead(function.call("POST", "/v1/read", self.batch.body, headers, chunked=True))

    def test_takes_the_largest_batch(self):
        batch = Batch(self.key, "--cuts", 64, "--planes", 3)
        with Function(self.key) as function:
            self.assertRead(self.read(function, batch), batch)

    def test_version_and_health(self):
        with Function(self.key) as function:
            status, _, version = function.call("GET", "/v1/version")
            self.assertEqual(status, 200)
            self.assertEqual(version["region"], REGION)
            self.assertEqual(version["contract"], "http")
            public = self.key.with_suffix(".public.pem")
            der = subprocess.run(["openssl", "pkey", "-pubin", "-in", public, "-outform", "DER"], check=True,
                                 capture_output=True).stdout
            digest = subprocess.run(["sha256sum"], input=der, check=True, capture_output=True).stdout[:64].decode()
            self.assertEqual(version["key"], digest)
            self.assertRegex(version["reader"]["digest"], "^[0-9a-f]{64}$")
            self.assertRegex(version["reader"]["label"], "^daybreak-[0-9]")
            self.assertEqual(function.call("GET", "/v1/health")[::2], (200, {"ok": True}))

    def test_refuses_with_a_reason(self):
        other_key = make_key(self.folder, "other")
        spoilt = {what: Batch(self.key, "--cuts", 2, "--spoil", what) for what in ("pack", "digest", "kind")}
        flipped = Batch(self.key, "--cuts", 2)
        flipped.body = flipped.body[:-1] + bytes([flipped.body[-1] ^ 1])
        resealed = {"X-Daybreak-Digest": sha256(flipped.body)}
        with Function(self.key) as function:
            read = lambda batch=None, **replaced: error_of(self.read(function, batch, **replaced))
            self.assertEqual(read(Batch(other_key)), (404, "not-found"))
            self.assertEqual(read(Batch(self.key, "--reader", "ab" * 32)), (409, "conflict"))
            self.assertEqual(read(spoilt["pack"]), (422, "damaged"))
            self.assertEqual(read(spoilt["digest"]), (422, "damaged"))
            self.assertEqual(read(spoilt["kind"]), (415, "unsupported"))
            self.assertEqual(read(flipped), (422, "damaged"))
            self.assertEqual(read(flipped, **resealed), (422, "damaged"))
            self.assertEqual(read(Idempotency_Key="00" * 16), (422, "damaged"))
            self.assertEqual(read(Idempotency_Key=None), (400, "bad-input"))
            self.assertEqual(read(Idempotency_Key="../../etc/passwd"), (400, "bad-input"))
            self.assertEqual(read(X_Daybreak_Digest=None), (400, "bad-input"))
            self.assertEqual(read(Content_Type="text/plain"), (415, "unsupported"))
            call = lambda *arguments: error_of(function.call(*arguments))
            self.assertEqual(call("GET", "/v1/read"), (405, "wrong-method"))
            self.assertEqual(call("POST", "/v1/health"), (405, "wrong-method"))
            self.assertEqual(call("GET", "/"), (404, "not-found"))
            self.assertEqual(call("GET", "/v1/read/../health"), (404, "not-found"))
            self.assertEqual(call("POST", "/v1/read", bytes(4600000), self.batch.headers()), (413, "too-large"))
            self.assertEqual(error_of(function.call("POST", "/v1/read", bytes(4600000), {
                **self.batch.headers(), "Transfer-Encoding": "chunked"}, chunked=True)), (413, "too-large"))
            self.assertEqual(call("POST", "/v1/read", b"", self.batch.headers()), (422, "damaged"))
            # And it goes on.
            self.assertRead(self.read(function))

    def test_refuses_two_ways_to_tell_the_length(self):
        with Function(self.key) as function:
            port = function.port
            for lines in (["Content-Length: 5", "Content-Length: 6"], ["Content-Length: 5", "Transfer-Encoding: chunked"],
                          ["Transfer-Encoding: gzip"], ["Content-Length: +5"],
                          ["Content-Length: 5", "Idempotency-Key: a", "Idempotency-Key: b"]):
                with socket.create_connection(("127.0.0.1", port)) as client:
                    head = "\r\n".join(["POST /v1/read HTTP/1.1", "Host: x", *lines, "", "hello"])
                    client.sendall(head.encode())
                    self.assertTrue(client.makefile("rb").readline().startswith(b"HTTP/1.1 400"), lines)

    def test_survives_what_is_no_request_of_ours(self):
        lines = ["OPTIONS * HTTP/1.1", "GET http://x/v1/health HTTP/1.1", "CONNECT x:1 HTTP/1.1", "GET //v1/health HTTP/1.1",
                 "GET /v1/%68ealth HTTP/1.1", "GET /v1/health\0 HTTP/1.1", "GET " + "/a" * 10000 + " HTTP/1.1", "\0\0", "x",
                 "GET /v1/health HTTP/9.9", "POST /v1/read HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz"]
        with Function(self.key) as function:
            for line in lines:
                with socket.create_connection(("127.0.0.1", function.port), timeout=60) as client:
                    with contextlib.suppress(OSError):
                        client.sendall(f"{line}\r\nHost: x\r\n\r\n".encode())
                        client.shutdown(socket.SHUT_WR)
                        answer = client.makefile("rb").readline()
                        self.assertTrue(not answer or answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 4", b"HTTP/1.1 5")), line)
                self.assertIsNone(function.process.poll(), line)
            self.assertEqual(function.call("GET", "/v1/health")[0], 200)

    def test_lets_in_whom_the_gateway_vouches_for(self):
        gateway = {"X-Daybreak-Gateway": SECRET, "X-Client-Verify": "SUCCESS", "X-Client-Serial": "77",
                   "X-Client-Subject": "CN=clinic-7f3a,O=Daybreak site"}
        with Function(self.key, DAYBREAK_SITES="clinic-1, clinic-7f3a", DAYBREAK_DENY=f"99,{SERIAL.lower()}",
                      DAYBREAK_GATEWAY_SECRET=SECRET) as function:
            def version(**replaced):
                headers = {**gateway, **{name.replace("_", "-"): value for name, value in replaced.items()}}
                answer = function.call("GET", "/v1/version", None, {n: v for n, v in headers.items() if v is not None})
                return answer[0], answer[2].get("error", {}).get("sentence")
            self.assertEqual(version()[0], 200)
            sentences = [version(X_Daybreak_Gateway=None), version(X_Client_Verify="NONE"),
                         version(X_Client_Verify="FAILED:certificate has expired"), version(X_Client_Subject="CN=clinic-8"),
                         version(X_Client_Subject="O=clinic-1"), version(X_Client_Subject="CN=clinic-1,CN=clinic-7f3a"),
                         version(X_Client_Serial=SERIAL)]
            self.assertEqual({status for status, _ in sentences}, {403})
            self.assertEqual(len({sentence for _, sentence in sentences}), len(sentences))
            self.assertEqual(version(X_Daybreak_Gateway=SECRET[:-1] + "X")[0], 403)
            self.assertEqual(version(X_Client_Serial="00:" + SERIAL)[0], 403)
            self.assertEqual(function.call("GET", "/v1/health")[0], 200)
            self.assertEqual(error_of(self.read(function)), (403, "forbidden"))
            self.assertRead(self.read(function, **gateway))
            self.assertEqual(function.line("read")["status"], 403)

    def begin(self, function):
        """A batch whose last byte is not sent yet: it holds its place."""
        client = socket.create_connection(("127.0.0.1", function.port), timeout=60)
        lines = [f"{name}: {value}" for name, value in self.batch.headers(Content_Length=len(self.batch.body)).items()]
        client.sendall("\r\n".join(["POST /v1/read HTTP/1.1", "Host: x", *lines, "", ""]).encode() + self.batch.body[:-1])
        return client

    def test_says_when_it_is_busy(self):
        with Function(self.key, DAYBREAK_CONCURRENCY=2) as function, self.begin(function) as first, self.begin(function):
            busy = self.wait_for(lambda: self.read(function), lambda answer: answer[0] == 429)
            self.assertEqual(error_of(busy), (429, "too-many"))
            self.assertEqual(busy[1]["Retry-After"], "1")
            self.assertEqual(function.call("GET", "/v1/version")[0], 200)
            first.sendall(self.batch.body[-1:])
            self.assertIn(b" 200 ", first.makefile("rb").readline())
            self.assertRead(self.wait_for(lambda: self.read(function), lambda answer: answer[0] == 200))

    def wait_for(self, ask, good):
        end = time.monotonic() + 120
        while not good(answer := ask()):
            if time.monotonic() > end:
                self.fail(answer)
            time.sleep(0.005)
        return answer

    def test_ends_gracefully(self):
        with Function(self.key, DAYBREAK_CONCURRENCY=2) as function, self.begin(function) as client:
            self.wait_for(lambda: function.call("GET", "/v1/health"), lambda answer: answer[0] == 200)
            function.process.send_signal(signal.SIGTERM)
            self.wait_for(lambda: function.call("GET", "/v1/health"), lambda answer: answer[0] == 503)
            self.assertEqual(error_of(self.read(function)), (503, "unavailable"))
            client.sendall(self.batch.body[-1:])
            self.assertIn(b" 200 ", client.makefile("rb").readline())
            self.assertEqual(function.process.wait(30), 0)

    def test_a_client_that_leaves_gives_its_place_back(self):
        with Function(self.key) as function:
            for _ in range(3):
                self.begin(function).close()
            self.assertRead(self.wait_for(lambda: self.read(function), lambda answer: answer[0] == 200))
            self.assertEqual(function.stop(), 0)

    def test_stays_small(self):
        batch = Batch(self.key, "--cuts", 64, "--planes", 3)
        with Function(self.key, DAYBREAK_CONCURRENCY=2) as function:
            def several():
                for _ in range(5):
                    self.wait_for(lambda: self.read(function, batch), lambda answer: answer[0] == 200)
            once = self.wait_for(lambda: self.read(function, batch), lambda answer: answer[0] == 200)
            self.assertRead(once, batch)
            with concurrent.futures.ThreadPoolExecutor(3) as pool:
                for done in [pool.submit(several) for _ in range(3)]:
                    done.result()
            peak = function.peak_kib()
            print(f"peak of two batches at a time, 64 cuts of 3 planes: {peak >> 10} MiB")
            self.assertLess(peak, 64 << 10)

    def test_logs_ids_and_numbers_only(self):
        allowed = {"time", "severity", "event", "status", "site", "batch", "code", "sentence", "cuts", "bytes", "read_ms",
                   "billed_ms", "cold", "port", "contract", "request", "model", "startup_ms"}
        with Function(self.key) as function:
            self.read(function)
            self.read(function, Batch(self.key, "--cuts", 1, "--spoil", "digest"))
            function.call("GET", "/secret-name")
            self.assertEqual(function.stop(), 0)
            for line in function.lines():
                self.assertLessEqual(set(line), allowed)
                self.assertTrue(all(len(str(value)) <= 120 for value in line.values()), line)
            self.assertNotIn("secret-name", json.dumps(function.lines()))

    def test_says_why_it_does_not_start(self):
        wrong = self.folder / "wrong.pem"
        wrong.write_text("-----BEGIN PRIVATE KEY-----\nno\n-----END PRIVATE KEY-----\n")
        cases = [({}, "DAYBREAK_KEY"), ({"DAYBREAK_KEY_FILE": "/nowhere"}, "DAYBREAK_KEY_FILE"),
                 ({"DAYBREAK_KEY_FILE": wrong}, "private key"), ({"DAYBREAK_REGION": None}, "DAYBREAK_REGION"),
                 ({"DAYBREAK_KEY_FILE": self.key, "DAYBREAK_MODEL": "none-1.0"}, "none-1.0"),
                 ({"DAYBREAK_KEY_FILE": self.key, "PORT": "web"}, "PORT"),
                 ({"DAYBREAK_KEY_FILE": self.key, "DAYBREAK_CONCURRENCY": "0"}, "DAYBREAK_CONCURRENCY"),
                 ({"DAYBREAK_KEY_FILE": self.key, "DAYBREAK_GATEWAY_SECRET": "short"}, "DAYBREAK_GATEWAY_SECRET")]
        for environment, word in cases:
            with Function(**environment) as function:
                status, lines = function.ended()
                self.assertEqual(status, 1, environment)
                self.assertIn(word, lines[-1]["sentence"])
        with Function(self.key) as first, Function(self.key, PORT=first.port) as second:
            self.assertEqual(second.ended()[0], 1)

    def test_makes_keys_and_keeps_them(self):
        self.assertEqual(os.stat(self.key).st_mode & 0o777, 0o600)
        again = subprocess.run([program("daybreak-function"), "key", "--out", self.key], capture_output=True, text=True)
        self.assertEqual(again.returncode, 1)
        self.assertIn("there already", again.stderr)
        for arguments in (["key"], ["key", "--out", "key.txt"], ["serve"]):
            self.assertEqual(subprocess.run([program("daybreak-function"), *arguments], capture_output=True).returncode, 2)

    def test_speaks_azure(self):
        with Function(DAYBREAK_KEY=self.key.read_text(), PORT="1", FUNCTIONS_CUSTOMHANDLER_PORT="0") as function:
            self.assertEqual(function.call("GET", "/v1/version")[2]["contract"], "azure")
            self.assertRead(self.read(function))


def sha256(data):
    return subprocess.run(["sha256sum"], input=data, check=True, capture_output=True).stdout[:64].decode()


class Lambda(FunctionTest):
    def setUp(self):
        self.runtime = Runtime()
        self.addCleanup(self.runtime.__exit__)

    def function(self, **environment):
        settings = {"DAYBREAK_REGION": None, "AWS_REGION": REGION, "PORT": None,
                    "AWS_LAMBDA_RUNTIME_API": self.runtime.address, **environment}
        return Function(self.key, **settings)

    def gateway_event(self, method="POST", path="/v1/read", body=None, certificate=None, **headers):
        context = {"accountId": "1", "apiId": "a", "http": {"method": method, "path": path, "sourceIp": "192.0.2.1"},
                   "stage": "$default", "requestId": "r"}
        if certificate:
            context["authentication"] = {"clientCert": {"clientCertPem": "", "issuerDN": "CN=Authority", **certificate}}
        headers = {name.lower(): value for name, value in self.batch.headers(**headers).items()}
        return {"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": headers,
                "requestContext": context, "isBase64Encoded": True,
                "body": base64.b64encode(self.batch.body if body is None else body).decode()}

    def balancer_event(self, lists=False, **headers):
        headers = self.batch.headers(**headers)
        event = {"requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:x"}}, "httpMethod": "POST",
                 "path": "/v1/read", "queryStringParameters": {}, "isBase64Encoded": True,
                 "body": base64.b64encode(self.batch.body).decode()}
        event |= {"multiValueHeaders": {n: [v] for n, v in headers.items()}} if lists else {"headers": headers}
        return event

    def direct_event(self, batch=None):
        batch = batch or self.batch
        return {"daybreak": "read", "batch": batch.id, "digest": batch.digest,
                "body": base64.b64encode(batch.body).decode()}

    def test_api_gateway(self):
        with self.function() as function:
            for cold in "10":
                what, answer = self.runtime.invoke(self.gateway_event())
                self.assertEqual(what, "response")
                self.assertRead((answer["statusCode"], answer["headers"], base64.b64decode(answer["body"])))
                self.assertTrue(answer["isBase64Encoded"])
                self.assertEqual(answer["headers"]["X-Daybreak-Cold"], cold)
            what, answer = self.runtime.invoke(self.gateway_event("GET", "/v1/version"))
            self.assertEqual(json.loads(answer["body"])["contract"], "lambda")
            self.assertFalse(answer["isBase64Encoded"])
            what, answer = self.runtime.invoke(self.gateway_event(body=b"other"))
            self.assertEqual((what, answer["statusCode"]), ("response", 422))
            self.assertEqual(json.loads(answer["body"])["error"]["code"], "damaged")
            self.assertRegex(function.line("read")["request"], "^[0-9a-f-]{36}$")

    def test_api_gateway_vouches_beside_the_headers(self):
        forged = {"X_Client_Verify": "SUCCESS", "X_Client_Subject": "CN=clinic-1", "X_Client_Serial": "1"}
        with self.function(DAYBREAK_SITES="clinic-1", DAYBREAK_DENY=SERIAL):
            def status(**options):
                return self.runtime.invoke(self.gateway_event("GET", "/v1/version", **options))[1]["statusCode"]
            self.assertEqual(status(certificate={"subjectDN": "CN=clinic-1,O=Daybreak site", "serialNumber": "01"}), 200)
            self.assertEqual(status(**forged), 403)
            self.assertEqual(status(certificate={"subjectDN": "CN=clinic-2", "serialNumber": "01"}, **forged), 403)
            self.assertEqual(status(certificate={"subjectDN": "CN=clinic-1", "serialNumber": "0a:1b:2c"}), 403)

    def test_load_balancer(self):
        certificate = {"X_Amzn_Mtls_Clientcert_Subject": "CN=clinic-1,O=Daybreak site",
                       "X_Amzn_Mtls_Clientcert_Serial_Number": "01"}
        with self.function(DAYBREAK_SITES="*"):
            for lists in (False, True):
                _, answer = self.runtime.invoke(self.balancer_event(lists, **certificate))
                headers = answer["multiValueHeaders"] if lists else answer["headers"]
                headers = {name: value[0] if lists else value for name, value in headers.items()}
                self.assertEqual(answer["statusDescription"], "200 OK")
                self.assertRead((answer["statusCode"], headers, base64.b64decode(answer["body"])))
            self.assertEqual(self.runtime.invoke(self.balancer_event())[1]["statusCode"], 403)

    def test_direct_invocation(self):
        with self.function(DAYBREAK_SITES="clinic-1"):
            what, answer = self.runtime.invoke(self.direct_event())
            self.assertRead((answer["status"], answer["headers"], base64.b64decode(answer["body"])))
            # Repeating does not help: an answer, not an error of the invocation.
            what, answer = self.runtime.invoke(self.direct_event(Batch(self.key, "--reader", "ab" * 32)))
            self.assertEqual((what, answer["status"], answer["error"]["code"]), ("response", 409, "conflict"))
            what, answer = self.runtime.invoke({"daybreak": "version"})
            self.assertEqual(answer["region"], REGION)

    def test_stays_small(self):
        batch = Batch(self.key, "--cuts", 64, "--planes", 3)
        with self.function() as function:
            for _ in range(3):
                self.assertEqual(self.runtime.invoke(self.direct_event(batch))[1]["status"], 200)
            print(f"peak under Lambda: {function.peak_kib() >> 10} MiB")
            self.assertLess(function.peak_kib(), 64 << 10)

    def test_events_that_are_none(self):
        with self.function() as function:
            for event in (b"not JSON", b"[]", b"{}", {"Records": []}, {"Records": [{"eventSource": "aws:sqs"}]},
                          {"daybreak": "x" * 100}, json.dumps(self.direct_event()).encode()[:-2], b"[" * 1000,
                          b'"' + bytes([65]) * 6500000 + b'"'):
                what, answer = self.runtime.invoke(event)
                self.assertEqual(what, "error", answer)
                self.assertRegex(answer["errorType"], "^Daybreak[.](bad-input|too-large)$")
                self.assertTrue(answer["errorMessage"])
            # Not base 64: the caller's mistake.
            what, answer = self.runtime.invoke({**self.direct_event(), "body": "?"})
            self.assertEqual((what, answer["error"]["code"]), ("response", "bad-input"))
            self.assertEqual(self.runtime.invoke(self.direct_event())[1]["status"], 200)
            self.assertIsNone(function.process.poll())

    def test_an_answer_that_is_not_taken(self):
        with self.function():
            self.runtime.refuse["response"] = 413
            self.assertEqual(self.runtime.invoke(self.direct_event())[0], "response")
            self.assertEqual(self.runtime.answer()[0], "error")
            self.assertEqual(self.runtime.invoke(self.direct_event())[1]["status"], 200)

    def test_start_that_fails_is_told(self):
        with self.function(DAYBREAK_MODEL="none-1.0") as function:
            what, answer = self.runtime.answer()
            self.assertEqual(what, "init")
            self.assertIn("none-1.0", answer["errorMessage"])
            self.assertEqual(function.ended()[0], 1)

    def test_ends(self):
        with self.function() as function:
            self.assertEqual(self.runtime.invoke(self.direct_event())[1]["status"], 200)
            self.assertEqual(function.stop(), 0)
        with self.function() as function:
            self.runtime.shutdown()
            self.runtime.server_close()
            self.runtime.events.put(None)
            self.assertEqual(function.ended()[0], 1)

    def stored_event(self, *keys, size=100):
        return {"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": REGION,
                             "eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "bucket"},
                                                                      "object": {"key": key, "size": size}}} for key in keys]}

    def test_objects(self):
        key = f"questions/{self.batch.id}.{self.batch.digest}.sealed"
        refused = Batch(self.key, "--cuts", 1, "--spoil", "digest")
        refused_key = f"questions/{refused.id}.{refused.digest}.sealed"
        with Storage() as storage, self.function(**storage.environment()):
            storage.objects |= {key: self.batch.body, refused_key: refused.body}
            what, answer = self.runtime.invoke(self.stored_event(key))
            self.assertEqual((what, answer), ("response", {"answered": 1}), storage.asked)
            sealed = f"answers/{self.batch.id}.sealed"
            self.assertTrue(self.batch.opened(storage.objects[sealed])["identical"])
            self.assertEqual(storage.metadata[sealed]["x-amz-meta-daybreak-batch"], self.batch.id)
            # What can not be answered is answered with its reason, not repeated.
            what, answer = self.runtime.invoke(self.stored_event(refused_key))
            self.assertEqual((what, answer), ("response", {"answered": 1}))
            self.assertEqual(json.loads(storage.objects[f"answers/{refused.id}.json"])["error"]["code"], "damaged")
            # Neither our own answers nor strangers are touched, and an object that is too large is not fetched.
            asked = len(storage.asked)
            what, answer = self.runtime.invoke(self.stored_event(sealed, "x/y", "questions/../../z"))
            self.assertEqual((what, answer), ("response", {"answered": 0}))
            self.assertEqual(len(storage.asked), asked)
            self.runtime.invoke(self.stored_event(key, size=5000000))
            self.assertEqual(storage.asked[asked:], [f"PUT /bucket/answers/{self.batch.id}.json"])
            self.assertIn("at most", storage.objects[f"answers/{self.batch.id}.json"].decode())

    def test_storage_that_fails(self):
        key = f"questions/{self.batch.id}.{self.batch.digest}.sealed"
        with Storage() as storage, self.function(**storage.environment()):
            storage.objects[key] = self.batch.body
            storage.fail = [503, 500]
            self.assertEqual(self.runtime.invoke(self.stored_event(key))[0], "response")
            storage.fail = [503] * 3
            what, answer = self.runtime.invoke(self.stored_event(key))
            self.assertEqual((what, answer["errorType"]), ("error", "Daybreak.unavailable"))
            storage.secret = "another"
            what, answer = self.runtime.invoke(self.stored_event(key))
            self.assertEqual(what, "error")
            self.assertIn("403", answer["errorMessage"])


class Signature(unittest.TestCase):
    def test_published_example(self):
        """AWS, "Authenticating Requests: Using the Authorization Header", transferring a payload in a single chunk."""
        empty = sha256(b"")
        headers = {"Host": "examplebucket.s3.amazonaws.com", "Range": "bytes=0-9", "x-amz-content-sha256": empty,
                   "x-amz-date": "20130524T000000Z"}
        self.assertEqual(sigv4("GET", "/test.txt", headers, empty, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                               "20130524T000000Z", "us-east-1", "s3"),
                         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
