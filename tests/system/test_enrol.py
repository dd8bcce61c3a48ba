#!/usr/bin/env python3
"""How a box comes by its certificate, keeps it and loses it: packaging/cloud/RUNBOOK.md step by step, with the real
authority behind the real gateway, the agent and a function. openssl looks at every certificate and list besides."""
import hashlib
import json
import os
import pathlib
import random
import subprocess
import tempfile
import threading
import time
import unittest

from programs import free_port, program, run
from region import ENDPOINT, GATEWAY_SECRET, REGION, SITE, SLOT_ANSWER, SLOT_FAILED, SLOT_SEND, Agent, Region, Served, openssl
from region import slot_ask, slot_connect, slot_receive, slot_send, wait_for

WAITING = 3  # exit status of daybreak-sync enrol


class Files:
    """What Region needs of an authority: where its files are."""

    def __init__(self, folder):
        self.folder, self.certificate = folder, folder / "ca.pem"


class SelfHosted(Region):
    """A region whose certificates come from daybreak-authority."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="daybreak-enrol-"))
        self.site, self.name, self.wire, self.faults, self.upstream = SITE, REGION, None, None, None
        self.programs, self.daemons, self.clouds, self.boxes = [], [], 0, 0
        self.authority = Files(self.folder / "authority")
        self.office("init", "--name", "Test region")
        self.office("gateway", "--name", "localhost", "--name", "127.0.0.1", "--out", self.folder / "tls")
        self.certificate, self.key = self.folder / "tls/certificate.pem", self.folder / "tls/key.pem"
        run("daybreak-function", "key", "--out", self.folder / "function.pem")
        self.function_key, self.function_public = self.folder / "function.pem", self.folder / "function.public.pem"
        self.functions = [self.make_function("daybreak-function", 0, 1, {"DAYBREAK_SITES": "*"})]
        self.server = self.make_authority()
        self.gateway = self.make_gateway(1000)
        self.port = self.gateway.port
        self.url = f"https://localhost:{self.port}"
        self.socket = self.folder / "sync.sock"

    def __enter__(self):
        self.server.start()
        return super().__enter__()

    def office(self, *arguments, **options):
        """A command of daybreak-authority."""
        return run("daybreak-authority", arguments[0], "--folder", self.authority.folder, *arguments[1:], **options).stdout

    def books(self):
        return json.loads(self.office("list", "--json"))

    def make_authority(self):
        port = free_port()
        server = Served("authority", port, [program("daybreak-authority"), "serve", "--folder", self.authority.folder,
                                                     "--gateway-pid", self.folder / "gateway/nginx.pid"],
                        self.folder / "authority.log",
                        environment={**os.environ, "PORT": str(port), "DAYBREAK_GATEWAY_SECRET": GATEWAY_SECRET})
        self.programs.append(server)
        return server

    def make_gateway(self, requests):
        gateway = super().make_gateway(requests)
        configuration = self.folder / "gateway/nginx.conf"
        configuration.write_text(configuration.read_text().replace("127.0.0.1:9;", f"127.0.0.1:{self.server.port};"))
        return gateway

    def box(self, site=SITE):
        """A box that has nothing yet: its agent, not started."""
        self.boxes += 1
        folder = self.folder / f"box-{self.boxes}"
        socket, config = folder.with_suffix(".sock"), folder.with_suffix(".conf")
        cloud = self.cloud(site=site, authority={"url": self.url, "ca": str(self.authority.certificate)})
        config.write_text(f"folder = {folder}\nsocket = {socket}\ncloud = {cloud}\n")
        agent = Agent("daybreak-sync", [program("daybreak-sync"), "run", "--config", config], folder.with_suffix(".log"))
        agent.socket, agent.config, agent.data = socket, config, folder
        self.programs.append(agent)
        return agent


def sync(box, command, *arguments, check=False):
    return run("daybreak-sync", command, "--config", box.config, *arguments, check=check)


def fingerprint_of(key):
    return hashlib.sha256(subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], check=True,
                                         capture_output=True).stdout).hexdigest()


def serial_of(certificate):
    return openssl("x509", "-in", certificate, "-noout", "-serial").strip().removeprefix("serial=")


def status(box):
    return slot_ask(box.socket, {"what": "status"})


def endpoint(box):
    return status(box)["endpoints"][0]


def is_ready(box):
    return endpoint(box)["state"] == "ready"


def late_certificate(box):
    certificate = status(box)["certificate"]
    return certificate if "does not answer" in certificate["reason"] else None


class Enrolment(unittest.TestCase):
    """In the order of a box's life; the region is one for all."""

    @classmethod
    def setUpClass(cls):
        cls.region = SelfHosted()
        cls.region.__enter__()
        cls.addClassCleanup(cls.region.__exit__, None, None, None)

    def enrol(self, box, *approve, site=SITE):
        """Asks and is approved; the certificate is not fetched yet."""
        asked = sync(box, "enrol")
        self.assertEqual(asked.returncode, WAITING, asked.stderr)
        fingerprint = fingerprint_of(box.data / "next-key.pem")
        self.assertIn(fingerprint, asked.stdout)
        self.region.office("approve", fingerprint, "--site", site, *approve)

    def send(self, box):
        """(kind, text) of the answer to a batch."""
        folder = self.region.folder / "batch"
        if not folder.exists():
            folder.mkdir()
            run("sealed-batch", "make", self.region.function_public, folder, "--cuts", 2)
        question = (folder / "question").read_bytes()
        with slot_connect(box.socket, 60) as connection:
            slot_send(connection, SLOT_SEND, {"batch": question[6:22].hex(), "endpoint": ENDPOINT, "cuts": 2, "why": "spill",
                                              "limit_ms": 20000}, question)
            return slot_receive(connection)[:2]

    def refused(self, box):
        """Why a batch is refused; None when it is answered."""
        kind, answer = self.send(box)
        return answer["sentence"] if kind == SLOT_FAILED else None

    def test_1_a_box_asks_waits_and_is_let_in(self):
        region, box = self.region, self.region.box()
        box.start()
        self.assertEqual(status(box)["certificate"]["state"], "none")
        asked = sync(box, "enrol")
        self.assertEqual(asked.returncode, WAITING, asked.stderr)
        fingerprint = fingerprint_of(box.data / "next-key.pem")
        self.assertIn(fingerprint, asked.stdout)
        self.assertEqual([(r["fingerprint"], r["site"], r["state"]) for r in region.books()["requests"]],
                         [(fingerprint, SITE, "waiting")])
        certificate = status(box)["certificate"]
        self.assertEqual((certificate["state"], certificate["fingerprint"]), ("waiting", fingerprint))
        wrong = subprocess.run([program("daybreak-authority"), "approve", "--folder", region.authority.folder, fingerprint,
                                "--site", "clinic-other"], capture_output=True, text=True)
        self.assertIn(f"the request is for {SITE}, not for clinic-other", wrong.stderr)
        # Asked again, the same key waits on; the agent polls by itself.
        self.assertEqual(sync(box, "enrol").returncode, WAITING)
        self.assertEqual(len(region.books()["requests"]), 1)
        region.office("approve", fingerprint, "--site", SITE)
        wait_for("the first certificate", lambda: is_ready(box), 40)
        certificate = status(box)["certificate"]
        self.assertEqual((certificate["state"], certificate["subject"], certificate["fingerprint"]),
                         ("valid", f"CN={SITE},O=Daybreak site", fingerprint))
        self.assertEqual(certificate["serial"], serial_of(box.data / "certificate.pem"))
        self.assertEqual((box.data / "key.pem").stat().st_mode & 0o777, 0o600)
        self.assertEqual(box.data.stat().st_mode & 0o777, 0o700)
        self.assertFalse((box.data / "next-key.pem").exists() or (box.data / "enrolment.json").exists())
        openssl("verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", region.authority.certificate,
                box.data / "certificate.pem")
        openssl("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", region.authority.certificate,
                region.certificate)
        rows = slot_ask(box.socket, {"what": "egress", "class": "enrolment", "limit": 100})["rows"]
        self.assertTrue(rows and all(row["endpoint"] == "authority" for row in rows), rows)
        done = sync(box, "enrol")
        self.assertEqual(done.returncode, 0)
        self.assertIn(certificate["serial"], done.stdout)
        type(self).settled = box

    def test_2_rotated_by_hand_without_a_restart(self):
        box, before = self.settled, serial_of(self.settled.data / "certificate.pem")
        key = (box.data / "key.pem").read_text()
        done = sync(box, "rotate")
        self.assertEqual(done.returncode, 0, done.stderr)
        after = serial_of(box.data / "certificate.pem")
        self.assertNotEqual(before, after)
        self.assertNotEqual((box.data / "key.pem").read_text(), key)
        self.assertIn(after, done.stdout)
        log = self.region.folder / "gateway/access.log"
        wait_for("a request under the new certificate",
                 lambda: any(after in line and "/v1/version" in line for line in log.read_text().splitlines()), 30)
        self.assertTrue(is_ready(box))
        self.assertEqual(self.send(box)[0], SLOT_ANSWER)
        valid = [c["serial"] for c in self.region.books()["certificates"] if c["use"] == "site" and c["state"] == "valid"]
        self.assertEqual(sorted(valid), sorted([before, after]))

    def test_3_rotating_loses_no_batch(self):
        """Batches go on while the certificate and the gateway's list change under them."""
        box, results, stop = self.settled, [], threading.Event()

        def ask_on():
            while not stop.is_set():
                results.append(self.send(box))
        asking = threading.Thread(target=ask_on)
        asking.start()
        try:
            for change in (lambda: sync(box, "rotate", check=True), lambda: self.region.office("crl"),
                           lambda: sync(box, "rotate", check=True)):
                count = len(results)
                wait_for("batches", lambda: len(results) >= count + 5, 60)
                change()
            count = len(results)
            wait_for("batches after it", lambda: len(results) >= count + 10, 60)
        finally:
            stop.set()
            asking.join()
        self.assertEqual([answer for kind, answer in results if kind != SLOT_ANSWER], [])

    def test_4_killed_while_rotating(self):
        """kill -9 at any moment leaves a whole pair, and the next attempt goes on."""
        box, chance = self.region.box("clinic-killed"), random.Random(5)
        self.enrol(box, site="clinic-killed")
        self.assertEqual(sync(box, "enrol").returncode, 0)
        box.start()
        wait_for("the first check", lambda: is_ready(box), 30)
        # Each may have come to its end: the authority lets a site have eight certificates at a time.
        for _ in range(6):
            process = subprocess.Popen([program("daybreak-sync"), "rotate", "--config", box.config], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0, 0.06))
            process.kill()
            process.wait()
            self.assertIn(status(box)["certificate"]["state"], ("valid", "refused"))
        done = sync(box, "rotate")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(status(box)["certificate"]["state"], "valid")
        public = openssl("x509", "-in", box.data / "certificate.pem", "-noout", "-pubkey")
        self.assertEqual(public, openssl("pkey", "-in", box.data / "key.pem", "-pubout"))
        self.assertEqual(self.send(box)[0], SLOT_ANSWER)
        box.stop()

    def test_5_rotates_by_itself_before_the_end(self):
        region, box = self.region, self.region.box("clinic-short")
        self.enrol(box, "--valid", "15s", site="clinic-short")
        self.assertEqual(sync(box, "enrol").returncode, 0)
        first = serial_of(box.data / "certificate.pem")
        box.start()
        wait_for("a renewal", lambda: serial_of(box.data / "certificate.pem") != first, 30)
        second = serial_of(box.data / "certificate.pem")
        wait_for("another renewal", lambda: serial_of(box.data / "certificate.pem") != second, 30)
        self.assertTrue(is_ready(box))
        # The certificate is in place a moment before its renewal is told.
        wait_for("both renewals to be told", lambda: [event["id"] for event in slot_ask(
            box.socket, {"what": "events", "limit": 100})["events"]].count("sync.certificate-renewed") >= 2, 30)
        # The authority is away: said, tried again, and then it is well again.
        region.server.stop()
        late = wait_for("a failing renewal", lambda: late_certificate(box), 30)
        self.assertEqual(late["state"], "expiring")
        self.assertIn("the authority behind the gateway does not answer", late["reason"])
        region.server.start()
        wait_for("a renewal after all", lambda: status(box)["certificate"]["state"] == "valid", 30)
        # Nobody renews any more: it ends, and the box says so.
        region.server.stop()
        wait_for("the end", lambda: status(box)["certificate"]["state"] == "expired", 60)
        self.assertIn("daybreak-sync enrol", status(box)["certificate"]["next"])
        region.server.start()
        refused = sync(box, "rotate")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("the client certificate has expired", refused.stderr)
        self.enrol(box, site="clinic-short")
        wait_for("to be let in again", lambda: is_ready(box), 40)
        box.stop()

    def test_6_denied(self):
        region, box = self.region, self.region.box("clinic-denied")
        self.assertEqual(sync(box, "enrol").returncode, WAITING)
        fingerprint = fingerprint_of(box.data / "next-key.pem")
        region.office("deny", fingerprint)
        denied = sync(box, "enrol")
        self.assertEqual(denied.returncode, 1)
        self.assertIn("the administrator of the authority denied this request", denied.stderr)
        box.start()
        self.assertEqual(status(box)["certificate"]["state"], "refused")
        box.stop()
        # A new key may ask anew.
        self.assertEqual(sync(box, "enrol").returncode, WAITING)
        self.assertNotEqual(fingerprint_of(box.data / "next-key.pem"), fingerprint)

    def test_7_revoked(self):
        region, box = self.region, self.settled
        self.assertIn("certificates taken back", region.office("revoke", "--site", SITE))
        crl = region.authority.folder / "crl.pem"
        openssl("crl", "-in", crl, "-noout", "-CAfile", region.authority.certificate)
        checked = subprocess.run(["openssl", "verify", "-CAfile", region.authority.certificate, "-CRLfile", crl, "-crl_check",
                                  box.data / "certificate.pem"], capture_output=True, text=True)
        self.assertIn("certificate revoked", checked.stderr)
        # It counts at the authority at once, and at the gateway as soon as that has taken up the list.
        self.assertIn("revoked", sync(box, "rotate").stderr)
        wait_for("the gateway's list", lambda: "the client certificate was revoked" in sync(box, "rotate").stderr, 20)
        # The agent had a connection open from before: that ends too.
        sentence = wait_for("a refused batch", lambda: self.refused(box), 60)
        self.assertIn("the client certificate was revoked", sentence)
        wait_for("the refusal", lambda: endpoint(box)["state"] == "refused", 30)
        self.assertIn("the client certificate was revoked", endpoint(box)["reason"])
        self.assertEqual(status(box)["certificate"]["state"], "revoked")
        # The administrator lets the box in again, with a new key.
        asked = sync(box, "enrol", "--again")
        self.assertEqual(asked.returncode, WAITING, asked.stderr)
        fingerprint = fingerprint_of(box.data / "next-key.pem")
        self.assertEqual(status(box)["certificate"]["fingerprint"], fingerprint)
        region.office("approve", fingerprint, "--site", SITE)
        wait_for("to be let in again", lambda: is_ready(box), 40)
        self.assertEqual(status(box)["certificate"]["state"], "valid")

    def test_8_the_authority_answers_only_what_it_should(self):
        region = self.region
        port = region.server.port

        def ask(*arguments):
            done = subprocess.run(["curl", "-sS", "--max-time", "20", "-w", "\n%{http_code}", *map(str, arguments)],
                                  capture_output=True, text=True, check=True)
            body, code = done.stdout.rsplit("\n", 1)
            return int(code), body
        ca = ("--cacert", region.authority.certificate)
        gateway = region.url
        self.assertIn("only the gateway", ask(f"http://127.0.0.1:{port}/v1/crl")[1])
        self.assertEqual(ask(*ca, f"{gateway}/v1/crl")[0], 200)
        self.assertIn("BEGIN X509 CRL", ask(*ca, f"{gateway}/v1/crl")[1])
        self.assertEqual(ask(*ca, "--data-binary", "nonsense", f"{gateway}/v1/enrol")[0], 422)
        self.assertEqual(ask(*ca, "--data-binary", "x" * 20000, f"{gateway}/v1/enrol")[0], 413)
        self.assertEqual(ask(*ca, f"{gateway}/v1/enrol/{'0' * 64}")[0], 404)
        self.assertEqual(ask(*ca, f"{gateway}/v1/enrol")[0], 405)
        # A client cannot say who it is by a header; renewing without a certificate is refused at the door.
        code, body = ask(*ca, "-H", "X-Client-Verify: SUCCESS", "-H", f"X-Client-Subject: CN={SITE},O=Daybreak site",
                         "--data-binary", "x", f"{gateway}/v1/renew")
        self.assertEqual((code, json.loads(body)["error"]["reason"]), (403, "no-certificate"))
        # A box may not renew as another site.
        box = self.settled
        key, request = region.folder / "other.pem", region.folder / "other.csr"
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        openssl("req", "-new", "-key", key, "-subj", "/O=Daybreak site/CN=clinic-other", "-out", request)
        code, body = ask(*ca, "--cert", box.data / "certificate.pem", "--key", box.data / "key.pem", "--data-binary",
                         f"@{request}", f"{gateway}/v1/renew")
        self.assertEqual(code, 403)
        self.assertIn("the request is for clinic-other", body)
        # Another curve is none of ours.
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", key)
        openssl("req", "-new", "-key", key, "-subj", "/O=Daybreak site/CN=clinic-other", "-out", request)
        self.assertEqual(ask(*ca, "--data-binary", f"@{request}", f"{gateway}/v1/enrol")[0], 415)


if __name__ == "__main__":
    unittest.main(verbosity=2)
