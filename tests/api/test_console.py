#!/usr/bin/env python3
"""The console's routes of a real daemon whose sync agent is played here: what is asked reaches the agent, what it tells
reaches the page, and an agent that is down, broken or wrong is a state with a reason, a time and a next step."""
import csv
import io
import json
import pathlib
import socket
import socketserver
import struct
import tempfile
import threading
import unittest

from daemon import ADMIN, BIN, Client, Contract, Daemon, run

HEAD = struct.Struct("<4sHHII")
ASK, TELL = 4, 5
SPAN = "from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z"


class Agent:
    """Answers every ASK with what `tell` makes of it, and keeps the questions."""

    def __init__(self, path):
        self.path, self.questions, self.tell = str(path), [], lambda question: {}
        self.server = None

    def start(self):
        agent = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                magic, version, kind, size, _ = HEAD.unpack(self.rfile.read(HEAD.size))
                assert (magic, version, kind) == (b"DBSY", 1, ASK), (magic, version, kind)
                question = json.loads(self.rfile.read(size))
                agent.questions.append(question)
                answer = agent.tell(question)
                text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.wfile.write(HEAD.pack(b"DBSY", 1, TELL, len(text), 0) + text)

        pathlib.Path(self.path).unlink(missing_ok=True)
        self.server = socketserver.ThreadingUnixStreamServer(self.path, Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def row(seq, **changes):
    return {"seq": seq, "time": "2026-11-01T06:00:00Z", "endpoint": "frankfurt", "region": "eu-central-1", "why": "spill",
            "class": "sealed-batch", "bytes": 100, "sent": 120, "digest": "ab" * 32, "batch": "cd" * 16,
            "outcome": "answered 200", **changes}


def setUpModule():
    global daemon, contract, admin, agent
    folder = tempfile.TemporaryDirectory(prefix="daybreak-agent-")
    unittest.addModuleCleanup(folder.cleanup)
    place = pathlib.Path(folder.name)
    run(BIN / "daybreak-function", "key", "--out", place / "function.pem")
    (place / "ca.pem").write_bytes((place / "function.public.pem").read_bytes())
    (place / "cloud.json").write_text(json.dumps({
        "site": "clinic-7f3a", "regions": ["eu-central-1"], "budget": {"day": 2.0, "month": 20.0}, "decision_hour": "07:30",
        "always_on_month": 40.0, "endpoints": [{"name": "frankfurt", "url": "https://localhost:1", "region": "eu-central-1",
            "ca": "ca.pem", "key": "function.public.pem", "slots": 2, "memory_mb": 1769, "price_gb_s": 0.0000166667, "price_request": 0.0000002}]}))
    agent = Agent(place / "sync.sock")
    contract = Contract()
    daemon = Daemon(cloud=place / "cloud.json", sync_socket=agent.path)
    unittest.addModuleCleanup(daemon.remove)
    admin = Client(daemon, contract, ADMIN)


class Agents(unittest.TestCase):
    def setUp(self):
        agent.questions.clear()
        agent.start()
        self.addCleanup(lambda: agent.server and agent.stop())

    def asked(self, what):
        return [question for question in agent.questions if question["what"] == what and question != {"what": what}]

    def test_its_words_reach_the_page(self):
        rows = [row(2), row(1, sent=0, outcome="under way")]
        agent.tell = lambda question: {"rows": rows, "next": None, "total": {"rows": 2, "bytes": 200, "sent": 120}}
        told = admin.get("/api/console/egress?newest=1&limit=7&class=sealed-batch&endpoint=frankfurt&from=2026-11-01T00:00:00Z&after=9").json
        self.assertEqual((told["agent"]["state"], told["answer"]["rows"]), ("answers", rows))
        self.assertEqual(self.asked("egress"), [{"what": "egress", "newest": True, "limit": 7, "class": "sealed-batch",
                                                 "endpoint": "frankfurt", "from": "2026-11-01T00:00:00Z", "after": 9}])

    def test_spans_and_buckets(self):
        agent.tell = lambda question: {"buckets": [], "total": {}, "failures": []}
        admin.get(f"/api/console/invocations?{SPAN}&bucket_s=900")
        self.assertEqual(self.asked("invocations"), [{"what": "invocations", "from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z", "bucket_s": 900}])

    def test_a_wrong_question_is_an_error(self):
        agent.tell = lambda question: {"error": {"code": "bad-input", "sentence": "no such class"}}
        reply = admin.get("/api/console/egress?class=none")
        self.assertEqual((reply.status, reply.code, reply.json["error"]["message"]), (400, "bad-input", "no such class"))

    def test_a_failing_agent_is_a_state(self):
        for answer in ({"error": {"code": "database", "sentence": "the disk is full"}}, b"no json"):
            agent.tell = lambda question, answer=answer: answer
            told = admin.get("/api/console/costs").json
            self.assertEqual((told["agent"]["state"], told["answer"]), ("failing", None))
            self.assertIn("journalctl", told["agent"]["next"])
        self.assertNotIn("the disk is full", told["agent"]["reason"])

    def test_down_and_back(self):
        agent.tell = lambda question: {"events": []}
        self.assertEqual(admin.get("/api/console/events").json["agent"]["state"], "answers")
        agent.stop()
        agent.server = None
        pathlib.Path(agent.path).unlink()
        first = admin.get("/api/console/events").json
        self.assertEqual((first["agent"]["state"], first["answer"]), ("down", None))
        self.assertTrue(first["agent"]["reason"])
        self.assertIn("systemctl start daybreak-sync", first["agent"]["next"])
        again = admin.get("/api/console/status").json["agent"]
        self.assertEqual(again["since"], first["agent"]["since"], "since when it is down, not since the last look")
        self.assertEqual(admin.get("/api/console/egress.csv").status, 503)
        agent.start()
        self.assertEqual(admin.get("/api/console/events").json["agent"]["state"], "answers")

    def test_in_the_language_of_the_screen(self):
        french = {"headers": {"Accept-Language": "fr-FR,fr;q=0.9"}}
        agent.tell = lambda question: {"state": "failing", "reason": "silent for 20 s", "since": "2026-11-21T06:30:00Z", "next": "nothing: it goes on by itself",
                                       "checked": None, "running": "0.1.0", "offer": None}
        told = admin.get("/api/updates", **french).json["fetch"]
        self.assertEqual((told["state"], told["reason"], told["next"]), ("failing", "silence depuis 20 s", "rien : cela continue tout seul"))
        self.assertEqual(admin.get("/api/updates").json["fetch"]["reason"], "silent for 20 s")
        agent.tell = lambda question: {"error": {"code": "bad-input", "sentence": "no such class"}}
        refused = admin.get("/api/console/egress?class=none", **french)
        self.assertEqual(refused.json["error"]["message"], "la demande n’est pas valable (en anglais : « no such class »)")
        self.assertEqual(admin.get("/api/cycles/999999", **french).json["error"]["message"], "le cycle 999999 n’existe pas")

    def test_what_it_fetches(self):
        fetch = {"state": "fetching", "reason": "", "since": "2026-11-21T06:30:00Z", "next": "", "checked": "2026-11-21T06:30:00Z", "running": "0.1.0",
                 "offer": {"version": "0.2.0", "file": "daybreak-0.2.0.raucb", "size": 142606336, "sha256": "ab" * 32, "have": 7}}
        agent.tell = lambda question: fetch if question == {"what": "updates"} else {}
        told = admin.get("/api/updates").json
        self.assertEqual((told["agent"]["state"], told["fetch"], told["updater"]), ("answers", fetch, None))
        agent.tell = lambda question: b"no json"
        told = admin.get("/api/updates").json
        self.assertEqual((told["agent"]["state"], told["fetch"]), ("failing", None))

    def test_the_ledger_as_a_file(self):
        pages = {0: ([row(1), row(2, outcome='=cmd|"x"')], 2), 2: ([row(3, endpoint="a, b")], None)}

        def tell(question):
            rows, following = pages[question.get("after", 0)]
            return {"rows": rows, "next": following, "total": {"rows": 3, "bytes": 300, "sent": 360}}
        agent.tell = tell
        reply = admin.get(f"/api/console/egress.csv?{SPAN}")
        self.assertIn("attachment", reply.headers["Content-Disposition"])
        rows = list(csv.DictReader(io.StringIO(reply.body.decode(), newline="")))
        self.assertEqual([r["seq"] for r in rows], ["1", "2", "3"])
        self.assertEqual(rows[1]["outcome"], "'=cmd|\"x\"", "a formula is kept a text")
        self.assertEqual(rows[2]["endpoint"], "a, b")
        self.assertEqual({name: int(rows[0][name]) for name in ("bytes", "sent")}, {"bytes": 100, "sent": 120})

    def test_a_file_that_breaks_off_says_so(self):
        agent.tell = lambda question: b"broken" if question.get("after") else {"rows": [row(1)], "next": 1, "total": {}}
        lines = admin.get("/api/console/egress.csv").body.decode().splitlines()
        self.assertEqual(len(lines), 3)
        self.assertTrue(lines[-1].startswith("# not complete"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
