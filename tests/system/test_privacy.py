#!/usr/bin/env python3
"""What leaves the house. A morning of patients with names, numbers and birth dates bursts to a region. Everything that goes over
the wall to the agent, over the wire and through the gateway is kept, opened with the function's own key by an implementation
of its own (sealed.py), and looked through: ciphertext only on the way; inside it cuts, and no identity, no time, no order, no
overlay; and a row of the egress ledger for every byte."""
import base64
import collections
import contextlib
import hashlib
import itertools
import json
import math
import os
import pathlib
import socket
import socketserver
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse
import zlib

import sealed
from programs import program, run
from region import ENDPOINT, SITE, SLOT_ASK, SLOT_HEAD, SLOT_SEND, Faults, Region, Wire, progress_of, wait_for, zone_until

from daemon import ADMIN, Client, Contract  # region.py says where it lies

PATIENTS, RUNS, SIDE, SEED = 4, 16, 256, 22

# Nobody's names, of letters that no accident makes.
NAMES = ["Quirina Zwetschgenbaum", "Ørjanneke Übelhør-Żółć", "Wilhelmina O'Xanthopoulos", "Ngọcanh Trầnthị Hươngsen"]
IDENTIFIERS = ["MRN-48151623", "KH/2026/00815-Q", "Fall 99-4711-X", "PID_7f00aa31bb"]
BORN = ["1987-03-14", "1991-12-05", "1979-08-23", "1994-02-28"]
CYCLES = ["ICSI Zyklus Zwiebelturm", "IVF third attempt Kranich", "freeze-all Sturmvogel", "egg donor Q-Bernstein"]
DESCRIPTION = "transfer candidate of Mrs Quillfeather"

# All that a request may carry besides its body, and who puts it there.
OF_THE_AGENT = {"accept", "content-type", "content-length", "idempotency-key", "x-daybreak-digest"}
OF_THE_GATEWAY = {"host", "connection", "x-client-verify", "x-client-subject", "x-client-serial", "x-daybreak-gateway"}


# Looking for words in bytes

def spellings(word):
    """The word in every way that programs write it down. Eight bytes at least: shorter ones occur by chance."""
    found = set()
    for text in {word, word.lower(), word.upper(), urllib.parse.quote(word), json.dumps(word)[1:-1]}:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "latin-1"):
            with contextlib.suppress(UnicodeEncodeError):
                plain = text.encode(encoding)
                found |= {plain, plain.hex().encode(), plain.hex().upper().encode()}
                for shift in range(3):
                    # Of base 64, the middle: what does not depend on the bytes around it.
                    coded = base64.b64encode(b"\0" * shift + plain)
                    found.add(coded[4 if shift else 0:len(coded) // 4 * 4 - 4])
    return {each for each in found if len(each) >= 8}


def dates(iso):
    """A birth date as people write it."""
    year, month, day = iso.split("-")
    return {iso, f"{day}.{month}.{year}", f"{day}/{month}/{year}", f"{month}/{day}/{year}", f"{year}{month}{day}"}


def words_in(data, needles):
    return sorted({word for spelling, word in needles.items() if spelling in data})


class Search:
    """For a few thousand spellings in many megabytes, which grep goes through once."""

    def __init__(self, words, folder):
        self.needles = {spelling: word for word in words for spelling in spellings(word)}
        assert not any(b"\n" in spelling for spelling in self.needles)
        folder.mkdir()
        self.folder, self.patterns = folder, folder / "patterns"
        self.patterns.write_bytes(b"\n".join(self.needles))

    def found(self, places):
        """{place: the words in it} of {place: bytes}; the places without any are left out."""
        files = {}
        for number, (place, data) in enumerate(places.items()):
            files[self.folder / str(number)] = place
            (self.folder / str(number)).write_bytes(data)
        done = subprocess.run(["grep", "-aFl", "-f", self.patterns, *files], capture_output=True, text=True,
                              env={**os.environ, "LC_ALL": "C"})
        assert done.returncode in (0, 1), done.stderr
        return {files[pathlib.Path(line)]: words_in(places[files[pathlib.Path(line)]], self.needles)
                for line in done.stdout.splitlines()}


# The wall between box and agent, with an ear at it

class Tap(socketserver.ThreadingUnixStreamServer):
    """Relays the daemon's connections to the agent's socket; what the daemon said is in .said, a text for each."""
    daemon_threads, request_queue_size = True, 64

    def __init__(self, path, target):
        super().__init__(str(path), None)
        self.path, self.target, self.said = path, str(target), []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        said = bytearray()
        self.said.append(said)
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as onward:
            onward.connect(self.target)
            back = threading.Thread(target=self.relay, args=(onward, request, None), daemon=True)
            back.start()
            self.relay(request, onward, said)
            back.join()

    def relay(self, source, to, said):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if said is not None:
                    said += data
                to.sendall(data)
        for end in (source, to):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def messages(self):
        """(kind, text, body) of all that the daemon said."""
        for said in self.said:
            at = 0
            while at < len(said):
                magic, version, kind, text_size, body_size = SLOT_HEAD.unpack_from(said, at)
                assert (magic, version) == (b"DBSY", 1)
                at += SLOT_HEAD.size + text_size + body_size
                assert at <= len(said), "cut off"
                yield kind, bytes(said[at - body_size - text_size:at - body_size]), bytes(said[at - body_size:at])


def tcp_of(process):
    """(port of its own, port of the other side) of each TCP socket that a process holds; 0: it listens."""
    held = set()
    for descriptor in pathlib.Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(OSError):
            held.add(os.readlink(descriptor))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" in held:
                found.add(tuple(int(end.rsplit(":", 1)[1], 16) for end in fields[1:3]))
    return found


# The morning

def render(folder, *options):
    folder.mkdir()
    run("daybreak-simulate", "--morning", folder, "--patients", PATIENTS, "--runs", RUNS, "--planes", 1, "--side", SIDE,
        "--seed", SEED, "--quiet", *options)
    return sorted(folder.glob("*.pdb"))


def describe(export):
    """Some clinics write names into the export itself."""
    with contextlib.closing(sqlite3.connect(export)) as database, database:
        database.execute("UPDATE GENERAL SET Val = ? WHERE Type = 'Description'", (DESCRIPTION,))
        database.execute("INSERT INTO GENERAL VALUES('General', 'PatientName', ?)", (NAMES[0],))


def cuts_of(exports, folder):
    """{pixels of a cut: (slide, well, run)}, as the product's own cutting makes them of one focal plane."""
    folder.mkdir()
    places = []
    for export in exports:
        with contextlib.closing(sqlite3.connect(export)) as database:
            for well, number, picture in database.execute("SELECT Well, Run, Image FROM IMAGES ORDER BY Well, Run"):
                places.append((export.stem, well, number))
                (folder / f"{len(places)}.jpg").write_bytes(picture)
    lines = "".join(f"{folder}/{n}.jpg\n" for n in range(1, len(places) + 1))
    out = subprocess.run([program("daybreak-cut")], input=lines.encode(), capture_output=True, check=True).stdout
    plane = sealed.CUT_SIDE * sealed.CUT_SIDE
    size = 1 + 3 * 4 + 3 * plane
    assert len(out) == size * len(places)
    return {out[n * size + 13:n * size + 13 + plane]: place for n, place in enumerate(places) if out[n * size]}


def add_patients(client):
    """Ids of a cycle for each. The lab decides in a few seconds, which is too soon for the home alone."""
    decision = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5))
    cycles = []
    for name, identifier, born, label in zip(NAMES, IDENTIFIERS, BORN, CYCLES):
        patient = client.post("/api/patients", {"name": name, "identifier": identifier, "born": born})
        assert patient.status == 201, patient.body
        cycle = client.post("/api/cycles", {"patient": patient.json["id"], "label": label, "method": "ICSI",
                                              "decision": decision})
        assert cycle.status == 201, cycle.body
        cycles.append(cycle.json["id"])
    return cycles


class Privacy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="daybreak-privacy-")))
        cls.exports = render(cls.folder / "labelled", "--overlay")
        cls.plain = render(cls.folder / "plain")
        cls.cuts = cuts_of(cls.exports, cls.folder / "labelled-frames")
        for export in cls.exports:
            describe(export)
        cls.faults, cls.wire = Faults(keep=True), Wire(keep=True)
        cls.region = cls.enterClassContext(Region(functions=4, wire=cls.wire, faults=cls.faults))
        cls.agent = cls.region.agent()
        cls.tap = Tap(cls.region.folder / "tap.sock", cls.region.socket)
        cls.addClassCleanup(lambda: (cls.tap.shutdown(), cls.tap.server_close()))
        cls.tcp = {"daemon": set(), "agent": set()}
        cls.burst()
        key = cls.region.function_key.read_bytes()
        cls.batches = [(headers, body, sealed.unpack(sealed.unseal(key, body))) for headers, body in cls.faults.taken]
        cls.questions = [sealed.parse(pack.question) for _, _, pack in cls.batches]
        cls.search = Search(cls.identities(), cls.folder / "search")

    @classmethod
    def burst(cls):
        """Patients are there before their exports come; the reader at home is slow, and the hour strikes soon for what is in the
        inbox, too: a quick machine has read a dish before it is assigned."""
        watch = cls.folder / "Mrs Quillfeather and others"
        watch.mkdir()
        cls.daemon = cls.region.daemon(watch=watch, settle_s=0, lanes=1, reader=program("crawling-reader"),
                                       sync_socket=cls.tap.path, env={"TZ": zone_until(20)})
        client = Client(cls.daemon, Contract(), ADMIN)
        cycles = add_patients(client)
        for export in cls.exports:
            os.rename(export, watch / export.name)
        while cycles:
            inbox = wait_for("a dish in the inbox", lambda: client.get("/api/board").json["inbox"])
            assert client.post(f"/api/dishes/{inbox[0]['dish']}/assign", {"cycle": cycles.pop()}).status == 204
        wait_for("the morning's end", cls.is_over, 180)
        cls.at_home = client.get("/api/patients").body + client.get("/api/board").body
        status, _ = cls.daemon.stop()
        assert status == 0, cls.daemon.log_text()

    @classmethod
    def is_over(cls):
        cls.tcp["daemon"] |= tcp_of(cls.daemon.process.pid)
        cls.tcp["agent"] |= tcp_of(cls.agent.process.pid)
        progress = progress_of(cls.daemon.store)
        return progress["runs"] == progress["read"] >= len(cls.cuts) and progress["jobs"] == 0

    @classmethod
    def identities(cls):
        """Every word that says who, whose or where."""
        words = {*NAMES, *IDENTIFIERS, *CYCLES, DESCRIPTION, "Quillfeather", str(cls.folder), str(cls.daemon.folder)}
        words |= {part for name in NAMES for part in name.split() if len(part) >= 8}
        words |= {written for born in BORN for written in dates(born)}
        for export in cls.exports:
            words |= {export.stem, export.stem.split("_", 1)[1], export.stem.split("_")[0]}
        return words

    def test_01_the_search_finds_what_is_there(self):
        """At home the words are, and the search knows them however they are written."""
        at_home = self.search.found({"home": self.at_home})["home"]
        self.assertLessEqual({*NAMES, *IDENTIFIERS, *BORN, *CYCLES}, set(at_home))
        planted = [b"..quirina zwetschgenbaum..", NAMES[1].encode("utf-16-le"), NAMES[3].encode("utf-16-be"),
                   base64.b64encode(b"x" + NAMES[2].encode() + b"yz"), IDENTIFIERS[3].encode().hex().encode(), b"28.02.1994"]
        found = self.search.found({data: b"\0\xff" * 1000 + data + b"\n\0" for data in planted + [b"nobody"]})
        self.assertEqual(set(found), set(planted))

    def test_02_enough_of_the_morning_left_to_judge_by(self):
        sent = {cut.digest for question in self.questions for cut in question.cuts}
        print(f"{len(self.batches)} batches, {len(sent)} of {len(self.cuts)} cuts, {sum(len(b) for _, b, _ in self.batches)} bytes")
        self.assertGreaterEqual(len(self.batches), 3, self.daemon.log_text())
        self.assertGreaterEqual(len(sent), 100, self.daemon.log_text())

    def test_03_nobody_outside_learns_who(self):
        """On the wire, at the gateway, in the sealed batches once opened, in all that the agent, the gateway and the functions
        write down: their folders, their books, their logs."""
        places = {"the wall": b"".join(map(bytes, self.tap.said)), "the wire": b"".join(map(bytes, self.wire.sent))}
        for number, (headers, body, pack) in enumerate(self.batches):
            places[f"batch {number}, headers"] = repr(headers).encode()
            places[f"batch {number}, sealed"] = body
            places[f"batch {number}, opened"] = pack.tar
        written = [path for path in self.region.folder.rglob("*") if path.is_file()]
        self.assertTrue(any(path.name == "ledger.db" for path in written))
        places |= {str(path): path.read_bytes() for path in written}
        self.assertEqual(self.search.found(places), {})

    def test_04_the_wall_is_passed_by_sealed_batches_and_questions(self):
        bodies = set()
        for kind, text, body in self.tap.messages():
            self.assertIn(kind, (SLOT_SEND, SLOT_ASK))
            if kind == SLOT_SEND:
                text = json.loads(text)
                self.assertLessEqual(set(text), {"batch", "endpoint", "cuts", "why", "limit_ms"})
                self.assertEqual(text["batch"], sealed.split(body).batch.hex())
                self.assertEqual(text["endpoint"], ENDPOINT)
                bodies.add(body)
        self.assertLessEqual({body for _, body, _ in self.batches}, bodies)

    def test_05_a_request_carries_no_more_than_was_agreed(self):
        for headers, body, _ in self.batches:
            headers = {name.lower(): value for name, value in headers.items()}
            self.assertLessEqual(set(headers), OF_THE_AGENT | OF_THE_GATEWAY)
            self.assertEqual(headers["idempotency-key"], sealed.split(body).batch.hex())
            self.assertEqual(headers["x-daybreak-digest"], hashlib.sha256(body).hexdigest())
            self.assertEqual(headers["x-client-subject"], f"CN={SITE},O=Daybreak site")

    def test_06_on_the_way_is_ciphertext(self):
        together = b""
        for _, body, pack in self.batches:
            parts = sealed.split(body)
            together += parts.ciphertext
            self.assertGreaterEqual(len(zlib.compress(parts.ciphertext)), len(parts.ciphertext))
            self.assertLess(len(zlib.compress(pack.tar)), len(pack.tar))
            self.assertNotIn(b"ustar", body)
            self.assertNotIn(b"\x28\xb5\x2f\xfd", body[:4096], "the magic of zstd")
        # Every byte is as likely as any other: chi squared with 255 degrees of freedom, mean 255, deviation 22.6.
        counts, mean = collections.Counter(together), len(together) / 256
        self.assertLess(sum((counts[value] - mean) ** 2 / mean for value in range(256)), 255 + 8 * 22.6)
        seen = [self.batches[n][1][54:119] for n in range(len(self.batches))]
        self.assertEqual(len(set(seen)), len(seen), "each batch has a key of its own")

    def test_07_inside_are_cuts_and_nothing_else(self):
        """sealed.parse names every byte; what is not a cut of this morning has no place to be."""
        for (_, _, pack), question in zip(self.batches, self.questions):
            self.assertEqual(pack.about, b'{"format":1}')
            for member in pack.members:
                self.assertEqual((member.mtime, member.uid, member.gid, member.uname, member.gname, member.linkname,
                                  member.pax_headers), (0, 0, 0, "", "", "", {}))
            # After the two entries a tar holds nothing but zeros, and between them only what fills their blocks.
            start, end = pack.members[1].offset_data, pack.members[1].offset_data + len(pack.question)
            self.assertEqual(pack.tar[end:].strip(b"\0"), b"")
            self.assertEqual(pack.tar[pack.members[0].offset_data + len(pack.about):pack.members[1].offset].strip(b"\0"), b"")
            self.assertEqual(pack.tar[start:end], pack.question)
            for cut in question.cuts:
                self.assertEqual(len(cut.planes), 1)
                self.assertIn(cut.planes[0], self.cuts)

    def test_08_numbers_tell_no_time(self):
        """A batch's two numbers are random: each once, and spread as no clock's and no counter's are."""
        for numbers, bits in (([q.number for q in self.questions], 64),
                              ([int.from_bytes(sealed.split(b).batch, "big") for _, b, _ in self.batches], 128)):
            self.assertEqual(len(set(numbers)), len(numbers))
            self.assertGreater(max(numbers) - min(numbers), 1 << (bits - 8))

    def test_09_cuts_are_mixed_and_shuffled(self):
        ascending = pairs = variance = 0
        mixed = []
        for question in self.questions:
            places = [self.cuts[cut.planes[0]] for cut in question.cuts]
            embryos = collections.Counter(place[:2] for place in places)
            mixed += [len(embryos)] if len(places) >= 32 else []
            for one, other in itertools.combinations(places, 2):
                if one[:2] == other[:2]:
                    pairs, ascending = pairs + 1, ascending + (one[2] < other[2])
            # Of the number of pairs in order, in a fair shuffle of n.
            variance += sum(n * (n - 1) * (2 * n + 5) / 72 for n in embryos.values())
        print(f"{ascending} of {pairs} pairs of an embryo are in order; {mixed} embryos in the large batches")
        self.assertGreater(pairs, 100)
        self.assertLess(abs(ascending - pairs / 2), 5 * math.sqrt(variance))
        self.assertGreaterEqual(min(mixed, default=2), 2)

    def test_10_no_overlay_survives(self):
        """Well numbers and hours are burned into every frame of this morning. Its cuts are those of the same morning without
        them; and what lies outside the circle around the embryo is one grey."""
        side, middle = sealed.CUT_SIDE, (sealed.CUT_SIDE - 1) / 2
        edges = []
        for y in range(side):
            inside = (middle + 1.5) ** 2 - (y - middle) ** 2
            edges.append(max(0, math.floor(middle - math.sqrt(inside))) if inside > 0 else side // 2)
        plain = cuts_of(self.plain, self.folder / "plain-frames")
        self.assertNotEqual(frame_of(self.plain[0]), frame_of(self.folder / "Mrs Quillfeather and others" / self.exports[0].name))
        sent = [cut.planes[0] for question in self.questions for cut in question.cuts]
        same = sum(pixels in plain for pixels in sent)
        print(f"{same} of {len(sent)} cuts are those of frames without labels")
        self.assertGreaterEqual(same, 0.9 * len(sent))
        for pixels in sent:
            outside = b"".join(pixels[y * side:y * side + edge] + pixels[(y + 1) * side - edge:(y + 1) * side]
                               for y, edge in enumerate(edges))
            self.assertGreater(len(outside), 2000)
            self.assertEqual(len(set(outside)), 1)

    def test_11_every_byte_is_on_the_record(self):
        answer = self.region.ask({"what": "egress", "limit": 1000})
        rows = [row for row in answer["rows"] if row["class"] == "sealed-batch"]
        self.assertEqual({row["class"] for row in answer["rows"]}, {"sealed-batch", "version-check"})
        recorded = collections.Counter((row["batch"], row["digest"], row["bytes"]) for row in rows)
        for _, body, _ in self.batches:
            recorded.subtract([(sealed.split(body).batch.hex(), hashlib.sha256(body).hexdigest(), len(body))])
        self.assertEqual([row for row, count in recorded.items() if count < 0], [])
        # The wire carried that and the records of TLS, no more.
        sent, carried = answer["total"]["sent"], self.wire.bytes_up
        print(f"the ledger has {sent} bytes, the wire carried {carried} on {self.wire.opened} connections")
        self.assertLessEqual(sent, carried)
        self.assertLess(carried, 1.01 * sent + 20_000 * self.wire.opened)

    def test_12_who_knows_the_patient_opens_no_connection(self):
        """All that the daemon has is its own door for the lab; it is the agent that calls the gateway."""
        self.assertIn((self.daemon.port, 0), self.tcp["daemon"])
        self.assertEqual({own for own, _ in self.tcp["daemon"]}, {self.daemon.port})
        self.assertIn(self.wire.port, {other for _, other in self.tcp["agent"]})

    def test_13_the_diagnostic_log_names_nobody(self):
        found = self.search.found({"log": self.daemon.log_text().encode()}).get("log", [])
        self.assertEqual(set(found) & {*NAMES, *IDENTIFIERS, *CYCLES, *BORN, "Quillfeather"}, set())


def frame_of(export):
    with contextlib.closing(sqlite3.connect(export)) as database:
        return database.execute("SELECT Image FROM IMAGES LIMIT 1").fetchone()[0]


if __name__ == "__main__":
    unittest.main(verbosity=2)
