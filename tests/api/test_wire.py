#!/usr/bin/env python3
"""Bytes on the wire that no browser sends: smuggling, broken framing, climbing out of the pages, endless heads."""
import gzip
import pathlib
import socket
import tempfile
import time
import unittest

from daemon import ADMIN, SECRET, Client, Contract, Daemon, request, wait_for


def setUpModule():
    global daemon, web
    web = tempfile.TemporaryDirectory()
    root = pathlib.Path(web.name)
    (root / "assets").mkdir()
    (root / "index.html").write_text("<!doctype html><title>pages</title>")
    (root / "assets" / "app-1f2e.js").write_text("export {}")
    (root / "assets" / "app-1f2e.css").write_text("body {}")
    (root / "assets" / "app-1f2e.js.gz").write_bytes(gzip.compress(b"export {}"))
    (root / ".hidden").write_text("hidden")
    (root / "linked.html").symlink_to("/etc/hostname")
    unittest.addModuleCleanup(web.cleanup)
    daemon = Daemon(web=root)
    unittest.addModuleCleanup(daemon.remove)


HEAD = f"Host: box\r\nX-Daybreak-Proxy: {SECRET}\r\nX-Daybreak: 1\r\n".encode()
JSON = b"Content-Type: application/json\r\n"
HEALTH = b"GET /api/health HTTP/1.1\r\nHost: box\r\n\r\n"


def raw(data, end=False):
    """Everything that comes back until the daemon closes."""
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=10) as connection:
        try:
            connection.sendall(data)
            if end:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        reply = b""
        while True:
            try:
                piece = connection.recv(65536)
            except ConnectionResetError:
                return reply
            if not piece:
                return reply
            reply += piece


def statuses(reply):
    return [int(part[:3]) for part in reply.split(b"HTTP/1.1 ")[1:]]


class Smuggling(unittest.TestCase):
    def test_ambiguous_framing_is_refused(self):
        body = b'{"name":"a","password":"b"}'
        hidden = body + HEALTH
        length = b"Content-Length: %d\r\n" % len(body)
        chunked = b"Transfer-Encoding: chunked\r\n"
        cases = {
            "both": length + chunked,
            "both, reversed": chunked + length,
            "two lengths": length + b"Content-Length: 0\r\n",
            "two equal lengths": length + length,
            "a list of lengths": b"Content-Length: 27, 27\r\n",
            "a sign": b"Content-Length: +27\r\n",
            "a negative length": b"Content-Length: -1\r\n",
            "hexadecimal": b"Content-Length: 0x1b\r\n",
            "two codings": chunked + b"Transfer-Encoding: identity\r\n",
            "a coding in disguise": b"Transfer-Encoding: xchunked\r\n",
            "a coding list": b"Transfer-Encoding: gzip, chunked\r\n",
            "identity": b"Transfer-Encoding: identity\r\n" + length,
            "two hosts": length + b"Host: other\r\n",
            "a length behind many headers": b"".join(b"A%d: b\r\n" % i for i in range(70)) + length,
        }
        for name, headers in cases.items():
            reply = raw(b"POST /api/session HTTP/1.1\r\n" + HEAD + JSON + headers + b"\r\n" + hidden)
            self.assertEqual([s // 100 for s in statuses(reply)], [4], name)

    def test_one_request_a_connection(self):
        for first in (b"GET /api/none HTTP/1.1\r\n" + HEAD + b"\r\n", HEALTH,
                      b"GET /api/health HTTP/1.1\r\nHost: box\r\nConnection: keep-alive\r\n\r\n",
                      b"GET /api/health HTTP/1.1\r\nHost: box\r\nContent-Length: 3\r\n\r\nabc"):
            self.assertEqual(len(statuses(raw(first + HEALTH))), 1)

    def test_broken_chunks(self):
        for body in (b"zz\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n0\r\n\r\n", b"2\r\n{}", b"ffffffffffffffff\r\n{}\r\n0\r\n\r\n", b""):
            reply = raw(b"POST /api/session HTTP/1.1\r\n" + HEAD + JSON + b"Transfer-Encoding: chunked\r\n\r\n" + body, end=True)
            self.assertEqual([s // 100 for s in statuses(reply)], [4], body)

    def test_no_http(self):
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/2.0\r\n\r\n", b"BREW /pot HTTP/1.1\r\n\r\n",
                     b"GET / HTTP/1.1\r\nX: " + b"a" * 40000 + b"\r\n\r\n", b"GET /" + b"a" * 40000 + b" HTTP/1.1\r\n\r\n", b"GET /\0 HTTP/1.1\r\n\r\n",
                     b"\r\n\r\n", b"A" * 20000):
            reply = raw(data, end=True)
            self.assertTrue(all(400 <= s < 600 for s in statuses(reply)), data[:20])
            self.assertNotIn(b"civetweb", reply.lower())
        self.assertEqual(request(daemon.port, "GET", "/api/health").status, 200)

    def test_upgrades_are_not_taken(self):
        reply = raw(b"GET /api/health HTTP/1.1\r\nHost: box\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        self.assertEqual(statuses(reply), [200])

    def test_a_refusal_reaches_a_client_that_still_sends(self):
        reply = raw(b"POST /api/session HTTP/1.1\r\n" + HEAD + JSON + b"Content-Length: 3000000\r\n\r\n" + b"x" * 3000000)
        self.assertEqual(statuses(reply), [413])
        reply = raw(b"POST /api/board HTTP/1.1\r\n" + HEAD + JSON + b"Content-Length: 3000000\r\n\r\n" + b"x" * 3000000)
        self.assertEqual(statuses(reply), [405])


class Pages(unittest.TestCase):
    def test_files_and_their_kinds(self):
        index = request(daemon.port, "GET", "/")
        self.assertEqual((index.status, index.headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertEqual(index.headers["Cache-Control"], "no-cache")
        self.assertEqual(request(daemon.port, "GET", "/index.html").body, index.body)
        again = request(daemon.port, "GET", "/", {"If-None-Match": index.headers["ETag"]})
        self.assertEqual((again.status, again.body), (304, b""))
        for path, kind in (("/assets/app-1f2e.js", "text/javascript; charset=utf-8"), ("/assets/app-1f2e.css", "text/css; charset=utf-8")):
            reply = request(daemon.port, "GET", path)
            self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, kind))
            self.assertEqual(reply.headers["Cache-Control"], "public, max-age=31536000, immutable")

    def test_packed_copies(self):
        plain = request(daemon.port, "GET", "/assets/app-1f2e.js")
        packed = request(daemon.port, "GET", "/assets/app-1f2e.js", {"Accept-Encoding": "br, gzip"})
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertEqual(packed.headers["Content-Type"], plain.headers["Content-Type"])
        self.assertEqual(gzip.decompress(packed.body), plain.body)
        self.assertNotEqual(packed.headers["ETag"], plain.headers["ETag"])
        self.assertIsNone(plain.headers["Content-Encoding"])
        self.assertIsNone(request(daemon.port, "GET", "/", {"Accept-Encoding": "gzip"}).headers["Content-Encoding"])

    def test_head_has_no_body(self):
        reply = request(daemon.port, "HEAD", "/")
        self.assertEqual((reply.status, reply.body), (200, b""))
        self.assertGreater(int(reply.headers["Content-Length"]), 0)
        self.assertEqual(request(daemon.port, "POST", "/").status, 405)

    def test_nothing_outside_the_folder(self):
        for path in ("/../etc/passwd", "/..", "/assets/../index.html", "/assets/..%2findex.html", "/%2e%2e/etc/passwd", "//etc/passwd",
                     "/assets//app-1f2e.js", "/./index.html", "/.hidden", "/assets", "/assets/", "/index.html/", "/linked.html", "/INDEX.HTML",
                     "/index.html%00.png", "/..\\..\\etc\\passwd", "/assets/%252e%252e/index.html", "/\xff"):
            reply = raw(b"GET " + path.encode("latin-1") + b" HTTP/1.1\r\n" + HEAD + b"\r\n")
            self.assertIn(statuses(reply)[0], (400, 404), path)
            self.assertNotIn(b"root:", reply)
        reply = raw(b"GET http://127.0.0.1:%d/api/health HTTP/1.1\r\n" % daemon.port + HEAD + b"\r\n")
        self.assertEqual(statuses(reply), [400])


class Patience(unittest.TestCase):
    def test_silent_clients_do_not_stop_the_others(self):
        held = [socket.create_connection(("127.0.0.1", daemon.port), timeout=60) for _ in range(daemon.settings["threads"] - 1)]
        time.sleep(0.2)
        self.assertEqual(request(daemon.port, "GET", "/api/health").status, 200)
        for connection in held:
            connection.close()
        begun = time.monotonic()
        self.assertEqual(request(daemon.port, "GET", "/api/health").status, 200)
        self.assertLess(time.monotonic() - begun, 2)

    def test_stops_while_a_stream_and_an_upload_are_open(self):
        other = Daemon()
        self.addCleanup(other.remove)
        head = HEAD + b"Cookie: " + Client(other, Contract(), ADMIN).cookie.encode() + b"\r\n"
        with socket.create_connection(("127.0.0.1", other.port), timeout=30) as stream, \
                socket.create_connection(("127.0.0.1", other.port), timeout=30) as upload:
            stream.sendall(b"GET /api/stream HTTP/1.1\r\n" + head + b"\r\n")
            self.assertIn(b"200 OK", stream.recv(65536))
            upload.sendall(b"POST /api/imports?name=x.pdb HTTP/1.1\r\n" + head + b"Content-Length: 1000000\r\n\r\n" + b"x" * 1000)
            wait_for("the upload", lambda: list((other.store / "incoming").glob("*")))
            status, seconds = other.stop()
        self.assertEqual(status, 0)
        self.assertLess(seconds, 10)
        self.assertEqual(list((other.store / "incoming").glob("*")), [])


class AfterACrash(unittest.TestCase):
    def test_a_killed_daemon_starts_again(self):
        other = Daemon()
        self.addCleanup(other.remove)
        client = Client(other, Contract(), ADMIN)
        for number in range(5):
            self.assertEqual(client.post("/api/patients", {"name": "A B", "identifier": str(number)}).status, 201)
        other.process.kill()
        other.process.wait()
        other.process.stdout.close()
        other.start()
        self.assertEqual(len(client.get("/api/patients").json["patients"]), 5)


if __name__ == "__main__":
    unittest.main(verbosity=1)
