#!/usr/bin/env python3
"""Who is kept out, and how it is said: clients that the gateway or the function refuse, servers and regions that the box
refuses. Each through the real agent, which reports the sentence and sends no batch; the clients by curl as well, so that
nothing rests on the agent's good will. Certificates are openssl's."""
import json
import shutil
import subprocess
import tempfile
import unittest

from programs import run
from region import ENDPOINT, REGION, SITE, Authority, Region, slot_connect, slot_receive, slot_send, wait_for
from region import SLOT_ANSWER, SLOT_FAILED, SLOT_SEND

SENTENCES = set()  # of the refusals, each its own


class MutualTls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.region = Region(functions=1)
        cls.region.__enter__()
        cls.addClassCleanup(cls.region.__exit__, None, None, None)
        cls.other = Authority(cls.region.folder / "other", "Other authority")
        batch = cls.region.folder / "batch"
        batch.mkdir()
        made = run("sealed-batch", "make", cls.region.function_public, batch, "--cuts", 2)
        cls.batch, cls.question = json.loads(made.stdout), (batch / "question").read_bytes()

    def agent(self, identity=None, cloud=None):
        agent = self.region.agent(cloud, identity, start=False)
        self.addCleanup(lambda: agent.process and agent.kill())
        return agent

    def send(self):
        """(kind, text) of the answer to a batch."""
        with slot_connect(self.region.socket, 60) as connection:
            slot_send(connection, SLOT_SEND, {"batch": self.batch["batch"], "endpoint": ENDPOINT, "cuts": 2, "why": "spill",
                                              "limit_ms": 20000}, self.question)
            return slot_receive(connection)[:2]

    def refused(self, sentence, agent, blame=("policy", "endpoint")):
        """Starts the agent: its batch must fail with that sentence, and must not leave. What status says."""
        agent.start()
        kind, text = self.send()
        self.assertEqual(kind, SLOT_FAILED, text)
        self.assertIn(sentence, text["sentence"])
        self.assertIn(text["blame"], blame)
        status = self.region.ask({"what": "status"})
        rows = self.region.ask({"what": "egress", "class": "sealed-batch", "limit": 10})["rows"]
        self.assertEqual(rows, [], "no batch leaves")
        self.assertNotEqual(status["endpoints"][0]["state"], "ready")
        self.assertNotIn(sentence, SENTENCES, "each has its own")
        SENTENCES.add(sentence)
        return status

    def curl(self, identity=None, path="/v1/read", *more):
        """(status, the error) of a batch sent without the agent."""
        shown = ("--cert", identity[0], "--key", identity[1]) if identity else ()
        with tempfile.NamedTemporaryFile() as question:
            question.write(self.question)
            question.flush()
            done = subprocess.run(["curl", "-sS", "--max-time", "30", "--cacert", self.region.authority.certificate,
                                   "-H", f"Idempotency-Key: {self.batch['batch']}", "-H", "Content-Type: application/octet-stream",
                                   "-H", f"X-Daybreak-Digest: {self.batch['digest']}", "-w", "\n%{http_code}",
                                   "--data-binary", f"@{question.name}", *shown, *more, f"{self.region.url}{path}"],
                                  capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        body, code = done.stdout.rsplit(b"\n", 1)
        return int(code), {} if code == b"200" else json.loads(body)["error"]

    def gateway_says(self, sentence, reason, identity, code=403):
        status, error = self.curl(identity)
        self.assertEqual((status, error.get("reason")), (code, reason), error)
        self.assertIn(sentence, error["sentence"])

    def serve_with(self, identity):
        """Gives the gateway another certificate until the test ends."""
        gateway, kept = (self.region.certificate, self.region.key), self.region.folder / "kept"
        kept.mkdir(exist_ok=True)
        for path in gateway:
            shutil.copy(path, kept / path.name)

        def put(sources):
            for source, path in zip(sources, gateway):
                shutil.copy(source, path)
            expected = subprocess.run(["openssl", "x509", "-in", gateway[0], "-noout", "-serial", "-issuer"], check=True,
                                      capture_output=True).stdout
            self.region.gateway.reload()
            wait_for("the gateway's certificate", lambda: self.shown_certificate() == expected, 20)
        put(identity)
        self.addCleanup(put, [kept / path.name for path in gateway])

    def shown_certificate(self):
        shown = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.region.gateway.port}"], input=b"",
                               capture_output=True).stdout
        return subprocess.run(["openssl", "x509", "-noout", "-serial", "-issuer"], input=shown, capture_output=True).stdout

    def reload_until(self, identity, code):
        self.region.gateway.reload()
        wait_for("the gateway's list", lambda: self.curl(identity)[0] == code, 20)


class Welcome(MutualTls):
    def test_the_right_one_is_answered(self):
        agent = self.agent()
        agent.start()
        kind, text = self.send()
        self.assertEqual(kind, SLOT_ANSWER, text)
        self.assertEqual(self.region.ask({"what": "status"})["certificate"]["state"], "valid")
        self.assertEqual(self.curl((self.region.client_certificate, self.region.client_key))[0], 200)

    def test_old_tls_is_not_spoken(self):
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.region.gateway.port}", "-tls1_1", "-cipher",
                               "ALL:@SECLEVEL=0"], input=b"", capture_output=True)
        self.assertIn(b"alert protocol version", done.stderr)


class Clients(MutualTls):
    def test_without_a_certificate(self):
        agent = self.agent()
        for name in ("certificate.pem", "key.pem"):
            (agent.data / name).unlink()
        status = self.refused("this box has no certificate", agent)
        self.assertEqual(status["certificate"]["state"], "none")
        self.gateway_says("no client certificate was shown", "no-certificate", None)

    def test_expired(self):
        identity = self.region.authority.issue(SITE, begins=-7200, ends=-3600)
        status = self.refused("the client certificate has expired", self.agent(identity))
        self.assertEqual(status["certificate"]["state"], "expired")
        self.gateway_says("has expired", "expired", identity)

    def test_not_valid_yet(self):
        identity = self.region.authority.issue(SITE, begins=3600, ends=7200)
        self.refused("the client certificate is not valid yet", self.agent(identity))
        self.gateway_says("compare the clocks", "not-yet-valid", identity)

    def test_revoked(self):
        identity = self.region.authority.issue(SITE)
        self.assertEqual(self.curl(identity)[0], 200)
        self.region.authority.revoke(identity[0])
        self.region.authority.crl()
        self.reload_until(identity, 403)
        status = self.refused("the client certificate was revoked", self.agent(identity))
        self.assertEqual(status["certificate"]["state"], "revoked")
        self.gateway_says("was revoked", "revoked", identity)

    def test_of_another_authority(self):
        identity = self.other.issue(SITE)
        self.refused("the client certificate comes from another authority", self.agent(identity))
        self.gateway_says("another authority", "other-authority", identity)
        namesake = Authority(self.region.folder / "namesake").issue(SITE)
        self.gateway_says("another authority", "other-authority", namesake)

    def test_of_another_clinic(self):
        identity = self.region.authority.issue("clinic-other")
        # On this box it is not even shown.
        status = self.refused(f"the certificate is for clinic-other; this box is {SITE}", self.agent(identity))
        self.assertEqual(status["certificate"]["state"], "refused")

    def test_of_another_clinic_that_the_function_does_not_serve(self):
        identity = self.region.authority.issue("clinic-other")
        cloud = self.region.cloud(site="clinic-other")
        self.refused("site clinic-other is not one that this function answers", self.agent(identity, cloud))
        status, error = self.curl(identity)
        self.assertEqual((status, error["code"]), (403, "forbidden"))

    def test_with_the_certificate_of_a_gateway(self):
        identity = self.region.authority.issue(SITE, server=True)
        self.refused("the certificate shown is not one of a box", self.agent(identity))
        self.gateway_says("not one of a box", "wrong-use", identity)

    def test_with_a_key_that_does_not_belong(self):
        identity = (self.region.client_certificate, self.region.authority.issue(SITE)[1])
        self.refused("the certificate is for another key than this box has", self.agent(identity))

    def test_headers_do_not_make_a_client(self):
        status, error = self.curl(None, "/v1/read", "-H", "X-Client-Verify: SUCCESS", "-H",
                                  f"X-Client-Subject: CN={SITE},O=Daybreak site", "-H", "X-Client-Serial: 01")
        self.assertEqual((status, error["reason"]), (403, "no-certificate"))
        # Nor another client of one that has a certificate.
        status, error = self.curl(self.region.authority.issue("clinic-other"), "/v1/read", "-H",
                                  f"X-Client-Subject: CN={SITE},O=Daybreak site")
        self.assertEqual(status, 403)
        self.assertIn("site clinic-other is not one", error["sentence"])
        status, error = self.curl((self.region.client_certificate, self.region.client_key), "/v1/read", "-H",
                                  "Client-Cert: :bm90IG91cnM=:")
        self.assertEqual((status, error), (200, {}))


class Servers(MutualTls):
    def test_with_the_wrong_name(self):
        self.serve_with(self.region.authority.issue("elsewhere", server=True, names=("DNS:elsewhere.example",)))
        self.refused("the server's certificate does not carry the name", self.agent())

    def test_of_another_authority(self):
        self.serve_with(self.other.issue("gateway", server=True))
        self.refused("the server's certificate comes from an authority that is not trusted here", self.agent())

    def test_expired(self):
        self.serve_with(self.region.authority.issue("gateway", server=True, begins=-7200, ends=-3600))
        self.refused("the server's certificate has expired", self.agent())

    def test_a_box_that_poses_as_a_server(self):
        self.serve_with(self.region.authority.issue("clinic-evil"))
        self.refused("the server's certificate is not made for servers", self.agent())

    def test_with_an_old_list_of_revoked_certificates(self):
        identity = (self.region.client_certificate, self.region.client_key)
        path = self.region.authority.folder / "crl.pem"
        fresh = path.read_bytes()

        def restore():
            path.write_bytes(fresh)
            self.reload_until(identity, 200)
        self.addCleanup(restore)
        subprocess.run(["openssl", "ca", "-config", self.region.authority.config, "-gencrl", "-crl_lastupdate",
                        "20250101000000Z", "-crl_nextupdate", "20250102000000Z", "-out", path], check=True, capture_output=True)
        self.reload_until(identity, 503)
        self.gateway_says("list of revoked certificates is out of date", "stale-list", identity, 503)
        self.refused("the gateway's list of revoked certificates is out of date", self.agent())


class Regions(MutualTls):
    def test_that_the_clinic_does_not_allow(self):
        cloud = self.region.cloud(regions=["eu-west-1"])
        status = self.refused(REGION, self.agent(cloud=cloud), blame=("policy",))
        self.assertFalse(status["endpoints"][0]["allowed"])
        rows = self.region.ask({"what": "egress", "limit": 10})["rows"]
        self.assertEqual(rows, [], "not even a question of its version leaves")
        events = [event["id"] for event in self.region.ask({"what": "events", "limit": 100})["events"]]
        self.assertIn("sync.region-refused", events)

    def test_that_is_not_where_the_endpoint_says_it_is(self):
        cloud = self.region.cloud(endpoint={"region": "eu-west-1"}, regions=["eu-west-1"])
        self.refused(f"it says that it is in {REGION}", self.agent(cloud=cloud))
        events = [event["id"] for event in self.region.ask({"what": "events", "limit": 100})["events"]]
        self.assertIn("sync.region-refused", events)


if __name__ == "__main__":
    unittest.main(verbosity=2)
