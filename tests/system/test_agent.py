#!/usr/bin/env python3
"""daybreak-sync behind a real nginx, and a function of the test's own that can be made to answer anything: what the agent
does with each answer, what it writes down, and what it refuses to send."""
import contextlib
import hashlib
import http.server
import json
import os
import re
import shutil
import socketserver
import sqlite3
import subprocess
import threading
import time
import unittest

from programs import ROOT, run
from region import (ENDPOINT, REGION, SLOT_ANSWER, SLOT_FAILED, SLOT_SEND, Region, Wire, slot_connect, slot_receive,
                    slot_send, wait_for)

NANO = 1_000_000_000


class Function(socketserver.ThreadingTCPServer):
    """Answers as the next entry of .script says; when it is empty, rightly. An entry is (status, headers, body) with what is
    left out as None, or a function of the batch that gives one."""
    daemon_threads, allow_reuse_address, request_queue_size = True, True, 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), FunctionHandler)
        self.port = self.server_address[1]
        self.lock = threading.Lock()
        self.reset()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def reset(self):
        self.script, self.requests = [], []
        self.region, self.hold_s, self.in_flight, self.most = REGION, 0.0, 0, 0
        self.before_answer = None

    def batches(self):
        return [r for r in self.requests if r["path"] == "/v1/read"]


def sealed_to(batch):
    """What an answer to it looks like to who cannot open it."""
    return b"DBRA\x01\x00" + bytes.fromhex(batch) + b"looks as if it were a sealed answer"


class FunctionHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.note(b"")
        version = {"version": "0.1.0", "region": self.server.region, "reader": {"label": "test", "digest": "ab" * 32},
                   "key": "cd" * 32, "contract": 1}
        self.give(200, {"Content-Type": "application/json"}, json.dumps(version).encode())

    def do_POST(self):
        function = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        batch = self.headers.get("Idempotency-Key", "")
        self.note(body)
        with function.lock:
            function.in_flight += 1
            function.most = max(function.most, function.in_flight)
            entry = function.script.pop(0) if function.script else (None, None, None)
            status, headers, answer = entry(batch) if callable(entry) else entry
        if function.before_answer:
            function.before_answer(batch)
        time.sleep(function.hold_s)
        with function.lock:
            function.in_flight -= 1
        usual = {"X-Daybreak-Batch": batch, "X-Daybreak-Region": REGION, "X-Daybreak-Read-Ms": "80",
                 "X-Daybreak-Billed-Ms": "100", "X-Daybreak-Cold": "0"} if (status or 200) == 200 else {}
        with contextlib.suppress(OSError):
            self.give(status or 200, {**usual, **(headers or {})}, sealed_to(batch) if answer is None else answer)

    def note(self, body):
        with self.server.lock:
            self.server.requests.append({"path": self.path, "headers": self.headers, "body": body})

    def give(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def refusal(status, code, **headers):
    return (status, {"Content-Type": "application/json", **{n.replace("_", "-"): v for n, v in headers.items()}},
            json.dumps({"error": {"code": code, "sentence": f"the test says {code}"}}).encode())


class AgentTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.function = Function()
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.region = cls.stack.enter_context(Region(functions=0, upstream=cls.function.port))
        der = subprocess.run(["openssl", "pkey", "-pubin", "-in", cls.region.function_public, "-outform", "DER"],
                             capture_output=True, check=True).stdout
        cls.key_digest = hashlib.sha256(der).digest()

    def sealed(self, batch, size=2000):
        """What a question looks like to who cannot open it."""
        return b"DBRQ\x01\x00" + bytes.fromhex(batch) + self.key_digest + os.urandom(size)

    def setUp(self):
        self.function.reset()
        self.agent = None

    def tearDown(self):
        if self.agent and self.agent.alive():
            self.agent.stop()

    def start(self, endpoint=None, ready=True, region=None, **members):
        region = region or self.region
        members.setdefault("endpoint", {"slots": 4, **(endpoint or {})})
        self.agent = region.agent(cloud=region.cloud(**members))
        if ready:
            self.wait_for_state("ready")

    def status(self):
        return self.region.ask({"what": "status"})

    def endpoint(self):
        return self.status()["endpoints"][0]

    def wait_for_state(self, state):
        wait_for(f"the endpoint to be {state}", lambda: self.endpoint()["state"] == state, 30)

    def open(self, body=None, batch=None, size=2000, **text):
        """A SEND under way: the connection."""
        connection = slot_connect(self.region.socket, 60)
        self.addCleanup(connection.close)
        batch = batch or os.urandom(16).hex()
        text = {"batch": batch, "endpoint": ENDPOINT, "cuts": 64, "why": "spill", **text}
        slot_send(connection, SLOT_SEND, text, self.sealed(batch, size) if body is None else body)
        return connection

    def send(self, body=None, batch=None, **text):
        return slot_receive(self.open(body, batch, **text))

    def failed(self, blame, code, **text):
        kind, answer, _ = self.send(**text)
        self.assertEqual((kind, answer["blame"], answer["code"]), (SLOT_FAILED, blame, code), answer)
        self.assertTrue(answer["sentence"])
        return answer

    def rows(self, query, *values):
        with contextlib.closing(sqlite3.connect(self.agent.data / "ledger.db", timeout=20)) as ledger:
            return ledger.execute(query, values).fetchall()

    def events(self, name):
        return [e for e in self.region.ask({"what": "events"})["events"] if e["id"] == name]

    # What goes well

    def test_a_batch_is_answered_and_booked(self):
        self.start()
        seen = []
        # What the ledger said while the function was still at work.
        self.function.before_answer = lambda batch: seen.extend(
            self.rows("SELECT digest, outcome, bytes FROM egress WHERE batch = ?", batch))
        batch = os.urandom(16).hex()
        body = self.sealed(batch, 300_000)
        kind, answer, sealed = self.send(body, batch)
        self.assertEqual((kind, sealed), (SLOT_ANSWER, sealed_to(batch)))
        cost = round((0.1 * 1769 / 1024 * 0.0000166667 + 0.0000002) * NANO)
        self.assertEqual([answer[n] for n in ("batch", "endpoint", "attempts", "read_ms", "billed_ms", "cold", "cost_nano")],
                         [batch, ENDPOINT, 1, 80, 100, False, cost])
        self.assertGreaterEqual(answer["bytes_out"], len(body))
        self.assertEqual(seen, [(hashlib.sha256(body).digest(), None, len(body))])
        request = self.function.batches()[0]
        self.assertEqual(request["body"], body)
        self.assertEqual(request["headers"]["X-Daybreak-Digest"], hashlib.sha256(body).hexdigest())
        self.assertEqual(request["headers"]["Content-Type"], "application/octet-stream")
        self.assertEqual(request["headers"]["X-Client-Subject"], "CN=clinic-7f3a,O=Daybreak site")
        # The books say the same.
        egress = self.region.ask({"what": "egress", "class": "sealed-batch"})
        self.assertEqual(egress["total"]["rows"], 1)
        self.assertEqual((egress["rows"][0]["outcome"], egress["rows"][0]["why"]), ("answered 200", "spill"))
        self.assertEqual(egress["rows"][0]["sent"], answer["bytes_out"])
        self.assertEqual(self.region.ask({"what": "costs"})["today_nano"], cost)
        self.assertEqual(self.region.ask({"what": "invocations"})["total"]["cuts"], 64)
        status = self.status()
        self.assertEqual(status["budget"]["spent_today_nano"], cost)
        self.assertEqual(status["endpoints"][0]["reader"], {"label": "test", "digest": "ab" * 32})
        self.assertIsNotNone(status["endpoints"][0]["server_not_after"])
        self.assertEqual(status["certificate"]["state"], "valid")

    def test_no_more_in_flight_than_slots_and_all_on_one_connection(self):
        wire = Wire()
        self.addCleanup(wire.server_close)
        self.addCleanup(wire.shutdown)
        wire.target = self.region.gateway.port
        self.start({"slots": 3, "url": f"https://127.0.0.1:{wire.port}"})
        self.function.hold_s = 0.2
        connections = [self.open() for _ in range(9)]
        self.assertEqual([slot_receive(c)[0] for c in connections], [SLOT_ANSWER] * 9)
        self.assertEqual(self.function.most, 3)
        self.assertEqual(wire.opened, 1)

    def test_the_uplink_is_capped(self):
        self.start(uplink=[{"days": "mon-sun", "from": "00:00", "to": "24:00", "mbit": 8}])
        began = time.monotonic()
        connections = [self.open(size=750_000) for _ in range(2)]
        self.assertEqual([slot_receive(c)[0] for c in connections], [SLOT_ANSWER] * 2)
        took = time.monotonic() - began
        # 1.5 MB at 1 MB a second, of which a quarter may have been saved up.
        self.assertGreater(took, 1.2)
        self.assertLess(took, 10)
        self.assertEqual(self.status()["uplink"]["bytes_s"], 1e6)

    def test_a_gateway_that_speaks_http_1(self):
        configuration = self.region.folder / "gateway/nginx.conf"
        kept = configuration.read_text()

        def configure(text):
            configuration.write_text(text)
            self.region.gateway.stop()
            self.region.gateway.start()

        self.addCleanup(configure, kept)
        configure("\n".join(line for line in kept.replace("ssl http2;", "ssl;").splitlines() if "http2" not in line))
        self.start({"slots": 3}, uplink=[{"days": "mon-sun", "from": "00:00", "to": "24:00", "mbit": 40}])
        self.function.hold_s = 1
        connections = [self.open(size=400_000) for _ in range(6)]
        self.assertEqual([slot_receive(c)[0] for c in connections], [SLOT_ANSWER] * 6)
        self.assertEqual(self.function.most, 3)
        self.assertEqual({len(r["body"]) for r in self.function.batches()}, {400_054})

    # What is tried again

    def test_tries_again_until_it_is_answered(self):
        self.start()
        other = os.urandom(16).hex()
        self.function.script = [refusal(500, "internal"), refusal(503, "unavailable"), refusal(422, "damaged")]
        began = time.monotonic()
        kind, answer, _ = self.send()
        self.assertEqual((kind, answer["attempts"]), (SLOT_ANSWER, 4))
        self.assertGreater(time.monotonic() - began, 0.1 + 0.2 + 0.4)
        # The same batch under the same key each time: who answers twice answers the same.
        self.assertEqual(len({r["headers"]["Idempotency-Key"] for r in self.function.batches()}), 1)
        # HTTP 200 is not an answer unless it is one to this batch.
        self.function.script = [(200, {"X-Daybreak-Batch": other}, None), (200, None, sealed_to(other)),
                                (200, None, b"<html>all is well</html>")]
        kind, answer, _ = self.send()
        self.assertEqual((kind, answer["attempts"]), (SLOT_ANSWER, 4))
        invocations = self.region.ask({"what": "invocations"})
        self.assertEqual([invocations["total"][n] for n in ("invocations", "errors", "retries")], [8, 6, 6])
        self.assertEqual({f["code"] for f in invocations["failures"]}, {"internal", "unavailable", "damaged"})

    def test_retry_after_is_honoured(self):
        self.start()
        self.function.script = [refusal(429, "too-many", Retry_After="2")]
        began = time.monotonic()
        self.assertEqual(self.send()[1]["attempts"], 2)
        self.assertGreaterEqual(time.monotonic() - began, 2)
        # Longer than the batch may wait: the box hears of it at once.
        self.function.script = [refusal(429, "too-many", Retry_After="40")]
        began = time.monotonic()
        self.assertEqual(self.failed("endpoint", "too-many", limit_ms=5000)["retry_after_ms"], 40000)
        self.assertLess(time.monotonic() - began, 4)
        total = self.region.ask({"what": "invocations"})["total"]
        self.assertEqual((total["throttles"], total["errors"]), (2, 0))
        self.assertEqual(self.endpoint()["errors_in_row"], 0)

    def test_a_bad_batch_is_not_tried_for_ever(self):
        self.start()
        for status, code, tries in ((400, "bad-input", 1), (413, "too-large", 1), (422, "damaged", 2)):
            self.function.script = [refusal(status, code)] * 4
            answer = self.failed("batch", code)
            self.assertEqual((answer["attempts"], answer["sentence"]), (tries, f"the test says {code}"))
        self.assertEqual(self.endpoint()["state"], "ready")

    def test_an_endpoint_that_fails_is_left_alone_and_comes_back(self):
        self.start()
        self.function.script = [refusal(500, "internal")] * 5
        self.assertEqual(self.failed("endpoint", "internal")["attempts"], 4)
        answer = self.failed("endpoint", "internal")
        # The fifth failure in a row opened the breaker.
        self.assertEqual(answer["attempts"], 1)
        self.assertEqual(self.endpoint()["state"], "open")
        began = time.monotonic()
        self.assertGreater(self.failed("endpoint", "unavailable")["retry_after_ms"], 0)
        self.assertLess(time.monotonic() - began, 0.4)
        self.wait_for_state("ready")
        self.assertEqual(self.send()[0], SLOT_ANSWER)
        self.assertEqual(len(self.events("sync.endpoint-down")), 1)

    def test_every_batch_ends_within_its_limit(self):
        self.start()
        self.function.hold_s = 30
        began = time.monotonic()
        self.assertIn("within", self.failed("endpoint", "unavailable", limit_ms=1500)["sentence"])
        self.assertLess(time.monotonic() - began, 4)
        # It may have been read, and paid for, all the same.
        billed, = self.rows("SELECT billed_ms FROM invocations")
        self.assertGreaterEqual(billed[0], 1000)

    # What is refused

    def test_regions_that_the_clinic_does_not_allow(self):
        self.start(ready=False, regions=["eu-west-3"])
        self.assertIn("not one of the clinic's regions", self.failed("policy", "forbidden")["sentence"])
        self.assertEqual((self.endpoint()["state"], self.endpoint()["allowed"]), ("refused", False))
        self.assertEqual(len(self.events("sync.region-refused")), 1)
        self.assertEqual(self.rows("SELECT count(*) FROM egress"), [(0,)])

    def test_an_endpoint_that_is_elsewhere(self):
        self.function.region = "us-east-1"
        self.start(ready=False)
        self.wait_for_state("refused")
        self.assertIn("us-east-1", self.failed("policy", "forbidden")["sentence"])
        self.assertEqual(self.function.batches(), [])
        self.assertEqual(len(self.events("sync.region-refused")), 1)
        # It is asked again, and believed when it says something else.
        self.function.region = REGION
        self.wait_for_state("ready")
        # Nor may an answer come from elsewhere.
        self.function.script = [(200, {"X-Daybreak-Region": "us-east-1"}, None)]
        self.assertIn("us-east-1", self.failed("policy", "forbidden")["sentence"])

    def test_never_over_the_budget(self):
        self.start(budget={"day": 0.0003, "month": 20.0})
        # What a batch may cost at most is 88 microdollars until one has been seen: three at a time.
        self.function.hold_s = 0.3
        kinds = [slot_receive(c)[0] for c in [self.open() for _ in range(4)]]
        self.assertEqual(sorted(kinds), [SLOT_ANSWER] * 3 + [SLOT_FAILED])
        self.function.hold_s = 0
        while self.send()[0] == SLOT_ANSWER:
            pass
        answer = self.failed("policy", "forbidden")
        self.assertIn("budget of the day", answer["sentence"])
        self.assertLessEqual(self.region.ask({"what": "costs"})["today_nano"], 300_000)
        self.assertLessEqual(len(self.events("sync.budget-reached")), 2)

    def test_what_cannot_be_written_down_does_not_leave(self):
        self.start()
        with contextlib.closing(sqlite3.connect(self.agent.data / "ledger.db")) as ledger:
            ledger.execute("ALTER TABLE egress RENAME TO elsewhere")
            ledger.commit()
        self.assertIn("egress ledger", self.failed("policy", "database")["sentence"])
        self.assertEqual(self.function.batches(), [])

    def test_what_is_not_sealed_to_the_endpoint_does_not_leave(self):
        self.start()
        batch = os.urandom(16).hex()
        right = self.sealed(batch)
        for body, code in ((b"", "damaged"), (b"pixels" * 1000, "damaged"), (right[:100], "damaged"),
                           (self.sealed(os.urandom(16).hex()), "conflict"),
                           (right[:22] + os.urandom(32) + right[54:], "not-found")):
            self.assertIn("does not leave", self.failed("policy", code, body=body, batch=batch)["sentence"])
        self.assertEqual(self.function.batches(), [])
        self.assertEqual(self.rows("SELECT count(*) FROM egress WHERE class = 'sealed-batch'"), [(0,)])

    def test_throttled_one_at_a_time_it_is_left_in_peace(self):
        self.start({"slots": 1})
        self.function.script = [refusal(429, "too-many", Retry_After="2")]
        connections = [self.open() for _ in range(3)]
        began = time.monotonic()
        wait_for("the throttling", lambda: self.endpoint()["retry_after_ms"] > 0, 20)
        self.assertEqual([slot_receive(c)[0] for c in connections], [SLOT_ANSWER] * 3)
        self.assertGreater(time.monotonic() - began, 1.5)
        # Nobody asked in the meantime.
        self.assertEqual(len(self.function.batches()), 4)

    def test_the_configuration_can_be_checked(self):
        agent = self.region.agent(cloud=self.region.cloud(), start=False)
        self.assertIn(f"in {REGION}\n", run("daybreak-sync", "check", "--config", agent.config).stdout)
        agent = self.region.agent(cloud=self.region.cloud(regions=["eu-west-3"]), start=False)
        done = run("daybreak-sync", "check", "--config", agent.config, check=False)
        self.assertEqual((done.returncode, done.stdout.count("refused")), (1, 1))
        agent = self.region.agent(cloud=self.region.cloud(budget={"day": 2.0}), start=False)
        self.assertEqual(run("daybreak-sync", "run", "--config", agent.config, check=False).returncode, 1)
        done = run("daybreak-sync", "check", "--config", agent.config, check=False)
        self.assertIn("month", done.stderr)
        # The file that is shipped says what is so without it.
        shipped = (ROOT / "packaging/daybreak-sync.conf").read_text()
        self.assertEqual(re.findall(r"^#(\w+) = /", shipped, re.M), re.findall(r"^(\w+) = /", agent.config.read_text(), re.M))

    def test_senseless_questions(self):
        self.start()
        self.failed("policy", "not-found", endpoint="nowhere")
        self.failed("policy", "bad-input", batch="zz", body=b"")
        self.assertEqual(self.region.ask({"what": "gossip"})["error"]["code"], "bad-input")

    # Certificates

    def test_a_certificate_is_taken_over_without_a_restart(self):
        self.start()
        self.send()
        old = self.function.batches()[-1]["headers"]["X-Client-Serial"]
        certificate, key = self.region.authority.issue(self.region.site)
        # The key first: whoever looks in between finds the old certificate, which it has taken already.
        for source, name in ((key, "key.pem"), (certificate, "certificate.pem")):
            shutil.copy(source, self.agent.data / "new")
            os.replace(self.agent.data / "new", self.agent.data / name)
        wait_for("the new certificate", lambda: len(self.events("sync.certificate-taken")) == 2, 20)
        self.send()
        self.assertNotEqual(self.function.batches()[-1]["headers"]["X-Client-Serial"], old)

    def test_without_a_certificate_nothing_leaves(self):
        self.agent = self.region.agent(cloud=self.region.cloud(), start=False)
        for name in ("certificate.pem", "key.pem"):
            os.rename(self.agent.data / name, self.agent.data / f"kept-{name}")
        self.agent.start()
        self.assertIn("no certificate", self.failed("policy", "forbidden")["sentence"])
        self.assertIn("no certificate", self.endpoint()["reason"])
        for name in ("key.pem", "certificate.pem"):
            os.rename(self.agent.data / f"kept-{name}", self.agent.data / name)
        self.wait_for_state("ready")
        self.assertEqual(self.send()[0], SLOT_ANSWER)

    # Ends

    def test_who_hangs_up_takes_the_batch_back(self):
        self.start()
        self.function.hold_s = 5
        connection = self.open()
        wait_for("the batch to be there", lambda: self.function.batches(), 20)
        connection.close()
        wait_for("the batch to be taken back", lambda: self.endpoint()["in_flight"] == 0, 20)
        row, = self.region.ask({"what": "egress", "class": "sealed-batch"})["rows"]
        self.assertEqual(row["outcome"], "cancelled")
        self.assertEqual(self.rows("SELECT code FROM invocations"), [("unavailable",)])

    def test_what_was_on_its_way_when_it_was_killed_is_on_the_record(self):
        self.start()
        self.function.hold_s = 2
        self.open()
        wait_for("the batch to be there", lambda: self.function.batches(), 20)
        self.agent.kill()
        self.assertEqual(self.rows("SELECT outcome FROM egress WHERE class = 'sealed-batch'"), [(None,)])
        self.agent.start()
        self.assertEqual(self.rows("SELECT outcome FROM egress WHERE class = 'sealed-batch'"), [("unknown",)])
        cost, = self.rows("SELECT cost_nano FROM invocations")
        self.assertGreater(cost[0], 0)
        self.assertEqual(self.status()["budget"]["spent_today_nano"], cost[0])
        self.assertEqual(len(self.events("sync.recovered")), 1)
        self.function.hold_s = 0
        self.assertEqual(self.send()[0], SLOT_ANSWER)

    def test_stops_when_asked_to(self):
        self.start()
        self.function.hold_s = 30
        connection = self.open()
        wait_for("the batch to be there", lambda: self.function.batches(), 20)
        began = time.monotonic()
        self.agent.stop()
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(self.agent.process.returncode if self.agent.process else 0, 0)
        with self.assertRaises(ConnectionError):
            slot_receive(connection)
        self.assertEqual(self.rows("SELECT outcome FROM egress WHERE class = 'sealed-batch'"), [("cancelled",)])

    def test_one_agent_on_a_socket(self):
        self.start()
        second = self.region.agent(cloud=self.region.cloud(), start=False)
        second.socket = None
        with contextlib.suppress(AssertionError):
            super(type(second), second).start()
        wait_for("the second agent to end", lambda: not second.alive(), 20)
        self.assertIn("another agent answers", second.tail())
        self.assertEqual(self.send()[0], SLOT_ANSWER)


if __name__ == "__main__":
    unittest.main()
