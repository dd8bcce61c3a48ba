#!/usr/bin/env python3
"""The API of a real daybreakd, held to serve/api.yaml in both directions: every route of the C table is in the file
and the reverse, every live reply matches its schema, and every operation of the file was seen to answer."""
import contextlib
import http.client
import json
import pathlib
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest

import yaml

from daemon import ADMIN, BIN, PASSWORD, ROOT, SANITIZED, SECRET, Client, Contract, Daemon, is_words, request, run, wait_for

WELLS, RUNS, PLANES = 2, 12, 3
BODY_MAX = 64 << 10


def setUpModule():
    global daemon, contract, admin, viewer, embryos
    contract = Contract()
    daemon = Daemon()
    unittest.addModuleCleanup(daemon.remove)
    add_user("looker", "viewer")
    add_user("worker", "embryologist")
    admin = Client(daemon, contract, ADMIN)
    viewer = Client(daemon, contract, "looker")
    embryos = take_in_a_slide()


def tearDownModule():
    status, seconds = daemon.stop()
    log = daemon.log_text()
    assert status == 0, f"daybreakd ended with {status}: {log}"
    assert seconds < 10, f"stopping took {seconds:.1f} s"
    for name in ("Ada", "Lovelace", "P-1", PASSWORD):
        assert name not in log, f"{name} is in the log"


@contextlib.contextmanager
def database():
    with contextlib.closing(sqlite3.connect(daemon.store / "daybreak.db", timeout=20)) as db, db:
        yield db


def add_user(name, role):
    """With the administrator's password."""
    with database() as db:
        db.execute("INSERT INTO users (name, role, password) SELECT ?, ?, password FROM users WHERE name = ?", (name, role, ADMIN))


def take_in_a_slide():
    """Uploads a rendered slide, waits until it is read, and gives its board entry's embryos."""
    path = daemon.folder / "D2026.11.16_S00001_I0001.pdb"
    run(BIN / "daybreak-simulate", "--seed", 7, "--wells", WELLS, "--runs", RUNS, "--planes", PLANES, "--out", path)
    reply = admin.post(f"/api/imports?name={path.name}", path.read_bytes())
    assert reply.status == 202, reply.body

    def done():
        found = [i for i in admin.get("/api/imports").json["imports"] if i["import"] == reply.json["import"]]
        return found and found[0]["state"] != "running" and found[0]
    row = wait_for("the import", done)
    assert row["state"] == "done", row

    def ranked():
        # An administrator may grade, so scores are covered.
        board = viewer.get("/api/board").json
        dish = board["inbox"][0]
        return board["work"]["pending"] + board["work"]["running"] == 0 and all(e["rank"] or e["reasons"] for e in dish["ranking"]) and dish
    dish = wait_for("the ranking", ranked, 240)
    assert dish["progress"] == {"runs_total": WELLS * RUNS, "runs_read": WELLS * RUNS}, dish["progress"]
    assert dish["embryos_total"] == WELLS and len(dish["ranking"]) == WELLS
    return [entry["embryo"] for entry in sorted(dish["ranking"], key=lambda e: e["well"])]


class TableAndFile(unittest.TestCase):
    def setUp(self):
        lines = run(BIN / "daybreakd", "--routes").stdout.splitlines()
        self.table = {(method, path): (access, body) for method, path, access, body in map(str.split, lines)}

    def test_same_routes(self):
        self.assertEqual(set(self.table), {(m, p) for m, p, _ in contract.operations()})

    def test_same_rights(self):
        for method, path, operation in contract.operations():
            access = self.table[method, path][0]
            if operation.get("security") == []:
                self.assertIn(access, ("anyone", "proxy"), path)
            else:
                self.assertEqual(access, operation.get("x-role", "viewer"), path)

    def test_same_bodies(self):
        kinds = {"none": None, "json": "application/json", "stream": "application/octet-stream"}
        for method, path, operation in contract.operations():
            content = operation.get("requestBody", {}).get("content", {})
            self.assertEqual(next(iter(content), None), kinds[self.table[method, path][1]], path)

    def test_guard_is_named_where_it_is_needed(self):
        for method, path, operation in contract.operations():
            names = [p.get("$ref", "") for p in operation.get("parameters", [])]
            self.assertEqual("#/components/parameters/Guard" in names, method != "GET", path)

    def test_no_slip_of_the_pen(self):
        """A comma in an unquoted description makes a new, empty member."""
        def walk(node, place):
            self.assertIsNotNone(node, place)
            for name, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
                walk(value, f"{place}/{name}")
        walk(contract.document, "")

    def test_no_name_is_given_twice(self):
        """The parser would let the later one win."""
        class Strict(yaml.SafeLoader):
            def construct_mapping(self, node, deep=False):
                names = [key.value for key, _ in node.value]
                assert len(names) == len(set(names)), [n for n in names if names.count(n) > 1]
                return super().construct_mapping(node, deep)
        yaml.load((ROOT / "appliance/serve/api.yaml").read_text(), Strict)

    def test_served_as_it_is(self):
        reply = viewer.get("/api/openapi.yaml")
        self.assertEqual(yaml.safe_load(reply.body), contract.document)


class Doors(unittest.TestCase):
    """Who may ask what, for every route."""

    def targets(self):
        for method, path, operation in contract.operations():
            yield method, path.format(id=1, run=0, focal=0, comment=1, decision=1, label="none-1"), operation

    def test_health_needs_nothing(self):
        reply = request(daemon.port, "GET", "/api/health", {"X-Daybreak-Proxy": None})
        self.assertEqual((reply.status, reply.json["state"]), (200, "ok"))
        contract.check("GET", "/api/health", reply)

    def test_all_else_needs_the_proxy(self):
        for secret in (None, "", "wrong", SECRET + "x", SECRET[:-1]):
            for method, target in [(m, t) for m, t, _ in self.targets()] + [("GET", "/"), ("GET", "/api/none")]:
                if target != "/api/health":
                    reply = request(daemon.port, method, target, {"X-Daybreak-Proxy": secret, "X-Daybreak": "1"})
                    self.assertEqual((reply.status, reply.code), (403, "forbidden"), target)

    def test_a_session_is_needed(self):
        stranger = Client(daemon, contract)
        for method, target, operation in self.targets():
            if operation.get("security") != []:
                for cookie in (None, "daybreak_session=", "daybreak_session=" + "0" * 64, "daybreak_session=%00", "x=y"):
                    reply = stranger.ask(method, target, headers={"Cookie": cookie})
                    self.assertEqual((reply.status, reply.code), (401, "unauthenticated"), target)

    def test_a_viewer_changes_nothing(self):
        for method, target, operation in self.targets():
            if operation.get("x-role"):
                reply = viewer.ask(method, target, {})
                self.assertEqual((reply.status, reply.code), (403, "forbidden"), target)

    def test_the_guard_is_needed(self):
        for method, target, _ in self.targets():
            if method != "GET":
                for guard in (None, "0", "yes"):
                    reply = admin.ask(method, target, {}, headers={"X-Daybreak": guard})
                    self.assertEqual((reply.status, reply.code), (403, "forbidden"), target)

    def test_unknown_paths(self):
        for path in ("/api", "/api/", "/api/none", "/api/embryos", "/api/embryos/x", "/api/embryos/1/", "/api/board/1", "/none"):
            for client in (admin, Client(daemon, contract)):
                reply = client.get(path)
                self.assertEqual((reply.status, reply.code), (404, "not-found"), path)

    def test_wrong_methods(self):
        known = {}
        for method, target, _ in self.targets():
            known.setdefault(target, set()).add(method)
        for target, methods in known.items():
            for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"} - methods:
                reply = request(daemon.port, method, target, {"Cookie": admin.cookie, "X-Daybreak": "1"})
                self.assertEqual(reply.status, 405, f"{method} {target}")
                self.assertEqual(set(reply.headers["Allow"].split(", ")), methods)

    def test_bad_bodies(self):
        cases = [(b"", 400), (b"{", 400), (b"[]", 400), (b"null", 400), (b'{"a":1,"a":2}', 400), (b'{"surprise":1}', 400),
                 (b'{"name":"\xff"}', 400), (b"[" * 5000, 400), (b"{}x", 400), (b"x" * (BODY_MAX + 1), 413)]
        for method, target, operation in self.targets():
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                for body, status in cases:
                    if target == "/api/preferences" and body == b'{"surprise":1}':
                        continue  # there any object will do
                    reply = admin.ask(method, target, body, headers={"Content-Type": "application/json"})
                    self.assertEqual(reply.status, status, f"{method} {target} {body[:20]}")
                for kind in (None, "text/plain", "application/x-www-form-urlencoded"):
                    reply = admin.ask(method, target, b"{}", headers={"Content-Type": kind})
                    self.assertEqual(reply.status, 415, target)

    def test_security_headers_on_every_kind_of_reply(self):
        for reply in (viewer.get("/api/session"), viewer.get("/api/none"), request(daemon.port, "GET", "/", {"X-Daybreak-Proxy": None}),
                      viewer.get(f"/api/embryos/{embryos[0]}/thumbnail")):
            policy = reply.headers["Content-Security-Policy"]
            self.assertIn("default-src 'self';", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(reply.headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(reply.headers["Referrer-Policy"], "no-referrer")
            self.assertEqual(reply.headers["Cross-Origin-Opener-Policy"], "same-origin")
            self.assertEqual(reply.headers["Connection"], "close")


class SigningIn(unittest.TestCase):
    def test_cookie_and_sign_out(self):
        client = Client(daemon, contract)
        reply = client.post("/api/session", {"name": "worker", "password": PASSWORD})
        self.assertEqual(reply.json["user"], {"name": "worker", "role": "embryologist"})
        self.assertEqual(reply.json["seq"], viewer.get("/api/changes").json["seq"])
        cookie = reply.headers["Set-Cookie"]
        for flag in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/"):
            self.assertIn(flag, cookie)
        client.cookie = cookie.split(";")[0]
        self.assertEqual(client.get("/api/session").json["user"]["name"], "worker")
        gone = client.ask("DELETE", "/api/session")
        self.assertEqual(gone.status, 204)
        self.assertIn("Max-Age=0", gone.headers["Set-Cookie"])
        self.assertEqual(client.get("/api/session").status, 401)

    def test_the_token_is_not_stored(self):
        client = Client(daemon, contract, "worker")
        with database() as db:
            tokens = [row[0] for row in db.execute("SELECT token FROM sessions")]
        token = client.cookie.split("=")[1]
        self.assertNotIn(token, [t.hex() for t in tokens])
        self.assertEqual(len(token), 64)

    def test_sessions_end(self):
        for column, hours in (("seen_us", 2), ("made_us", 13)):
            client = Client(daemon, contract, "worker")
            with database() as db:
                db.execute(f"UPDATE sessions SET {column} = {column} - ? WHERE user_id = (SELECT id FROM users WHERE name = 'worker')",
                           (hours * 3600 * 10**6,))
            self.assertEqual(client.get("/api/session").status, 401, column)

    def test_wrong_passwords_cost_time(self):
        guesser = Client(daemon, contract, address="10.9.9.9")
        sentences = set()
        for name in (ADMIN, "nobody", ADMIN, "nobody", "nobody"):
            reply = guesser.post("/api/session", {"name": name, "password": "not the password"})
            self.assertEqual((reply.status, reply.code), (401, "unauthenticated"))
            sentences.add(reply.json["error"]["message"])
        self.assertEqual(len(sentences), 1, "a wrong name and a wrong password sound alike")
        reply = guesser.post("/api/session", {"name": ADMIN, "password": PASSWORD})
        self.assertEqual((reply.status, reply.code), (429, "too-many"))
        self.assertGreater(int(reply.headers["Retry-After"]), 0)
        Client(daemon, contract, ADMIN, address="10.9.9.8")
        time.sleep(1.1)
        Client(daemon, contract, ADMIN, address="10.9.9.9")


class Clinic(unittest.TestCase):
    """The day's work, each step seen in the next reply."""

    def new_cycle(self, identifier):
        patient = admin.post("/api/patients", {"name": "Ada Lovelace", "identifier": identifier, "born": "1990-12-10"})
        self.assertEqual(patient.status, 201)
        cycle = admin.post("/api/cycles", {"patient": patient.json["id"], "label": "2026-11", "method": "ICSI", "decision": "2026-11-21T07:30:00Z"})
        self.assertEqual(cycle.status, 201)
        return patient.json["id"], cycle.json["id"]

    def test_patients_and_cycles(self):
        patient, cycle = self.new_cycle("P-2")
        again = admin.post("/api/patients", {"name": "Somebody Else", "identifier": "p-2"})
        self.assertEqual((again.status, again.code), (409, "conflict"))
        found = [p for p in viewer.get("/api/patients").json["patients"] if p["id"] == patient]
        self.assertEqual(found, [{"id": patient, "name": "Ada Lovelace", "identifier": "P-2", "born": "1990-12-10", "cycles": [
            {"cycle": cycle, "label": "2026-11", "method": "ICSI", "decision": "2026-11-21T07:30:00Z"}]}])
        for body in ({"name": "", "identifier": "x"}, {"name": "x", "identifier": "y", "born": "yesterday"}, {"name": "a\nb", "identifier": "x"}):
            self.assertEqual(admin.post("/api/patients", body).status, 400, body)
        self.assertEqual(admin.post("/api/cycles", {"patient": 9999, "label": "x"}).status, 404)
        self.assertEqual(admin.post("/api/cycles", {"patient": patient, "label": "x", "method": "magic"}).status, 400)
        self.assertEqual(admin.post("/api/cycles", {"patient": patient, "label": "x", "decision": "soon"}).status, 400)

    def test_a_dish_finds_its_patient(self):
        embryo = viewer.get(f"/api/embryos/{embryos[0]}").json
        dish = embryo["dish"]["dish"]
        self.assertIsNone(embryo["patient"])
        patient, cycle = self.new_cycle("P-1")
        self.assertEqual(admin.post(f"/api/dishes/{dish}/assign", {"cycle": 9999}).status, 404)
        self.assertEqual(admin.post("/api/dishes/9999/assign", {"cycle": cycle}).status, 404)
        self.assertEqual(admin.post(f"/api/dishes/{dish}/assign", {"cycle": cycle}).status, 204)
        _, other = self.new_cycle("P-3")
        self.assertEqual(admin.post(f"/api/dishes/{dish}/assign", {"cycle": other}).status, 409)
        self.assertEqual(admin.ask("DELETE", f"/api/dishes/{dish}/assign").status, 204)
        self.assertIsNone(viewer.get(f"/api/embryos/{embryos[0]}").json["cycle"])
        self.assertEqual(admin.ask("DELETE", "/api/dishes/9999/assign").status, 404)
        self.assertEqual(admin.post(f"/api/dishes/{dish}/assign", {"cycle": cycle}).status, 204)
        board = viewer.get("/api/board").json
        self.assertEqual(board["inbox"], [])
        mine = [c for c in board["cycles"] if c["cycle"] == cycle]
        self.assertEqual([d["dish"] for d in mine[0]["dishes"]], [dish])
        self.assertEqual(mine[0]["patient"]["id"], patient)
        cohort = viewer.get(f"/api/cycles/{cycle}").json
        self.assertEqual((cohort["patient"]["id"], [e["embryo"] for d in cohort["dishes"] for e in d["embryos"]]), (patient, embryos))
        self.assertEqual(viewer.get("/api/cycles/9999").status, 404)
        self.assertEqual(viewer.get(f"/api/embryos/{embryos[0]}").json["patient"]["name"], "Ada Lovelace")
        clock = {"clock_s": 1000}
        self.assertEqual(admin.put(f"/api/dishes/{dish}/insemination", clock).status, 204)
        self.assertEqual(admin.put("/api/dishes/9999/insemination", clock).status, 404)
        for wrong in (None, "1", 1.5, 1 << 60):
            if wrong is not None:
                self.assertEqual(admin.put(f"/api/dishes/{dish}/insemination", {"clock_s": wrong}).status, 400)
        self.assertEqual(viewer.get(f"/api/embryos/{embryos[0]}").json["dish"]["timing"], "exact")

    def test_insemination_by_the_age_at_the_first_picture(self):
        dish = viewer.get(f"/api/embryos/{embryos[0]}").json["dish"]["dish"]
        path = f"/api/dishes/{dish}/insemination"

        def first_s():
            times = [r["time_s"] for e in embryos for r in viewer.get(f"/api/embryos/{e}").json["runs"]]
            return None if None in times else min(times)
        for wrong in ({}, {"first_picture_s": None}, {"first_picture_s": -1}, {"first_picture_s": 48 * 3600 + 1}, {"first_picture_s": 1.5},
                      {"first_picture_s": 1, "clock_s": 1}, {"first_picture_s": 1, "clock_s": None}):
            self.assertEqual(admin.put(path, wrong).status, 400, wrong)
        self.assertEqual(viewer.put(path, {"first_picture_s": 1}).status, 403)
        self.assertEqual(admin.put(path, {"clock_s": None}).status, 204)
        self.assertIsNone(first_s())
        for age_s in (0, 63000, 48 * 3600):
            self.assertEqual(admin.put(path, {"first_picture_s": age_s}).status, 204)
            self.assertEqual(first_s(), age_s)
        with database() as db:
            clocks = db.execute("SELECT embryo_id, run, clock_s FROM runs").fetchall()
            db.execute("UPDATE runs SET clock_s = NULL")
        reply = admin.put(path, {"first_picture_s": 1})
        with database() as db:
            db.executemany("UPDATE runs SET clock_s = ?3 WHERE embryo_id = ?1 AND run = ?2", clocks)
        self.assertEqual((reply.status, reply.code), (409, "conflict"))
        self.assertEqual(first_s(), 48 * 3600, "nothing was changed")

    def test_an_embryo_whole(self):
        reply = viewer.get(f"/api/embryos/{embryos[0]}").json
        self.assertEqual((reply["embryo"], reply["well"], len(reply["runs"])), (embryos[0], 1, RUNS))
        self.assertEqual([s["embryo"] for s in reply["siblings"]], embryos)
        self.assertEqual(len(reply["planes"]), PLANES)
        self.assertEqual(reply["planes"], sorted(reply["planes"]))
        numbers = [r["run"] for r in reply["runs"]]
        self.assertEqual(numbers, sorted(set(numbers)))
        for run_ in reply["runs"]:
            self.assertIn(run_["best"], run_["planes"])
            self.assertTrue(run_["read"] or run_["damaged"])
            if run_["location"]:
                self.assertTrue(0 < run_["location"]["r"] < 1 and 0 < run_["location"]["x"] < 1)
            if run_["read"]:
                self.assertEqual(run_["cells"] is None, run_["cells_confidence"] is None)
                self.assertEqual(run_["fragmentation"] is None, run_["fragmentation_confidence"] is None)
        self.assertEqual(sum(r["runs"] for r in reply["readers"]), sum(r["read"] for r in reply["runs"]))
        self.assertEqual(len(reply["readers"]), 1)
        self.assertEqual(reply["evaluation"]["points"], RUNS)
        # What other tests said of an embryo may be about to rank the dish again: between two answers is too early.
        wait_for("the ranking to settle", lambda: not any(
            viewer.get("/api/board").json["work"][state] for state in ("pending", "running")))
        ranks = [viewer.get(f"/api/embryos/{e}").json["rank"] for e in embryos]
        for rank in ranks:
            self.assertEqual(rank["of"], sum(r["rank"] is not None for r in ranks))
            if rank["rank"] is not None:
                self.assertEqual(rank["shared"], sum(r["rank"] == rank["rank"] for r in ranks))
        for unknown in (0, 9999, -1):
            self.assertEqual(viewer.get(f"/api/embryos/{unknown}").status, 404)

    def test_every_reading_names_its_reader(self):
        embryo = viewer.get(f"/api/embryos/{embryos[0]}").json
        reader, run_ = embryo["readers"][0], [r for r in embryo["runs"] if r["read"]][0]
        path = f"/api/embryos/{embryos[0]}/readings/{run_['run']}"
        readings = viewer.get(path).json["readings"]
        self.assertEqual(len(readings), 1)
        self.assertEqual((readings[0]["reader"]["version"], readings[0]["reader"]["digest"]), (reader["version"], reader["digest"]))
        self.assertIsNone(readings[0]["replaced"])
        for name in ("stage", "confidence", "cells", "fragmentation", "uneven", "multinucleated", "unfamiliar", "motion"):
            self.assertEqual(readings[0][name], run_[name], name)
        self.assertEqual(viewer.get(f"/api/embryos/{embryos[0]}/readings/99999").json["readings"], [])
        self.assertEqual(viewer.get("/api/embryos/9999/readings/1").status, 404)

    def test_words_stand_beside(self):
        embryo = f"/api/embryos/{embryos[1]}"
        first = viewer.get(embryo).json["runs"][3]["run"]

        def human(event):
            evaluation = viewer.get(embryo).json["evaluation"]
            return [h for e in evaluation["events"] if e["event"] == event for h in e["human"]]
        self.assertEqual(admin.post(f"{embryo}/annotations", {"event": "t2", "run": first}).status, 204)
        found = wait_for("the annotation in the evaluation", lambda: human("t2"))
        self.assertEqual((found[0]["author"], found[0]["run"], found[0]["absent"]), (ADMIN, first, False))
        self.assertEqual(admin.post(f"{embryo}/annotations", {"event": "t2", "withdrawn": True}).status, 204)
        wait_for("the annotation to go", lambda: not human("t2"))
        self.assertEqual(admin.post(f"{embryo}/annotations", {"event": "tB", "absent": True}).status, 204)
        wait_for("the absence", lambda: human("tB"))
        for wrong in ({"event": "t2"}, {"event": "t99", "run": 1}, {"event": "empty", "run": 1}, {"event": "t2", "run": 1, "absent": True},
                      {"event": "t2", "run": -1}, {"event": "t2", "run": "1"}, {"run": 1}, {"event": "t2", "withdrawn": True, "run": 1}):
            self.assertEqual(admin.post(f"{embryo}/annotations", wrong).status, 400, wrong)
        self.assertEqual(admin.post("/api/embryos/9999/annotations", {"event": "t2", "run": 1}).status, 404)

    def test_grade_and_decision(self):
        embryo = f"/api/embryos/{embryos[1]}"
        self.assertEqual(admin.post(f"{embryo}/grade", {"expansion": 4, "icm": "A", "te": "B"}).status, 204)
        for wrong in ({}, {"expansion": 7}, {"expansion": 0}, {"expansion": 4, "icm": "E"}, {"expansion": 4, "icm": "AA"}, {"expansion": "4"}):
            self.assertEqual(admin.post(f"{embryo}/grade", wrong).status, 400, wrong)
        grade = viewer.get(embryo).json["grade"]
        self.assertEqual((grade["gardner"], grade["author"]), ("4AB", ADMIN))
        for decision in ("culture", "freeze"):
            self.assertEqual(admin.post(f"{embryo}/decisions", {"decision": decision, "reason": "because"}).status, 201)
        self.assertEqual(admin.post(f"{embryo}/decisions", {"decision": "eat"}).status, 400)
        decisions = viewer.get(embryo).json["decisions"]
        self.assertEqual([d["decision"] for d in decisions], ["freeze", "culture"])
        entry = [e for d in self.dishes() for e in d["ranking"] if e["embryo"] == embryos[1]][0]
        self.assertEqual(entry["decision"], "freeze")

    def dishes(self):
        board = viewer.get("/api/board").json
        return board["inbox"] + [d for c in board["cycles"] for d in c["dishes"]]

    def test_profiles(self):
        self.assertGreater(len(viewer.get("/api/profiles").json["profiles"]), 5)


class Reports(unittest.TestCase):
    """A cycle as PDF, JSON and CSV; what stands in it is tests/system/test_report.py's."""

    def test_a_report_and_its_record(self):
        patient = admin.post("/api/patients", {"name": "Ada Lovelace", "identifier": "P-9"}).json["id"]
        cycle = admin.post("/api/cycles", {"patient": patient, "label": "2026-11"}).json["id"]
        path = f"/api/cycles/{cycle}/report.pdf"
        with database() as db:
            before = db.execute("SELECT count(*) FROM audit WHERE action = 'report.make'").fetchone()[0]
        worker = Client(daemon, contract, "worker")
        for query in ("", "?variant=patient&language=fr", "?variant=lab&language=en"):
            reply = worker.get(path + query)
            self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, "application/pdf"), query)
            self.assertTrue(reply.body.startswith(b"%PDF-") and b"%%EOF" in reply.body[-16:])
            self.assertEqual(reply.headers["Cache-Control"], "no-store")
            self.assertEqual(reply.headers["Content-Disposition"], f'inline; filename="daybreak-cycle-{cycle}.pdf"')
        for query in ("?variant=all", "?language=de", "?variant="):
            self.assertEqual(worker.get(path + query).status, 400, query)
        for ending, kind in (("json", "application/json"), ("csv", "text/csv")):
            reply = worker.get(f"/api/cycles/{cycle}/report.{ending}")
            self.assertEqual((reply.status, reply.headers.get_content_type(), reply.headers["Cache-Control"]), (200, kind, "no-store"))
            self.assertEqual(reply.headers["Content-Disposition"], f'attachment; filename="daybreak-cycle-{cycle}.{ending}"')
            self.assertEqual(viewer.get(f"/api/cycles/{cycle}/report.{ending}").status, 403)
            self.assertEqual(worker.get(f"/api/cycles/9999/report.{ending}").status, 404)
        self.assertEqual(worker.get("/api/cycles/9999/report.pdf").status, 404)
        with database() as db:
            rows = db.execute("SELECT user_id, subject, detail FROM audit WHERE action = 'report.make' ORDER BY id").fetchall()[before:]
            user = db.execute("SELECT id FROM users WHERE name = 'worker'").fetchone()[0]
        self.assertEqual([row[:2] for row in rows], [(user, cycle)] * 5)
        self.assertEqual([row[2].rsplit(" ", 1)[0] for row in rows[:3]], ["lab en", "patient fr", "lab en"])


class Quality(unittest.TestCase):
    """That it answers as promised; what it counts is tests/unit/quality's."""

    def test_indicators_and_who_is_in_them(self):
        for query in ("", "?from=2026-01&to=2026-12"):
            told = viewer.get(f"/api/quality{query}").json
            self.assertGreater(len(told["indicators"]), 5)
            for indicator in told["indicators"]:
                members = viewer.get(f"/api/quality/{indicator['id']}{query}").json["members"]
                self.assertGreaterEqual(len(members), indicator["denominator"], indicator["id"])
        for wrong in ("?from=soon", "?from=2026-12&to=2026-01", "?to=2026"):
            self.assertEqual(viewer.get(f"/api/quality{wrong}").status, 400, wrong)
        self.assertEqual(viewer.get("/api/quality/none-1").status, 404)

    def test_agreement_and_reference(self):
        self.assertEqual(Client(daemon, contract, "worker").get("/api/agreement").status, 200)
        self.assertEqual(viewer.get("/api/reference?method=ICSI").json["events"], [])
        for wrong in ("", "?method=", "?method=unknown"):
            self.assertEqual(viewer.get(f"/api/reference{wrong}").status, 400, wrong)


class Pictures(unittest.TestCase):
    def test_a_frame_and_its_tag(self):
        embryo = viewer.get(f"/api/embryos/{embryos[0]}").json
        run_ = embryo["runs"][0]
        path = f"/api/embryos/{embryos[0]}/frames/{run_['run']}/{run_['planes'][0]}"
        reply = viewer.get(path)
        self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, "image/jpeg"))
        self.assertTrue(reply.body.startswith(b"\xff\xd8\xff"))
        self.assertEqual(reply.headers["Cache-Control"], "private, max-age=31536000, immutable")
        again = viewer.get(path, headers={"If-None-Match": f'"x", {reply.headers["ETag"]}'})
        self.assertEqual((again.status, again.body, again.headers["ETag"]), (304, b"", reply.headers["ETag"]))
        self.assertEqual(viewer.get(path, headers={"If-None-Match": '"other"'}).status, 200)
        # Ranges are not offered: a picture is always whole.
        self.assertEqual(viewer.get(path, headers={"Range": "bytes=0-9"}).body, reply.body)

    def test_every_frame_is_another(self):
        embryo = viewer.get(f"/api/embryos/{embryos[0]}").json
        tags = {viewer.get(f"/api/embryos/{embryos[0]}/frames/{r['run']}/{f}").headers["ETag"] for r in embryo["runs"] for f in r["planes"]}
        self.assertEqual(len(tags), RUNS * PLANES)

    def test_unknown_frames(self):
        for tail in ("9999/0", "0/12345", "-1/0", "99999999999/0", "1/99999999999"):
            self.assertEqual(viewer.get(f"/api/embryos/{embryos[0]}/frames/{tail}").status, 404, tail)

    def test_thumbnail(self):
        path = f"/api/embryos/{embryos[0]}/thumbnail"
        reply = viewer.get(path)
        run_ = viewer.get(f"/api/embryos/{embryos[0]}").json["runs"][-1]
        frame = viewer.get(f"/api/embryos/{embryos[0]}/frames/{run_['run']}/{run_['best']}")
        self.assertEqual(reply.body, frame.body)
        self.assertEqual(reply.headers["Cache-Control"], "private, no-cache")
        self.assertEqual(viewer.get(path, headers={"If-None-Match": reply.headers["ETag"]}).status, 304)
        self.assertEqual(viewer.get("/api/embryos/9999/thumbnail").status, 404)


class Models(unittest.TestCase):
    """What reads is on the record with its card."""

    def test_one_is_current_and_read_the_slide(self):
        models = viewer.get("/api/models").json["models"]
        current = [m for m in models if m["current"]]
        self.assertEqual(len(current), 1, models)
        self.assertIsNone(current[0]["problem"])
        self.assertEqual(current[0]["label"], f"{current[0]['name']}-{current[0]['version']}")
        reader = viewer.get(f"/api/embryos/{embryos[0]}").json["readers"][0]
        self.assertEqual(reader["version"], current[0]["label"])

    def test_each_has_a_card(self):
        for model in viewer.get("/api/models").json["models"]:
            card = viewer.get(f"/api/models/{model['label']}").json
            self.assertEqual({name: card[name] for name in model}, model)
            self.assertEqual(card["manifest"]["name"], model["name"])
            self.assertTrue(all(entry["licence"] for entry in card["manifest"]["training"]))
        self.assertEqual(viewer.get("/api/models/none-1").status, 404)


class Console(unittest.TestCase):
    """The administrator's questions to a box without a cloud; test_console.py asks one with an agent."""

    def test_without_a_cloud(self):
        self.assertEqual(admin.get("/api/console/batches").json, {"batches": []})
        self.assertIn("plan", admin.get("/api/console/burst").json)
        span = "from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z"
        for name in ("status", "egress", f"invocations?{span}", "costs", "events"):
            told = admin.get(f"/api/console/{name}").json
            self.assertEqual((told["agent"]["state"], told["answer"]), ("off", None), name)
        reply = admin.get("/api/console/egress.csv")
        self.assertEqual(reply.body.decode(), "seq,time,region,endpoint,why,class,bytes,sent,digest,batch,outcome\r\n")

    def test_bad_questions(self):
        for query in ("invocations", "invocations?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", "invocations?from=today&to=now",
                      "invocations?from=2026-01-01T00:00:00Z&to=2026-11-01T00:00:00Z&bucket_s=60", "egress?limit=0", "egress?limit=1001",
                      "egress?after=-1", "egress?from=yesterday", "egress.csv?to=1", "events?limit=x", "batches?limit=1001"):
            reply = admin.get(f"/api/console/{query}")
            self.assertEqual((reply.status, reply.code), (400, "bad-input"), query)


class Uploads(unittest.TestCase):
    def incoming(self):
        return list((daemon.store / "incoming").glob("*"))

    def test_what_is_no_upload(self):
        for path in ("/api/imports", "/api/imports?name=", "/api/imports?name=a%2Fb", "/api/imports?name=a%00b", "/api/imports?name=" + "x" * 200):
            self.assertEqual(admin.post(path, b"data").status, 400, path)
        self.assertEqual(admin.post("/api/imports?name=empty.pdb", b"").status, 400)
        reply = request(daemon.port, "POST", "/api/imports?name=a.pdb", {"Cookie": admin.cookie, "X-Daybreak": "1", "Content-Length": str(17 << 30)})
        self.assertEqual(reply.status, 413)

    def test_rubbish_is_quarantined_with_a_sentence(self):
        number = admin.post("/api/imports?name=rubbish.zip", b"PK no zip at all" * 1000).json["import"]
        row = wait_for("the verdict", lambda: [i for i in admin.get("/api/imports").json["imports"] if i["import"] == number and i["state"] != "running"])[0]
        self.assertEqual(row["state"], "quarantined")
        self.assertGreater(len(row["sentence"]), 10)
        wait_for("the file to go", lambda: not self.incoming())

    def half(self, framing, piece):
        """Sends a part of a body, sees it on disk, and goes away."""
        connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
        connection.putrequest("POST", "/api/imports?name=half.pdb")
        for name, value in {"X-Daybreak-Proxy": SECRET, "Cookie": admin.cookie, "X-Daybreak": "1", **framing}.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(piece)
        wait_for("the file to grow", lambda: any(p.stat().st_size for p in self.incoming()))
        connection.close()
        wait_for("the file to go", lambda: not self.incoming())

    def test_half_an_upload_leaves_nothing(self):
        wait_for("quiet", lambda: not self.incoming())
        before = len(admin.get("/api/imports").json["imports"])
        self.half({"Content-Length": "5000000"}, b"x" * 1000000)
        self.half({"Transfer-Encoding": "chunked"}, b"80000\r\n" + b"x" * 0x80000 + b"\r\n")
        self.half({"Transfer-Encoding": "chunked"}, b"80000\r\n" + b"x" * 0x80000 + b"\r\n80000\r\nxx")
        self.assertEqual(len(admin.get("/api/imports").json["imports"]), before)

    def test_uploads_do_not_pass_through_memory(self):
        before = daemon.resident_kib()

        def pieces():
            for _ in range(200):
                yield b"x" * (1 << 20)
        connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
        connection.request("POST", "/api/imports?name=large.pdb", body=pieces(), encode_chunked=True, headers={
            "X-Daybreak-Proxy": SECRET, "Cookie": admin.cookie, "X-Daybreak": "1", "Transfer-Encoding": "chunked"})
        reply = connection.getresponse()
        self.assertEqual(reply.status, 202, reply.read())
        grown = daemon.resident_kib() - before
        connection.close()
        if not SANITIZED:
            self.assertLess(grown, 20 << 10, "KiB for an upload of 200 MiB")
        wait_for("the verdict", lambda: admin.get("/api/imports").json["imports"][0]["state"] == "quarantined")

    def test_only_so_many_at_a_time(self):
        held = []
        for number in range(5):
            connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
            connection.putrequest("POST", f"/api/imports?name=held{number}.pdb")
            for name, value in {"X-Daybreak-Proxy": SECRET, "Cookie": admin.cookie, "X-Daybreak": "1", "Content-Length": "9"}.items():
                connection.putheader(name, value)
            connection.endheaders()
            if number < 4:
                held.append(connection)
                wait_for("the upload", lambda: len(self.incoming()) == number + 1)
            else:
                self.assertEqual(connection.getresponse().status, 503)
                connection.close()
        for connection in held:
            connection.close()
        wait_for("the files to go", lambda: not self.incoming())


class Stream:
    def __init__(self, path="/api/stream", headers=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=20)
        self.connection.request("GET", path, headers={"X-Daybreak-Proxy": SECRET, "Cookie": viewer.cookie, **(headers or {})})
        self.reply = self.connection.getresponse()

    def event(self, name):
        """The next event of this name; others are passed over."""
        fields = {}
        while True:
            line = self.reply.readline().decode().rstrip("\n")
            if line and not line.startswith(":"):
                field, _, value = line.partition(": ")
                fields[field] = value
            elif not line:
                if fields.get("event") == name:
                    return fields
                fields = {}

    def close(self):
        self.reply.close()
        self.connection.close()


class Changes(unittest.TestCase):
    def test_feed(self):
        since = viewer.get("/api/changes").json["seq"]
        patient = admin.post("/api/patients", {"name": "Ada Lovelace", "identifier": "P-10"}).json["id"]
        feed = viewer.get(f"/api/changes?since={since}").json
        self.assertEqual([(c["kind"], c["subject"]) for c in feed["changes"]], [("patient", patient)])
        self.assertEqual(feed["seq"], feed["changes"][-1]["seq"])
        self.assertEqual(viewer.get(f"/api/changes?since={feed['seq']}").json["changes"], [])
        for wrong in ("x", "-1", "1.5"):
            self.assertEqual(viewer.get(f"/api/changes?since={wrong}").status, 400)

    def test_stream_tells_a_change(self):
        stream = Stream()
        self.assertEqual((stream.reply.status, stream.reply.headers.get_content_type()), (200, "text/event-stream"))
        begun = time.monotonic()
        patient = admin.post("/api/patients", {"name": "Ada Lovelace", "identifier": "P-11"}).json["id"]
        event = stream.event("change")
        self.assertLess(time.monotonic() - begun, 3)
        data = json.loads(event["data"])
        self.assertEqual((data["kind"], data["subject"], str(data["seq"])), ("patient", patient, event["id"]))
        stream.close()
        later = Stream(headers={"Last-Event-ID": str(data["seq"] - 1)})
        self.assertEqual(json.loads(later.event("change")["data"]), data)
        later.close()
        contract.seen.add(("GET", "/api/stream"))

    def test_stream_tells_progress(self):
        stream = Stream("/api/stream?since=0")
        data = json.loads(stream.event("progress")["data"])
        self.assertEqual((data["runs_read"], data["runs_total"]), (WELLS * RUNS, WELLS * RUNS))
        stream.close()

    def test_streams_leave_room_for_others(self):
        streams = []
        end = time.monotonic() + 30
        while True:
            streams.append(Stream())
            if streams[-1].reply.status != 200:
                break
            self.assertLess(time.monotonic(), end)
        self.assertEqual(streams[-1].reply.status, 503)
        self.assertLessEqual(len(streams), daemon.settings["threads"] // 2 + 1)
        self.assertEqual(viewer.get("/api/session").status, 200)
        for stream in streams:
            stream.close()

        def free():
            stream = Stream()
            stream.close()
            return stream.reply.status == 200
        wait_for("a place in the stream", free, 20)

    def test_bad_starts(self):
        self.assertEqual(viewer.get("/api/stream?since=x").status, 400)


class AtOnce(unittest.TestCase):
    def test_many_people(self):
        """Everyone reads and writes; nobody sees anything but a right answer."""
        paths = ["/api/board", "/api/patients", "/api/changes", "/api/session", "/api/imports", "/api/none"] + [
            f"/api/embryos/{e}{tail}" for e in embryos for tail in ("", "/thumbnail", "/frames/1/0")]
        wrong = []

        def person(number):
            for turn in range(25):
                path = paths[(number * 7 + turn) % len(paths)]
                reply = viewer.get(path)
                if reply.status not in (200, 404):
                    wrong.append((path, reply.status, reply.body))
                if turn % 5 == 0:
                    made = admin.post("/api/patients", {"name": "Ada Lovelace", "identifier": f"M-{number}-{turn}"})
                    if made.status != 201:
                        wrong.append((made.status, made.body))
        people = [threading.Thread(target=person, args=(n,)) for n in range(12)]
        for thread in people:
            thread.start()
        for thread in people:
            thread.join()
        self.assertEqual(wrong, [])


class Program(unittest.TestCase):
    def test_options(self):
        self.assertIn("daybreakd", run(BIN / "daybreakd", "--version").stdout)
        self.assertIn("--check-config", run(BIN / "daybreakd", "--help").stdout)
        self.assertIn("right", run(BIN / "daybreakd", "--config", daemon.config, "--check-config").stdout)

    def test_what_is_wrong_is_said(self):
        cases = {"listen_port = 70000\n": "listen_port", "nonsense = 1\n": "nonsense", "proxy_secret = short\n": "proxy_secret",
                 f"proxy_secret = {SECRET}\nstore = /nowhere\n": "/nowhere",
                 f"proxy_secret = {SECRET}\nstore = {daemon.store}\nlanes = 1\nlisten_port = {daemon.port}\n": "cannot listen"}
        path = daemon.folder / "wrong.conf"
        for text, word in cases.items():
            path.write_text(text)
            done = subprocess.run([BIN / "daybreakd", "--config", path], capture_output=True, text=True, timeout=30)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(word, done.stderr)

    def test_watched_folder(self):
        """An export that is laid there comes in by itself, once, and not again after a restart."""
        with tempfile.TemporaryDirectory() as watched:
            other = Daemon(watch=watched, settle_s=1)
            self.addCleanup(other.remove)
            client = Client(other, contract, ADMIN)
            run(BIN / "daybreak-simulate", "--seed", 8, "--wells", 1, "--runs", 3, "--planes", 1, "--out",
                pathlib.Path(watched) / "D2026.11.17_S00002_I0001.pdb")
            rows = wait_for("the import", lambda: [i for i in client.get("/api/imports").json["imports"] if i["state"] == "done"])
            self.assertEqual((rows[0]["name"], rows[0]["counts"]["frames_added"]), ("D2026.11.17_S00002_I0001.pdb", 3))
            other.stop()
            other.start()
            time.sleep(3)
            names = [i["name"] for i in client.get("/api/imports").json["imports"]]
            self.assertEqual(names.count("D2026.11.17_S00002_I0001.pdb"), 1)

    def test_idle_memory(self):
        fresh = Daemon(threads=32)
        self.addCleanup(fresh.remove)
        kib = fresh.resident_kib()
        print(f"daybreakd: {kib} KiB idle with 32 threads, {daemon.resident_kib()} KiB after these tests")
        if not SANITIZED:
            self.assertLess(kib, 24 << 10)


def waiting(digest, **changes):
    return {"file": "daybreak-0.2.0.raucb", "version": "0.2.0", "digest": digest, "from": "stick", "size": 142606336,
            "state": "waits-for-approval", "why": "it came from a stick: an administrator has to approve it", **changes}


def updater_says(*bundles, **changes):
    """What the appliance's updater writes."""
    status = {"appliance": True, "version": "0.1.0", "slot": "A", "confirmed": True,
              "other": {"version": None, "bootable": False}, "waiting": list(bundles), "why": None, "last": None, **changes}
    daemon.settings["update_status"].write_text(json.dumps(status))
    return status


class Updates(unittest.TestCase):
    STICK, NETWORK = "5d" * 32, "7e" * 32

    def setUp(self):
        self.addCleanup(daemon.settings["update_status"].unlink, missing_ok=True)

    def test_packages_have_no_updater(self):
        told = admin.get("/api/updates").json
        self.assertEqual((told["updater"], told["told"], told["problem"], told["approved"]), (None, None, "", None))
        self.assertEqual((told["agent"]["state"], told["fetch"]), ("off", None))
        self.assertEqual(admin.post(f"/api/updates/{self.STICK}", {"approved": True}).status, 404)

    def test_the_updater_s_words(self):
        status = updater_says(waiting(self.STICK), why="it waits until the clinic's working hours are over",
                              last={"at": "2026-11-20T21:00:00Z", "from": "0.0.9", "to": "0.1.0", "result": "confirmed", "why": None})
        told = admin.get("/api/updates").json
        self.assertEqual((told["updater"], told["problem"]), (status, ""))
        self.assertTrue(told["told"].startswith("20"))

    def test_a_file_that_is_none(self):
        for text in ("", "{", "[]", '{"waiting": 1}', "{}", "x" * (300 << 10)):
            daemon.settings["update_status"].write_text(text)
            told = admin.get("/api/updates").json
            self.assertIsNone(told["updater"])
            self.assertIn("cannot be read", told["problem"])
            self.assertIn(admin.post(f"/api/updates/{self.STICK}", {"approved": True}).status, (400, 413))

    def test_approved_and_taken_back(self):
        updater_says(waiting(self.STICK), waiting(self.NETWORK, **{"from": "network", "state": "waits-for-window"}))
        for digest in (self.STICK, self.NETWORK):
            self.assertEqual(admin.post(f"/api/updates/{digest}", {"approved": True}).status, 204)
            self.assertEqual(admin.get("/api/updates").json["approved"], digest, "the last word counts")
        self.assertEqual(admin.post(f"/api/updates/{self.STICK}", {"approved": False}).status, 204)
        self.assertEqual(admin.get("/api/updates").json["approved"], self.NETWORK, "that was another one")
        self.assertEqual(admin.post(f"/api/updates/{self.NETWORK}", {"approved": False}).status, 204)
        self.assertIsNone(admin.get("/api/updates").json["approved"])
        with database() as db:
            rows = db.execute("SELECT a.detail FROM audit a JOIN users u ON u.id = a.user_id WHERE u.name = ? AND "
                              "a.action = 'settings.change' AND a.detail LIKE 'update-approved%' ORDER BY a.id", (ADMIN,)).fetchall()
        self.assertEqual([row[0] for row in rows], [f"update-approved {self.STICK}", f"update-approved {self.NETWORK}",
                                                    "update-approved forgotten"])

    def test_what_cannot_be_approved(self):
        updater_says(waiting(self.STICK, state="refused", why="it was not signed by the maker"))
        refused = admin.post(f"/api/updates/{self.STICK}", {"approved": True})
        self.assertEqual((refused.status, refused.json["error"]["message"]), (409, "this update is refused: it was not signed by the maker"))
        self.assertEqual(admin.post(f"/api/updates/{self.NETWORK}", {"approved": True}).status, 404)
        self.assertEqual(admin.post("/api/updates/update-status.json", {"approved": True}).status, 404)
        for body in ({}, {"approved": "yes"}, {"approved": True, "force": True}):
            self.assertEqual(admin.post(f"/api/updates/{self.STICK}", body).status, 400)
        self.assertIsNone(admin.get("/api/updates").json["approved"])

    def test_nobody_but_administrators(self):
        updater_says(waiting(self.STICK))
        worker = Client(daemon, contract, "worker")
        for client in (viewer, worker):
            self.assertEqual(client.get("/api/updates").status, 403)
            self.assertEqual(client.post(f"/api/updates/{self.STICK}", {"approved": True}).status, 403)


class People(unittest.TestCase):
    """Who may sign in, and with which password."""

    def test_somebody_comes_forgets_and_goes(self):
        made = admin.post("/api/people", {"name": " Petra ", "role": "embryologist"})
        self.assertEqual(made.status, 201)
        person = f"/api/people/{made.json['id']}"
        self.assertIn({"id": made.json["id"], "name": "Petra", "role": "embryologist", "disabled": False}, admin.get("/api/people").json["people"])
        self.assertEqual(admin.post("/api/people", {"name": "Petra", "role": "viewer"}).status, 409)
        petra = Client(daemon, contract, "Petra", made.json["password"])
        self.assertEqual(petra.get("/api/people").status, 403)
        # Another password of her own: here she stays signed in, elsewhere not.
        elsewhere = Client(daemon, contract, "Petra", made.json["password"])
        change = {"old": made.json["password"], "new": "embryos at dawn"}
        self.assertEqual(petra.ask("PUT", "/api/session/password", {**change, "old": "something else"}).code, "forbidden")
        self.assertEqual(petra.ask("PUT", "/api/session/password", {**change, "new": "short"}).code, "bad-input")
        self.assertEqual(petra.get("/api/session").status, 200)
        changed = petra.ask("PUT", "/api/session/password", change)
        self.assertEqual(changed.status, 204)
        self.assertEqual(petra.get("/api/session").status, 401)
        petra.cookie = changed.headers["Set-Cookie"].split(";")[0]
        self.assertEqual(petra.get("/api/session").status, 200)
        self.assertEqual(elsewhere.get("/api/session").status, 401)
        self.assertEqual(Client(daemon, contract).post("/api/session", {"name": "Petra", "password": change["old"]}).status, 401)
        # She forgets it.
        new = admin.post(f"{person}/password")
        self.assertEqual(petra.get("/api/session").status, 401)
        petra = Client(daemon, contract, "Petra", new.json["password"])
        # She becomes an administrator, and goes.
        self.assertEqual(admin.ask("PUT", person, {"role": "admin", "disabled": False}).status, 204)
        self.assertEqual(petra.get("/api/session").status, 401)
        petra = Client(daemon, contract, "Petra", new.json["password"])
        self.assertEqual(petra.get("/api/people").status, 200)
        self.assertEqual(admin.ask("PUT", person, {"role": "admin", "disabled": True}).status, 204)
        self.assertEqual(petra.get("/api/people").status, 401)
        self.assertEqual(Client(daemon, contract).post("/api/session", {"name": "Petra", "password": new.json["password"]}).status, 401)

    def test_somebody_administers_the_box(self):
        myself = next(p for p in admin.get("/api/people").json["people"] if p["name"] == ADMIN)
        for change in ({"role": "viewer", "disabled": False}, {"role": "admin", "disabled": True}):
            self.assertEqual(admin.ask("PUT", f"/api/people/{myself['id']}", change).code, "conflict")
        self.assertEqual(admin.post(f"/api/people/{myself['id']}/password").code, "conflict")
        self.assertEqual(admin.get("/api/session").status, 200)

    def test_what_is_wrong_is_said(self):
        for body in ({"name": "x"}, {"name": "x", "role": "king"}, {"name": "", "role": "viewer"}, {"name": "x" * 128, "role": "viewer"}):
            self.assertEqual(admin.post("/api/people", body).code, "bad-input", body)
        self.assertEqual(admin.ask("PUT", "/api/people/1", {"role": "viewer"}).code, "bad-input")
        self.assertEqual(admin.ask("PUT", "/api/people/999", {"role": "viewer", "disabled": True}).code, "not-found")
        self.assertEqual(admin.post("/api/people/999/password").code, "not-found")


class WhatIsOnTheRecord(unittest.TestCase):
    """Classes run in order of name: this one is the last, after all that it looks for."""

    def test_every_operation_has_answered(self):
        self.assertEqual({(m, p) for m, p, _ in contract.operations() if not is_words(m, p)} - contract.seen, set())

    def test_all_of_it_is_on_the_record(self):
        with database() as db:
            actions = {row[0] for row in db.execute("SELECT DISTINCT action FROM audit")}
        for action in ("session.open", "import.upload", "patient.add", "cycle.add", "dish.assign", "annotation.add", "decision.add", "grade.add"):
            self.assertIn(action, actions)
        self.assertIn(" 0 problems", run(BIN / "daybreak", "verify", "--store", daemon.store).stdout)


if __name__ == "__main__":
    unittest.main(verbosity=1)
