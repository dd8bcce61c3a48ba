#!/usr/bin/env python3
"""What people say of an embryo, over the API of a real daemon: words side by side, said once, guarded against mix-ups, covered
until one has graded, hidden from who reads a second time, signed with the password again."""
import concurrent.futures
import contextlib
import json
import sqlite3
import unittest
import uuid

from daemon import ADMIN, BIN, PASSWORD, Client, Contract, Daemon, is_words, run, wait_for

WELLS, RUNS = 3, 40
TOLD = ("stage", "stage_group", "confidence", "occupied", "cells", "cells_confidence", "fragmentation", "uneven", "multinucleated",
        "unfamiliar", "area", "sharpness", "motion", "groups")


def setUpModule():
    global daemon, contract, anna, ben, vera, root, embryos, cycle, patient, dish
    contract = Contract()
    daemon = Daemon()
    unittest.addModuleCleanup(daemon.remove)
    with database() as db:
        for name, role in (("anna", "embryologist"), ("ben", "embryologist"), ("vera", "viewer"), ("Zoé Ünal", "embryologist")):
            db.execute("INSERT INTO users (name, role, password) SELECT ?, ?, password FROM users WHERE name = ?", (name, role, ADMIN))
    root, anna, ben, vera = (Client(daemon, contract, name) for name in (ADMIN, "anna", "ben", "vera"))
    patient, cycle = new_cycle("P-1")
    dish, embryos = take_in_a_slide()
    assert anna.post(f"/api/dishes/{dish}/assign", {"cycle": cycle}).status == 204
    settle()


def tearDownModule():
    status, _ = daemon.stop()
    log = daemon.log_text()
    assert status == 0, f"daybreakd ended with {status}: {log}"
    for word in ("Ada", "P-1", "because", PASSWORD):
        assert word not in log, f"{word} is in the log"


@contextlib.contextmanager
def database():
    with contextlib.closing(sqlite3.connect(daemon.store / "daybreak.db", timeout=20)) as db, db:
        yield db


def new_cycle(identifier):
    made = root.post("/api/patients", {"name": "Ada Lovelace", "identifier": identifier}).json["id"]
    return made, root.post("/api/cycles", {"patient": made, "label": "2026-11", "method": "ICSI"}).json["id"]


def take_in_a_slide():
    path = daemon.folder / "D2026.11.16_S00001_I0001.pdb"
    run(BIN / "daybreak-simulate", "--seed", 7, "--wells", WELLS, "--runs", RUNS, "--planes", 1, "--side", 250, "--interval", 10440,
        "--quiet", "--out", path)
    assert root.post(f"/api/imports?name={path.name}", path.read_bytes()).status == 202
    found = wait_for("the slide", lambda: ranked(vera.get("/api/board").json["inbox"]), 240)
    return found["dish"], [e["embryo"] for e in sorted(found["ranking"], key=lambda e: e["well"])]


def ranked(dishes):
    return next((d for d in dishes if len(d["ranking"]) == WELLS and all(e["reasons"] for e in d["ranking"])), None)


def settle():
    """All that was said is in the evaluations and the ranking."""
    wait_for("quiet", lambda: not any(vera.get("/api/board").json["work"][s] for s in ("pending", "running")), 120)


def page(client, embryo):
    return client.get(f"/api/embryos/{embryo}").json


def board_dish(client):
    board = client.get("/api/board").json
    return next(d for d in board["inbox"] + [d for c in board["cycles"] for d in c["dishes"]] if d["dish"] == dish)


def board_embryo(client, embryo):
    return next(e for e in board_dish(client)["ranking"] if e["embryo"] == embryo)


def history(client, embryo):
    return client.get(f"/api/embryos/{embryo}/history").json["rows"]


def first_run(embryo):
    return page(vera, embryo)["runs"][0]["run"]


class Case(unittest.TestCase):
    def said(self, client, embryo, what, body, status=204, **headers):
        reply = client.post(f"/api/embryos/{embryo}/{what}", body, headers={n.replace("_", "-"): v for n, v in headers.items()})
        self.assertEqual(reply.status, status, reply.body)
        return reply

    def taken_back(self, client, embryo, what, number, status=204):
        reply = client.ask("DELETE", f"/api/embryos/{embryo}/{what}/{number}")
        self.assertEqual(reply.status, status, reply.body)
        return reply

    def uncover(self, client):
        """The client grades what it has not; taken back at the end."""
        for embryo in embryos:
            if page(client, embryo)["covered"]:
                self.said(client, embryo, "grade", {"stage": "cleavage", "quality": "low"})
                self.addCleanup(self.said, client, embryo, "grade", {"stage": "cleavage", "withdrawn": True})

    def blind(self, client, embryo):
        self.said(client, embryo, "second-reading", {"state": "begin"})
        self.addCleanup(lambda: client.post(f"/api/embryos/{embryo}/second-reading", {"state": "end"}))


class Words(Case):
    def test_grades_of_two_people_stand_side_by_side(self):
        embryo = embryos[0]
        self.said(anna, embryo, "grade", {"expansion": 4, "icm": "A", "te": "B"})
        self.said(ben, embryo, "grade", {"expansion": 3, "icm": "B", "te": "B"})
        self.said(anna, embryo, "grade", {"stage": "cleavage", "quality": "top"})
        self.said(anna, embryo, "grade", {"expansion": 5, "icm": "A", "te": "A"})
        told = page(vera, embryo)
        self.assertEqual([(g["author"], g["stage"], g["text"]) for g in told["grades"]],
                         [("anna", "blastocyst", "5AA"), ("anna", "cleavage", "top"), ("ben", "blastocyst", "3BB")])
        self.assertEqual((told["grade"]["gardner"], told["grade"]["author"]), ("5AA", "anna"))
        for name in ("anna", "ben"):
            self.assertEqual(page({"anna": anna, "ben": ben}[name], embryo)["grades"], told["grades"])
        self.said(anna, embryo, "grade", {"withdrawn": True})
        self.assertEqual(page(vera, embryo)["grade"]["gardner"], "3BB")
        self.said(anna, embryo, "grade", {"withdrawn": True}, 404)
        rows = [r for r in history(vera, embryo) if r["what"] == "grade"][:4]
        self.assertEqual([(r["author"], r["name"], r["value"], bool(r["replaced"]), bool(r["withdrawn"])) for r in rows],
                         [("anna", "blastocyst", "5AA", False, True), ("anna", "cleavage", "top", False, False),
                          ("ben", "blastocyst", "3BB", False, False), ("anna", "blastocyst", "4AB", True, False)])
        for client, stage in ((anna, "cleavage"), (ben, "blastocyst")):
            self.said(client, embryo, "grade", {"stage": stage, "withdrawn": True})
        self.assertEqual((page(vera, embryo)["grade"], page(vera, embryo)["grades"]), (None, []))

    def test_what_is_no_grade(self):
        for wrong in ({}, {"expansion": 7}, {"expansion": 0}, {"expansion": 4, "icm": "E"}, {"expansion": 4, "icm": "AA"}, {"expansion": "4"},
                      {"stage": "cleavage"}, {"stage": "cleavage", "quality": "good"}, {"stage": "cleavage", "expansion": 4}, {"stage": "egg", "quality": "top"},
                      {"expansion": 4, "quality": "top"}, {"quality": "top"}, {"withdrawn": True, "expansion": 4}, {"expansion": 2, "icm": "A"}):
            self.said(anna, embryos[0], "grade", wrong, 400)
        self.said(anna, 9999, "grade", {"expansion": 4, "icm": "A", "te": "A"}, 404)

    def test_observations(self):
        embryo, at = embryos[0], first_run(embryos[0])
        self.said(anna, embryo, "observations", {"kind": "pronuclei", "value": "2", "run": at})
        self.said(ben, embryo, "observations", {"kind": "pronuclei", "value": "3"})
        self.said(anna, embryo, "observations", {"kind": "fragmentation-4-cell", "value": "15"})
        self.said(anna, embryo, "observations", {"kind": "pronuclei", "value": "2.1", "run": at})
        told = page(vera, embryo)["observations"]
        self.assertEqual([(o["kind"], o["value"], o["run"], o["author"]) for o in told],
                         [("pronuclei", "3", None, "ben"), ("fragmentation-4-cell", "15", None, "anna"), ("pronuclei", "2.1", at, "anna")])
        rows = [r for r in history(vera, embryo) if r["what"] == "observation" and r["replaced"]]
        self.assertEqual([(r["name"], r["value"], r["run"]) for r in rows], [("pronuclei", "2", at)])
        for client, kind in ((anna, "pronuclei"), (anna, "fragmentation-4-cell"), (ben, "pronuclei")):
            self.said(client, embryo, "observations", {"kind": kind, "withdrawn": True})
        self.assertEqual(page(vera, embryo)["observations"], [])
        self.said(anna, embryo, "observations", {"kind": "pronuclei", "withdrawn": True}, 404)
        for wrong in ({}, {"kind": "pronuclei"}, {"kind": "pronuclei", "value": "9"}, {"kind": "colour", "value": "red"}, {"kind": "pronuclei", "value": 2},
                      {"kind": "fragmentation-4-cell", "value": "101"}, {"kind": "pronuclei", "value": "2", "run": -1}, {"kind": "pronuclei", "value": "2", "withdrawn": True}):
            self.said(anna, embryo, "observations", wrong, 400)

    def test_comments(self):
        embryo, at = embryos[1], first_run(embryos[1])
        number = self.said(anna, embryo, "comments", {"text": "vacuole, because of œ", "run": at}, 201).json["id"]
        other = self.said(ben, embryo, "comments", {"text": "not sure"}, 201).json["id"]
        told = page(vera, embryo)["comments"]
        self.assertEqual([(c["id"], c["text"], c["run"], c["author"]) for c in told],
                         [(number, "vacuole, because of œ", at, "anna"), (other, "not sure", None, "ben")])
        self.taken_back(anna, embryo, "comments", other, 403)
        self.taken_back(anna, embryos[0], "comments", number, 404)
        self.taken_back(anna, embryo, "comments", number)
        self.taken_back(anna, embryo, "comments", number, 404)
        self.taken_back(ben, embryo, "comments", other)
        self.assertEqual(page(vera, embryo)["comments"], [])
        self.assertEqual([r["value"] for r in history(vera, embryo) if r["what"] == "comment"][:2], ["not sure", "vacuole, because of œ"])
        lines = self.said(anna, embryo, "comments", {"text": "one line\nand another"}, 201).json["id"]
        self.assertEqual(page(vera, embryo)["comments"][0]["text"], "one line\nand another")
        self.taken_back(anna, embryo, "comments", lines)
        for wrong in ({}, {"text": ""}, {"text": " \n"}, {"text": "a\u0007"}, {"text": "x" * 2000}, {"text": 1}, {"text": None}, {"text": "a", "run": -1}):
            self.assertIn(anna.post(f"/api/embryos/{embryo}/comments", wrong).status, (400, 413), wrong)

    def test_decisions_and_outcomes(self):
        embryo = embryos[1]
        self.said(anna, embryo, "observations", {"kind": "outcome-hcg", "value": "yes", "day": "2026-12-04"}, 409)
        culture = self.said(anna, embryo, "decisions", {"decision": "culture"}, 201).json["id"]
        transfer = self.said(anna, embryo, "decisions", {"decision": "transfer", "reason": "because"}, 201).json["id"]
        told = page(vera, embryo)["decisions"]
        self.assertEqual([(d["id"], d["decision"], d["reason"], d["author"], d["signatures"]) for d in told[:2]],
                         [(transfer, "transfer", "because", "anna", []), (culture, "culture", "", "anna", [])])
        self.said(ben, embryo, "observations", {"kind": "outcome-hcg", "value": "yes", "day": "2026-12-04"})
        self.assertEqual([(o["kind"], o["day"]) for o in page(vera, embryo)["observations"]], [("outcome-hcg", "2026-12-04")])
        self.said(ben, embryo, "observations", {"kind": "outcome-hcg", "withdrawn": True})
        self.taken_back(ben, embryo, "decisions", transfer, 403)
        self.taken_back(anna, embryos[0], "decisions", transfer, 404)
        self.taken_back(anna, embryo, "decisions", transfer)
        self.assertEqual(page(vera, embryo)["decisions"][0]["id"], culture)
        self.assertEqual(board_embryo(vera, embryo)["decision"], "culture")
        self.taken_back(anna, embryo, "decisions", culture)
        self.assertNotEqual(board_embryo(vera, embryo)["decision"], "culture")
        rows = [r for r in history(vera, embryo) if r["what"] == "decision"][:2]
        self.assertEqual([(r["name"], r["value"], bool(r["withdrawn"])) for r in rows], [("transfer", "because", True), ("culture", "", True)])

    def test_history_of_events(self):
        embryo, runs = embryos[2], [r["run"] for r in page(vera, embryos[2])["runs"]]
        for body in ({"event": "t2", "run": runs[5]}, {"event": "t2", "run": runs[6]}, {"event": "t2", "withdrawn": True}, {"event": "tHB", "absent": True}):
            self.said(anna, embryo, "annotations", body)
        rows = [r for r in history(vera, embryo) if r["what"] == "event"][:3]
        self.assertEqual([(r["name"], r["value"], r["run"], bool(r["replaced"]), bool(r["withdrawn"])) for r in rows],
                         [("tHB", "absent", None, False, False), ("t2", "", runs[6], False, True), ("t2", "", runs[5], True, False)])
        self.assertIsNotNone(rows[1]["time_s"])
        self.said(anna, embryo, "annotations", {"event": "tHB", "withdrawn": True})
        self.assertEqual(vera.get("/api/embryos/9999/history").status, 404)


class Once(Case):
    """An Idempotency-Key: the word is taken once, however often it is sent."""

    def test_a_word_sent_again(self):
        embryo, key = embryos[0], str(uuid.uuid4())
        replies = [self.said(anna, embryo, "comments", {"text": "once"}, 201, Idempotency_Key=key).json for _ in range(3)]
        self.assertEqual(replies, [replies[0]] * 3)
        self.assertEqual([c["text"] for c in page(vera, embryo)["comments"]], ["once"])
        self.said(anna, embryo, "comments", {"text": "once"}, 201)
        self.assertEqual(len(page(vera, embryo)["comments"]), 2)
        for comment in page(vera, embryo)["comments"]:
            self.taken_back(anna, embryo, "comments", comment["id"])

    def at_once(self, works):
        """Each in a thread of its own; what went wrong there goes wrong here."""
        with concurrent.futures.ThreadPoolExecutor(len(works)) as pool:
            return [future.result() for future in [pool.submit(work) for work in works]]

    def test_a_word_sent_again_before_it_was_answered(self):
        embryo, key = embryos[1], str(uuid.uuid4())
        replies = self.at_once([lambda: self.said(anna, embryo, "comments", {"text": "once"}, 201, Idempotency_Key=key).json] * 6)
        self.assertEqual(replies, [replies[0]] * 6)
        self.assertEqual([c["id"] for c in page(vera, embryo)["comments"]], [replies[0]["id"]])
        self.taken_back(anna, embryo, "comments", replies[0]["id"])

    def test_two_people_at_once_lose_nothing(self):
        embryo = embryos[1]
        before = len(history(vera, embryo))

        def person(client):
            for number in range(8):
                self.said(client, embryo, "annotations", {"event": "t5", "run": number + 1})
                self.said(client, embryo, "grade", {"expansion": 1 + number % 2})
                self.said(client, embryo, "observations", {"kind": "fragmentation-2-cell", "value": str(number)})
        self.at_once([lambda: person(anna), lambda: person(ben)])
        rows = history(vera, embryo)[:-before or None]
        for name in ("anna", "ben"):
            for what in ("event", "grade", "observation"):
                own = [r for r in rows if r["author"] == name and r["what"] == what]
                self.assertEqual((len(own), sum(r["replaced"] is None for r in own)), (8, 1), (name, what))
        told = page(vera, embryo)
        self.assertEqual({(o["author"], o["value"]) for o in told["observations"]}, {("anna", "7"), ("ben", "7")})
        self.assertEqual({(g["author"], g["text"]) for g in told["grades"]}, {("anna", "2"), ("ben", "2")})
        for client in (anna, ben):
            for what, body in (("annotations", {"event": "t5"}), ("grade", {}), ("observations", {"kind": "fragmentation-2-cell"})):
                self.said(client, embryo, what, {**body, "withdrawn": True})

    def test_a_late_repeat_does_not_bring_a_word_back(self):
        embryo, key = embryos[0], str(uuid.uuid4())
        self.said(anna, embryo, "observations", {"kind": "vacuoles", "value": "heavy"}, Idempotency_Key=key)
        self.said(anna, embryo, "observations", {"kind": "vacuoles", "withdrawn": True})
        self.said(anna, embryo, "observations", {"kind": "vacuoles", "value": "heavy"}, Idempotency_Key=key)
        self.assertEqual(page(vera, embryo)["observations"], [])

    def test_taken_back_twice_by_one_act(self):
        embryo, key = embryos[0], {"Idempotency-Key": str(uuid.uuid4())}
        number = self.said(anna, embryo, "comments", {"text": "a"}, 201).json["id"]
        for _ in range(2):
            self.assertEqual(anna.ask("DELETE", f"/api/embryos/{embryo}/comments/{number}", headers=key).status, 204)
        self.taken_back(anna, embryo, "comments", number, 404)

    def test_a_key_names_one_act_of_one_person(self):
        key = str(uuid.uuid4())
        self.said(anna, embryos[0], "annotations", {"event": "t2", "absent": True}, Idempotency_Key=key)
        self.said(anna, embryos[1], "annotations", {"event": "t2", "absent": True}, 409, Idempotency_Key=key)
        self.said(anna, embryos[0], "comments", {"text": "a"}, 409, Idempotency_Key=key)
        self.said(ben, embryos[0], "annotations", {"event": "t2", "absent": True}, 409, Idempotency_Key=key)
        self.assertEqual(page(vera, embryos[1])["comments"], [])
        self.said(anna, embryos[0], "annotations", {"event": "t2", "withdrawn": True})

    def test_what_was_refused_may_be_sent_again(self):
        embryo, key = embryos[0], str(uuid.uuid4())
        self.said(anna, embryo, "observations", {"kind": "compaction", "value": "twice"}, 400, Idempotency_Key=key)
        self.said(anna, embryo, "observations", {"kind": "outcome-hcg", "value": "yes"}, 409, Idempotency_Key=key)
        self.said(anna, embryo, "observations", {"kind": "compaction", "value": "full"}, Idempotency_Key=key)
        self.said(anna, embryo, "observations", {"kind": "compaction", "withdrawn": True})

    def test_what_is_no_key(self):
        for key in ("", "x" * 65, "a\tb"):
            self.said(anna, embryos[0], "comments", {"text": "a"}, 400, Idempotency_Key=key)


class MixUps(Case):
    """A page that is wrong about who works on whom changes nothing."""

    def test_another_user_is_signed_in_by_now(self):
        for name in ("ben", "anna ", "", "%zz"):
            reply = self.said(anna, embryos[0], "comments", {"text": "a"}, 409, X_Daybreak_User=name)
            self.assertEqual(reply.code, "mix-up")
        for method, path, body in (("PUT", "/api/preferences", {}), ("POST", "/api/patients", {"name": "a", "identifier": "b"}),
                                   ("DELETE", "/api/session", None), ("DELETE", f"/api/dishes/{dish}/assign", None)):
            self.assertEqual(anna.ask(method, path, body, headers={"X-Daybreak-User": "ben"}).code, "mix-up", path)
        self.assertEqual(page(vera, embryos[0])["comments"], [])
        self.assertEqual(anna.get("/api/session", headers={"X-Daybreak-User": "ben"}).status, 200)
        other = Client(daemon, contract, "Zoé Ünal")
        self.assertEqual(other.put("/api/preferences", {}, headers={"X-Daybreak-User": "Zo%C3%A9%20%C3%9Cnal"}).status, 204)

    def test_the_embryo_is_another_patients_by_now(self):
        embryo = embryos[0]
        ways = [("POST", "annotations", {"event": "t2", "absent": True}), ("POST", "grade", {"expansion": 1}), ("POST", "comments", {"text": "a"}),
                ("POST", "observations", {"kind": "vacuoles", "value": "none"}), ("POST", "decisions", {"decision": "freeze"}),
                ("POST", "second-reading", {"state": "begin"}), ("DELETE", "comments/1", None), ("DELETE", "decisions/1", None)]
        before = history(vera, embryo)
        for method, what, body in ways:
            for believed in (0, patient + 1):
                reply = anna.ask(method, f"/api/embryos/{embryo}/{what}", body, headers={"X-Daybreak-Patient": str(believed)})
                self.assertEqual((reply.status, reply.code), (409, "mix-up"), what)
            for believed in ("", "x", "-1", "1.0"):
                self.assertEqual(anna.ask(method, f"/api/embryos/{embryo}/{what}", body, headers={"X-Daybreak-Patient": believed}).status, 400, what)
        self.assertEqual(history(vera, embryo), before)
        number = self.said(anna, embryo, "comments", {"text": "right"}, 201, X_Daybreak_Patient=str(patient)).json["id"]
        self.taken_back(anna, embryo, "comments", number)

    def test_a_dish_moves_under_a_stale_page(self):
        other, its_cycle = new_cycle("P-2")
        key = str(uuid.uuid4())
        said = {"Idempotency_Key": key, "X_Daybreak_Patient": str(patient)}
        number = self.said(anna, embryos[0], "comments", {"text": "before"}, 201, **said).json["id"]
        believed = {"X-Daybreak-Patient": str(patient)}
        for step in (anna.ask("DELETE", f"/api/dishes/{dish}/assign", headers=believed),
                     anna.post(f"/api/dishes/{dish}/assign", {"cycle": its_cycle}, headers={"X-Daybreak-Patient": "0"})):
            self.assertEqual(step.status, 204)
        self.said(ben, embryos[0], "comments", {"text": "stale"}, 409, X_Daybreak_Patient=str(patient))
        for method, path, body in (("DELETE", "assign", None), ("PUT", "insemination", {"clock_s": 1}), ("POST", "assign", {"cycle": cycle})):
            reply = ben.ask(method, f"/api/dishes/{dish}/{path}", body, headers=believed)
            self.assertEqual((reply.status, reply.code), (409, "mix-up"), path)
        # What was taken before the dish moved is answered as it was then: the page need not say it again.
        self.assertEqual(self.said(anna, embryos[0], "comments", {"text": "before"}, 201, **said).json["id"], number)
        self.assertEqual([c["text"] for c in page(vera, embryos[0])["comments"]], ["before"])
        self.said(ben, embryos[0], "comments", {"text": "fresh"}, 201, X_Daybreak_Patient=str(other))
        self.assertEqual(anna.ask("DELETE", f"/api/dishes/{dish}/assign", headers={"X-Daybreak-Patient": str(other)}).status, 204)
        self.assertEqual(anna.post(f"/api/dishes/{dish}/assign", {"cycle": cycle}).status, 204)
        settle()
        for client, comment in zip((anna, ben), page(vera, embryos[0])["comments"]):
            self.taken_back(client, embryos[0], "comments", comment["id"])


def told_anywhere(client, embryo):
    """All that any route tells this client, but the pictures and what is its own."""
    profile = client.get("/api/profiles").json["profiles"][0]["id"]
    cohorts = [client.get(f"/api/cycles/{cycle}{query}").json["dishes"][0]["embryos"] for query in ("", f"?profile={profile}")]
    for cohort in cohorts:
        assert [(e["embryo"], e["rank"], e["class"], e["reasons"]) for e in cohort] == [(e, None, "", []) for e in embryos], cohort
    return {"page": page(client, embryo), "board": board_embryo(client, embryo), "history": history(client, embryo),
            "cohorts": [next(e for e in cohort if e["embryo"] == embryo) for cohort in cohorts],
            "siblings": [page(client, e)["rank"] for e in embryos]}


class Covered(Case):
    """The score stays covered until one has graded."""

    def test_until_the_own_grade(self):
        embryo = embryos[0]
        self.said(ben, embryo, "grade", {"expansion": 6, "icm": "A", "te": "A"})
        self.addCleanup(self.said, ben, embryo, "grade", {"withdrawn": True})
        settle()
        open_page = page(vera, embryo)
        self.assertFalse(open_page["covered"] or open_page["rank_covered"])
        self.assertEqual((open_page["evaluation"]["grade"]["gardner"], open_page["grade"]["gardner"]), ("6AA", "6AA"))
        self.assertGreater(len(open_page["evaluation"]["profiles"]), 3)
        self.assertIsNotNone(open_page["rank"])
        for client in (anna, root):
            told = told_anywhere(client, embryo)
            text = json.dumps(told)
            self.assertNotIn("6AA", text)
            mine = told["page"]
            self.assertTrue(mine["covered"] and mine["rank_covered"])
            self.assertEqual((mine["rank"], mine["grade"], mine["grades"]), (None, None, []))
            self.assertEqual((mine["evaluation"]["profiles"], mine["evaluation"]["grade"]), ([], {"state": "covered"}))
            self.assertEqual(mine["evaluation"]["events"], open_page["evaluation"]["events"])
            self.assertEqual(mine["runs"], open_page["runs"])
            self.assertEqual(told["siblings"], [None] * WELLS)
            for entry in board_dish(client)["ranking"]:
                self.assertEqual((entry["rank"], entry["class"], entry["reasons"]), (None, "", []))
            self.assertEqual([e["embryo"] for e in board_dish(client)["ranking"]], embryos)
            self.assertTrue(told["board"]["covered"] and not told["board"]["graded"])
            for entry in told["cohorts"]:
                self.assertEqual((entry["covered"], entry["grade"], entry["profiles"]), (True, None, []))

    def test_the_own_grade_uncovers_one_and_all_of_them_the_order(self):
        for number, embryo in enumerate(embryos):
            self.said(anna, embryo, "grade", {"stage": "cleavage", "quality": "intermediate"})
            self.addCleanup(self.said, anna, embryo, "grade", {"stage": "cleavage", "withdrawn": True})
            mine, last = page(anna, embryo), number == WELLS - 1
            self.assertFalse(mine["covered"])
            self.assertGreater(len(mine["evaluation"]["profiles"]), 3)
            self.assertEqual(mine["rank_covered"], not last)
            self.assertEqual(mine["rank"] is not None, last)
            self.assertTrue(board_embryo(anna, embryo)["graded"])
            self.assertEqual(bool(board_embryo(anna, embryo)["reasons"]), last)
        settle()
        self.assertEqual(page(anna, embryos[0])["rank"], page(vera, embryos[0])["rank"])

    def test_taken_back_it_is_covered_again(self):
        self.said(anna, embryos[0], "grade", {"expansion": 2})
        self.assertFalse(page(anna, embryos[0])["covered"])
        self.said(anna, embryos[0], "grade", {"withdrawn": True})
        self.assertTrue(page(anna, embryos[0])["covered"])

    def test_the_clinic_may_turn_it_off(self):
        self.assertTrue(vera.get("/api/settings").json["score_after_grade"])
        self.assertEqual(root.put("/api/settings", {"score_after_grade": False}).status, 204)
        self.addCleanup(lambda: root.put("/api/settings", {"score_after_grade": True}))
        self.assertFalse(page(anna, embryos[0])["covered"])
        self.assertEqual(page(anna, embryos[0])["rank"], page(vera, embryos[0])["rank"])
        self.assertTrue(any(e["reasons"] for e in board_dish(anna)["ranking"]))


class SecondReading(Case):
    """Who reads a second time learns nothing of what machine or people said, by any route."""

    def test_nothing_is_told(self):
        embryo = embryos[2]
        runs = [r["run"] for r in page(vera, embryo)["runs"]]
        self.said(ben, embryo, "annotations", {"event": "t2", "run": runs[7]})
        self.said(ben, embryo, "grade", {"expansion": 6, "icm": "A", "te": "B"})
        self.said(ben, embryo, "observations", {"kind": "pronuclei", "value": "4+"})
        comment = self.said(ben, embryo, "comments", {"text": "ben's words"}, 201).json["id"]
        decision = self.said(ben, embryo, "decisions", {"decision": "transfer", "reason": "ben's reason"}, 201).json["id"]
        self.addCleanup(self.taken_back, ben, embryo, "decisions", decision)
        self.addCleanup(self.taken_back, ben, embryo, "comments", comment)
        for what, body in (("annotations", {"event": "t2"}), ("grade", {}), ("observations", {"kind": "pronuclei"})):
            self.addCleanup(self.said, ben, embryo, what, {**body, "withdrawn": True})
        settle()
        self.blind(anna, embryo)
        self.said(anna, embryo, "annotations", {"event": "t3", "run": runs[8]})
        self.said(anna, embryo, "grade", {"expansion": 5, "icm": "B", "te": "B"})
        settle()
        told = told_anywhere(anna, embryo)
        text, everything = json.dumps(told), json.dumps([page(vera, embryo), history(vera, embryo), board_embryo(vera, embryo)])
        for word in ("ben", "6AB", "4+", "transfer"):
            self.assertIn(word, everything)
            self.assertNotIn(word, text)
        mine = told["page"]
        self.assertTrue(mine["covered"] and mine["rank_covered"] and mine["second_reading"]["since"])
        self.assertEqual((mine["rank"], mine["decisions"], mine["observations"], mine["comments"]), (None, [], [], []))
        self.assertEqual([g["text"] for g in mine["grades"]], ["5BB"])
        evaluation = mine["evaluation"]
        for name in ("profiles", "flags", "intervals", "anomalies"):
            self.assertEqual(evaluation[name], [], name)
        self.assertEqual((evaluation["stage"], evaluation["stage_group"], evaluation["cells"]), ("", "", None))
        for event in evaluation["events"]:
            own = [("anna", runs[8])] if event["event"] == "t3" else []
            self.assertEqual([(h["author"], h["run"]) for h in event["human"]], own, event)
            self.assertIsNone(event["automatic"])
            self.assertEqual(event["used"] and event["used"]["run"], runs[8] if own else None)
        for run_ in mine["runs"]:
            self.assertTrue(all(run_[name] is None for name in TOLD), run_)
        self.assertTrue(any(r["read"] for r in mine["runs"]))
        for at in runs[:10]:
            self.assertEqual(anna.get(f"/api/embryos/{embryo}/readings/{at}").json["readings"], [])
        self.assertTrue(vera.get(f"/api/embryos/{embryo}/readings/{runs[0]}").json["readings"])
        self.assertEqual({r["author"] for r in told["history"]}, {"anna"})
        for indicator in anna.get("/api/quality").json["indicators"]:
            self.assertNotIn(embryo, [m["embryo"] for m in anna.get(f"/api/quality/{indicator['id']}").json["members"]])
        self.board_is_blank(told)
        self.others_see_all(embryo)
        self.said(anna, embryo, "second-reading", {"state": "end"})
        after = page(anna, embryo)
        self.assertIsNone(after["second_reading"])
        self.assertEqual({g["author"] for g in after["grades"]}, {"anna", "ben"})
        self.assertEqual(after["decisions"][0]["decision"], "transfer")
        self.said(anna, embryo, "second-reading", {"state": "end"}, 404)
        self.said(anna, embryo, "second-reading", {"state": "begin"}, 409)
        self.said(anna, embryo, "annotations", {"event": "t3", "withdrawn": True})
        self.said(anna, embryo, "grade", {"withdrawn": True})

    def board_is_blank(self, told):
        blank = {"covered": True, "rank": None, "class": "", "reasons": [], "flags": [], "attention": [], "unsure": [], "decision": None, "stage": "",
                 "stage_group": "", "confidence": 0}
        for entry in (told["board"], *told["cohorts"]):
            self.assertEqual({name: entry[name] for name in blank}, blank)
        for entry in told["cohorts"]:
            self.assertEqual((entry["profiles"], entry["last_time_s"], entry["grade"]), ([], None, None))
            self.assertEqual([(e["event"], e["source"]) for e in entry["events"]], [("t3", "human")])
        self.assertEqual(told["siblings"], [None] * WELLS)

    def others_see_all(self, embryo):
        self.assertEqual({g["author"] for g in page(vera, embryo)["grades"]}, {"anna", "ben"})
        self.assertIsNone(page(vera, embryo)["second_reading"])

    def test_what_would_tell_is_refused(self):
        embryo = embryos[2]
        decision = self.said(ben, embryo, "decisions", {"decision": "transfer"}, 201).json["id"]
        self.addCleanup(self.taken_back, ben, embryo, "decisions", decision)
        self.blind(anna, embryo)
        sentences = set()
        for body in ({"kind": "outcome-hcg", "value": "yes"}, {"kind": "outcome-hcg", "withdrawn": True}):
            sentences.add(self.said(anna, embryo, "observations", body, 409).json["error"]["message"])
        sentences.add(self.said(anna, embryo, "decisions", {"decision": "freeze"}, 409).json["error"]["message"])
        sentences.add(self.taken_back(anna, embryo, "decisions", decision, 409).json["error"]["message"])
        for form in ("pdf", "json", "csv"):
            reply = anna.get(f"/api/cycles/{cycle}/report.{form}")
            self.assertEqual(reply.status, 409, form)
            sentences.add(reply.json["error"]["message"])
        for client, name in ((anna, "ben"), (ben, "anna")):
            reply = client.post("/api/signatures", {"decisions": [decision], "name": name, "password": PASSWORD, "meaning": "witness"})
            self.assertEqual(reply.status, 409)
            sentences.add(reply.json["error"]["message"])
        self.assertEqual(len(sentences), 1, sentences)
        self.assertEqual(ben.get(f"/api/cycles/{cycle}/report.pdf").status, 200)

    def test_not_for_who_has_said_something(self):
        embryo = embryos[0]
        for what, body, back in (("grade", {"expansion": 1}, {"withdrawn": True}), ("annotations", {"event": "t2", "absent": True}, {"event": "t2", "withdrawn": True}),
                                 ("observations", {"kind": "vacuoles", "value": "none"}, {"kind": "vacuoles", "withdrawn": True})):
            self.said(anna, embryo, what, body)
            self.said(anna, embryo, "second-reading", {"state": "begin"}, 409)
            self.said(anna, embryo, what, back)
        self.said(anna, embryo, "second-reading", {"state": "rest"}, 400)
        self.said(anna, embryo, "second-reading", {"state": "begin"})
        self.said(anna, embryo, "second-reading", {"state": "begin"})
        self.said(anna, embryo, "second-reading", {"state": "end"})
        self.assertEqual([r["name"] for r in history(vera, embryo) if r["what"] == "second-reading"][:2], ["end", "begin"])


class Signatures(Case):
    def sign(self, client, decisions, name, meaning, status=200, password=PASSWORD, **headers):
        reply = client.post("/api/signatures", {"decisions": decisions, "name": name, "password": password, "meaning": meaning}, headers={
            n.replace("_", "-"): v for n, v in headers.items()})
        self.assertEqual(reply.status, status, reply.body)
        return reply

    def decide(self, *of):
        return [self.said(anna, embryo, "decisions", {"decision": "freeze", "reason": "because"}, 201).json["id"] for embryo in of]

    def test_author_and_witness_of_a_whole_cycle(self):
        decisions = self.decide(*embryos)
        self.assertEqual(self.sign(anna, decisions, "anna", "author", X_Daybreak_Patient=str(patient)).json, {"signed": WELLS})
        # The witness signs in anna's session.
        self.assertEqual(self.sign(anna, decisions, "ben", "witness").json, {"signed": WELLS})
        for embryo, decision in zip(embryos, decisions):
            told = page(vera, embryo)["decisions"][0]
            self.assertEqual((told["id"], [(s["meaning"], s["name"]) for s in told["signatures"]]), (decision, [("author", "anna"), ("witness", "ben")]))
            self.taken_back(anna, embryo, "decisions", decision, 409)
        rows = [r for r in history(vera, embryos[0]) if r["what"] == "signature"]
        self.assertEqual([(r["author"], r["name"], r["value"]) for r in rows[:2]], [("ben", "witness", "freeze"), ("anna", "author", "freeze")])
        self.sign(anna, decisions[:1], "anna", "author", 409)
        self.assertIn(" 0 problems", run(BIN / "daybreak", "verify", "--store", daemon.store).stdout)

    def test_who_may_not(self):
        decision = self.decide(embryos[0])
        self.sign(ben, decision, "ben", "author", 403)
        self.sign(anna, decision, "anna", "witness", 403)
        self.sign(anna, decision, "vera", "witness", 403)
        self.sign(anna, [9999], "anna", "author", 404)
        self.sign(anna, decision, "anna", "author", 409, X_Daybreak_Patient=str(patient + 1))
        for wrong in ({}, {"decisions": []}, {"decisions": ["1"]}, {"decisions": 1}, {"decisions": [0]}, {"decisions": [1] * 65}, {"meaning": "friend"},
                      {"name": 1}, {"password": None}, {"more": 1}):
            body = {"decisions": decision, "name": "anna", "password": PASSWORD, "meaning": "author", **wrong}
            if not wrong:
                body.pop("password")
            self.assertEqual(anna.post("/api/signatures", body).status, 400, wrong)
        self.assertEqual(page(vera, embryos[0])["decisions"][0]["signatures"], [])
        self.taken_back(anna, embryos[0], "decisions", decision[0])

    def test_all_or_none(self):
        mine = self.decide(embryos[0])
        other = [self.said(ben, embryos[1], "decisions", {"decision": "freeze"}, 201).json["id"]]
        self.sign(anna, mine + other, "anna", "author", 403)
        self.assertEqual(page(vera, embryos[0])["decisions"][0]["signatures"], [])
        self.taken_back(anna, embryos[0], "decisions", mine[0])
        self.taken_back(ben, embryos[1], "decisions", other[0])

    def test_a_wrong_password_counts_as_when_signing_in(self):
        """403, as the session goes on; and the one throttle for both."""
        decision = self.decide(embryos[0])
        desk = Client(daemon, contract, "anna", address="10.7.7.7")
        for name, password in (("anna", "wrong"), ("nobody", PASSWORD), ("anna", "wrong"), ("ben", "wrong"), ("nobody", "x")):
            self.assertEqual(self.sign(desk, decision, name, "author", 403, password=password).code, "forbidden")
        reply = self.sign(desk, decision, "anna", "author", 429)
        self.assertGreater(int(reply.headers["Retry-After"]), 0)
        stranger = Client(daemon, contract, address="10.7.7.7")
        self.assertEqual(stranger.post("/api/session", {"name": "ben", "password": PASSWORD}).status, 429)
        self.assertEqual(desk.get("/api/session").status, 200)
        self.assertEqual(page(vera, embryos[0])["decisions"][0]["signatures"], [])
        self.taken_back(anna, embryos[0], "decisions", decision[0])


class Clinic(Case):
    def test_settings(self):
        format_ = page(vera, embryos[0])["dish"]["format"]
        self.assertEqual(vera.get("/api/settings").json, {"score_after_grade": True, "pixel_um": {format_: None}})
        self.assertIsNone(page(vera, embryos[0])["pixel_um"])
        self.assertEqual(root.put("/api/settings", {"pixel_um": {format_: 0.7225}}).status, 204)
        self.assertEqual(page(vera, embryos[0])["pixel_um"], 0.723)
        self.assertEqual(vera.get("/api/settings").json["pixel_um"], {format_: 0.723})
        for wrong in ({"pixel_um": {format_: 0}}, {"pixel_um": {format_: -1}}, {"pixel_um": {format_: 1e300}}, {"pixel_um": {format_: "1"}}, {"pixel_um": 1},
                      {"pixel_um": {"camera": 1}}, {"score_after_grade": 1}, {"score_after_grade": None}, {"more": 1},
                      {"score_after_grade": False, "pixel_um": {format_: 0}}):
            self.assertEqual(root.put("/api/settings", wrong).status, 400, wrong)
        self.assertEqual(vera.get("/api/settings").json, {"score_after_grade": True, "pixel_um": {format_: 0.723}})
        self.assertEqual(root.put("/api/settings", {"pixel_um": {format_: None}}).status, 204)
        self.assertEqual(anna.put("/api/settings", {"score_after_grade": False}).status, 403)

    def test_preferences_are_ones_own(self):
        self.assertEqual(vera.get("/api/preferences").json, {})
        liked = {"keys": {"play": "p"}, "deep": [{"é": None}], "big": "x" * 15000}
        self.assertEqual(vera.put("/api/preferences", liked).status, 204)
        self.assertEqual(vera.get("/api/preferences").json, liked)
        self.assertEqual(anna.get("/api/preferences").json, {})
        self.assertEqual(vera.put("/api/preferences", {"big": "x" * 16384}).status, 413)
        self.assertEqual(vera.put("/api/preferences", b"[]", headers={"Content-Type": "application/json"}).status, 400)
        self.assertEqual(vera.get("/api/preferences").json, liked)

    def test_patients_and_cycles_are_corrected(self):
        number, its_cycle = new_cycle("P-7")
        self.assertEqual(anna.put(f"/api/patients/{number}", {"name": "Ada King", "born": "1985-12-10"}).status, 204)
        self.assertEqual(anna.put(f"/api/cycles/{its_cycle}", {"decision": "2026-11-22T07:30:00Z"}).status, 204)
        self.assertEqual(anna.put(f"/api/cycles/{its_cycle}", {"label": "2026-11 b", "method": "IVF"}).status, 204)
        found = next(p for p in vera.get("/api/patients").json["patients"] if p["id"] == number)
        self.assertEqual(found, {"id": number, "name": "Ada King", "identifier": "P-7", "born": "1985-12-10", "cycles": [
            {"cycle": its_cycle, "label": "2026-11 b", "method": "IVF", "decision": "2026-11-22T07:30:00Z"}]})
        self.assertEqual(anna.put(f"/api/cycles/{its_cycle}", {"decision": None}).status, 204)
        for path, wrong, status in ((f"patients/{number}", {"identifier": "p-1"}, 409), (f"patients/{number}", {"name": ""}, 400),
                                    (f"patients/{number}", {"born": "soon"}, 400), ("patients/9999", {"name": "a"}, 404),
                                    (f"cycles/{its_cycle}", {"method": "magic"}, 400), (f"cycles/{its_cycle}", {"label": ""}, 400),
                                    (f"cycles/{its_cycle}", {"decision": "soon"}, 400), ("cycles/9999", {"label": "a"}, 404), (f"cycles/{its_cycle}", {"patient": 1}, 400)):
            self.assertEqual(anna.put(f"/api/{path}", wrong).status, status, (path, wrong))
        self.assertEqual(root.post("/api/cycles", {"patient": number, "label": " 2026-11  B "}).status, 409)


class WhatIsOnTheRecord(unittest.TestCase):
    """The last class in order of name."""

    def test_every_operation_of_words_has_answered(self):
        self.assertEqual({(m, p) for m, p, _ in contract.operations() if is_words(m, p)} - contract.seen, set())

    def test_all_of_it_is_on_the_record(self):
        with database() as db:
            actions = {row[0] for row in db.execute("SELECT DISTINCT action FROM audit")}
        for action in ("annotation.withdraw", "grade.add", "grade.withdraw", "observation.add", "comment.add", "comment.withdraw", "decision.withdraw",
                       "signature.add", "second-reading.begin", "second-reading.end", "settings.change", "patient.update", "cycle.update"):
            self.assertIn(action, actions)
        self.assertIn(" 0 problems", run(BIN / "daybreak", "verify", "--store", daemon.store).stdout)


if __name__ == "__main__":
    unittest.main(verbosity=1)
