#!/usr/bin/env python3
"""How daybreak-sync fetches updates: from the region's real gateway, over mutual TLS, in parts. What is in the folder
under a bundle's name is whole; what is cut goes on; what is wrong, too large for the disk or refused is told and kept out.
The disk that is too small is a real one, mounted: that test needs root."""
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import socket
import socketserver
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest

from programs import ROOT, run
from region import Region, slot_ask, wait_for

PART = 32 << 20


class Line(socketserver.ThreadingTCPServer):
    """Between agent and gateway: .cut_after, a list, ends a connection each when so many bytes have come down it; .rate is
    how many a second come down, 0 for all."""
    daemon_threads, allow_reuse_address = True, True

    def __init__(self, target):
        super().__init__(("127.0.0.1", 0), None)
        self.port, self.target = self.server_address[1], target
        self.cut_after, self.rate, self.cuts, self.down = [], 0, 0, 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        limit = self.cut_after[0] if self.cut_after else None
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.target)) as onward:
            threading.Thread(target=self.relay, args=(request, onward), daemon=True).start()
            count = 0
            while data := onward.recv(65536):
                request.sendall(data)
                count += len(data)
                self.down += len(data)
                if self.rate:
                    time.sleep(len(data) / self.rate)
                if limit is not None and count > limit:
                    self.cut_after.pop(0)
                    self.cuts += 1
                    break
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def relay(source, to):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                to.sendall(data)
        with contextlib.suppress(OSError):
            to.shutdown(socket.SHUT_RDWR)


class Fetch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.region = Region(functions=0, upstream=9)
        cls.addClassCleanup(cls.region.__exit__, None, None, None)
        # Not below the region's private folder: nginx's workers may be somebody else.
        cls.server = pathlib.Path(tempfile.mkdtemp(prefix="daybreak-updates-"))
        cls.addClassCleanup(shutil.rmtree, cls.server)
        cls.server.chmod(0o755)
        text = (ROOT / "packaging/cloud/nginx/updates.conf.in").read_text()
        (cls.region.folder / "gateway/updates.conf").write_text(text.replace("@UPDATES@", str(cls.server)))
        cls.region.__enter__()
        cls.line = Line(cls.region.gateway.port)
        cls.addClassCleanup(cls.line.server_close)
        cls.addClassCleanup(cls.line.shutdown)

    def setUp(self):
        self.line.cut_after, self.line.rate, self.line.cuts = [], 0, 0
        self.agent = None
        self.site = f"clinic-{self.id().rsplit('.', 1)[1][-20:].replace('_', '-')}"
        self.region.site = self.site
        self.identity = self.region.authority.issue(self.site)

    def tearDown(self):
        if self.agent and self.agent.alive():
            self.assertEqual(self.agent.stop(), 0)
        for path in self.server.iterdir():
            path.unlink()

    def offer(self, version="9.0.0", size=200_000, claims=None):
        """Publishes a bundle of random bytes; its content. claims: what the channel says instead."""
        content = os.urandom(size)
        name = f"daybreak-{version}.raucb"
        (self.server / name).write_bytes(content)
        (self.server / "channel.json").write_text(json.dumps(
            {"version": version, "file": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), **(claims or {})}))
        for path in self.server.iterdir():
            path.chmod(0o644)
        return content

    def start(self, through=True, **members):
        url = f"https://127.0.0.1:{self.line.port if through else self.region.gateway.port}/updates"
        members.setdefault("updates", {"url": url, "ca": str(self.region.authority.certificate)})
        self.agent = self.region.agent(cloud=self.region.cloud(**members), identity=self.identity, start=False)
        self.folder = self.agent.data / "updates"
        self.agent.start()

    def told(self):
        return slot_ask(self.agent.socket, {"what": "updates"})

    def wait_for(self, state, seconds=60):
        try:
            return wait_for(f"updates to be {state}", lambda: (told := self.told())["state"] == state and told, seconds)
        except AssertionError:
            self.fail(f"not {state} but {self.told()}\n{self.agent.tail()}")

    def bundles(self):
        return sorted(path.name for path in self.folder.iterdir())

    def rows(self):
        with contextlib.closing(sqlite3.connect(self.agent.data / "ledger.db", timeout=20)) as ledger:
            return ledger.execute("SELECT why, outcome FROM egress WHERE class = 'update' ORDER BY seq").fetchall()

    def events(self):
        return [e for e in slot_ask(self.agent.socket, {"what": "events", "limit": 1000})["events"]
                if e["id"].startswith("sync.update-")]

    def test_off_where_no_channel_is_named(self):
        self.agent = self.region.agent(identity=self.identity)
        told = self.told()
        self.assertEqual((told["state"], told["offer"], told["checked"]), ("off", None, None))
        self.assertFalse((self.agent.data / "updates").exists())

    def test_fetched_whole_in_parts(self):
        content = self.offer(size=PART + 5_000_000)
        self.start()
        told = self.wait_for("fetched")
        self.assertEqual((told["offer"]["version"], told["offer"]["have"], told["offer"]["size"]), ("9.0.0", len(content), len(content)))
        self.assertTrue(told["checked"] and told["next"])
        self.assertEqual(self.bundles(), ["daybreak-9.0.0.raucb"])
        path = self.folder / "daybreak-9.0.0.raucb"
        self.assertEqual(path.read_bytes(), content)
        self.assertEqual((path.stat().st_mode & 0o777, self.folder.stat().st_mode & 0o777), (0o600, 0o700))
        self.assertEqual(self.rows(), [("channel", "answered 200"), ("fetch", "answered 206"), ("fetch", "answered 206")])
        self.assertEqual([e["id"] for e in self.events()], ["sync.update-offered", "sync.update-fetched"])
        said = run("daybreak-sync", "status", "--config", self.agent.config).stdout
        self.assertRegex(said, rf"updates +fetched .*\n.*\n +version 9.0.0 is offered, {len(content)} of {len(content)} bytes are here")
        # What was fetched is known after a restart and not fetched again; a newer one takes its place.
        self.agent.stop()
        self.agent.start()
        self.wait_for("fetched")
        self.assertEqual(len(self.rows()), 4)
        newer = self.offer("9.0.1", 1000)
        self.agent.stop()
        self.agent.start()
        wait_for("the newer one", lambda: self.bundles() == ["daybreak-9.0.1.raucb"], 60)
        self.assertEqual((self.folder / "daybreak-9.0.1.raucb").read_bytes(), newer)

    def test_nothing_newer(self):
        self.offer("0.0.1")
        self.start()
        told = self.wait_for("current")
        self.assertEqual((told["reason"], told["offer"]["version"]), ("", "0.0.1"))
        self.assertEqual(self.rows(), [("channel", "answered 200")])
        self.assertFalse(self.folder.exists())

    def test_what_is_withdrawn_is_not_kept(self):
        self.offer()
        self.start()
        self.wait_for("fetched")
        self.offer("0.0.1")
        self.agent.stop()
        self.agent.start()
        self.wait_for("current")
        self.assertEqual(self.bundles(), [])
        self.assertEqual([e["id"] for e in self.events()][-1], "sync.update-removed")

    def test_a_cut_fetch_goes_on_where_it_was(self):
        content = self.offer(size=12_000_000)
        self.line.cut_after = [4_000_000, 3_000_000]
        self.start()
        self.wait_for("fetched")
        self.assertEqual((self.folder / "daybreak-9.0.0.raucb").read_bytes(), content)
        self.assertEqual(self.line.cuts, 2)
        outcomes = [outcome for why, outcome in self.rows() if why == "fetch"]
        self.assertEqual(outcomes, ["unavailable", "unavailable", "answered 206"])
        asked = [line for line in (self.region.folder / "gateway/access.log").read_text().splitlines()
                 if "daybreak-9.0.0.raucb" in line and f"CN={self.site}" in line]
        sent = sum(int(line.split('"')[4].split()[4]) for line in asked)
        self.assertLess(sent, len(content) + 9_000_000, "it did not begin again")

    def test_killed_in_between_it_goes_on_too(self):
        content = self.offer(size=8_000_000)
        self.line.rate = 2_000_000
        self.start()
        wait_for("half of it", lambda: (o := self.told()["offer"]) and o["have"] > 3_000_000, 30)
        self.agent.kill()
        part, = self.bundles()
        self.assertTrue(part.endswith(".part"))
        before = (self.folder / part).stat().st_size
        self.line.rate, self.line.down = 0, 0
        self.agent.start()
        self.wait_for("fetched")
        self.assertEqual((self.folder / "daybreak-9.0.0.raucb").read_bytes(), content)
        self.assertLess(self.line.down, len(content) - before + 500_000)

    def test_stopped_at_once_in_the_middle(self):
        self.offer(size=8_000_000)
        self.line.rate = 500_000
        self.start()
        wait_for("some of it", lambda: (o := self.told()["offer"]) and o["have"] > 200_000, 30)
        began = time.monotonic()
        self.assertEqual(self.agent.stop(), 0)
        self.assertLess(time.monotonic() - began, 5)

    def test_a_wrong_digest_is_thrown_away(self):
        self.offer(claims={"sha256": "00" * 32})
        self.start()
        told = self.wait_for("failing")
        self.assertIn("is not what channel.json promises", told["reason"])
        self.assertIn("ask who runs the update server", told["next"])
        self.assertEqual(self.bundles(), [])
        # Mended there, it is fetched without anybody's doing here; the failure was told once.
        self.offer()
        self.wait_for("fetched")
        self.assertEqual([e["id"] for e in self.events()].count("sync.update-failed"), 1)

    def test_a_file_of_another_size(self):
        self.offer(size=200_000)
        (self.server / "daybreak-9.0.0.raucb").write_bytes(b"x" * 300_000)
        self.start()
        self.assertIn("not the one that channel.json names", self.wait_for("failing")["reason"])
        self.assertEqual([p.stat().st_size for p in self.folder.iterdir()], [0])

    def test_channels_that_are_none(self):
        for text, sentence in (("<html>", "asking for updates"), ("{}", "\"version\""), ("x" * 20_000, "larger"),
                               (None, "no such path")):
            with self.subTest(text=text and text[:10]):
                path = self.server / "channel.json"
                if text is None:
                    path.unlink()
                else:
                    path.write_text(text)
                    path.chmod(0o644)
                self.start()
                told = self.wait_for("failing")
                self.assertIn(sentence, told["reason"])
                self.assertFalse(self.folder.exists())
                self.agent.stop()

    def test_too_large(self):
        self.offer(claims={"size": 3 << 30})
        self.start()
        self.assertIn("\"size\" is a number of bytes, at most 2 GiB", self.wait_for("failing")["reason"])

    def test_a_revoked_certificate(self):
        self.offer()
        self.region.authority.revoke(self.identity[0])
        self.region.authority.crl()
        self.region.gateway.reload()
        self.start()
        told = self.wait_for("failing")
        self.assertIn("the client certificate was revoked", told["reason"])
        self.assertEqual(told["next"], "look at this box's certificate: daybreak-sync status")
        self.assertFalse(self.folder.exists())

    def test_no_certificate_no_question(self):
        self.offer()
        self.start()
        self.wait_for("fetched")
        self.agent.stop()
        (self.agent.data / "certificate.pem").unlink()
        before = len(self.rows())
        self.agent.start()
        told = wait_for("it to see that", lambda: (t := self.told())["reason"].startswith("this box has no") and t, 30)
        self.assertEqual((told["state"], told["next"]), ("waiting", "daybreak-sync enrol"))
        self.assertEqual(len(self.rows()), before)

    def test_somebody_else_s_server(self):
        self.offer()
        stranger = self.region.folder / "stranger.pem"
        key = self.region.folder / "stranger.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                        "/CN=stranger", "-keyout", key, "-out", stranger], check=True, capture_output=True)
        self.start(updates={"url": f"https://127.0.0.1:{self.line.port}/updates", "ca": str(stranger)})
        told = self.wait_for("failing")
        self.assertIn("an authority that is not trusted here", told["reason"])
        self.assertIn("\"ca\" of \"updates\"", told["next"])

    def test_no_faster_than_the_clinic_s_line_may_be_used(self):
        self.offer(size=6_000_000)
        self.start(uplink=[{"days": "mon-sun", "from": "00:00", "to": "24:00", "mbit": 16}])
        began = time.monotonic()
        self.wait_for("fetched")
        # 6 MB at 2 MB a second; what the sockets hold and the first second are free.
        self.assertGreater(time.monotonic() - began, 1.5)

    @unittest.skipUnless(os.geteuid() == 0, "needs root: it mounts a small disk")
    def test_not_enough_disk(self):
        self.offer(size=5_000_000)
        members = {"updates": {"url": f"https://127.0.0.1:{self.line.port}/updates", "ca": str(self.region.authority.certificate)}}
        self.agent = self.region.agent(cloud=self.region.cloud(**members), identity=self.identity, start=False)
        self.folder = self.agent.data / "updates"
        self.folder.mkdir(mode=0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=0700", "tmpfs", self.folder], check=True)
        try:
            self.agent.start()
            told = self.wait_for("failing")
            self.assertRegex(told["reason"], r"needs 6 MB of the disk and 1 GB is to stay free; 6\d MB are free")
            self.assertIn("make room on the disk", told["next"])
            self.assertEqual(self.bundles(), [])
            self.assertEqual({why for why, _ in self.rows()}, {"channel"})
            subprocess.run(["mount", "-o", "remount,size=2g", self.folder], check=True)
            self.wait_for("fetched")
        finally:
            self.agent.stop()
            subprocess.run(["umount", self.folder], check=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
