#!/usr/bin/env python3
"""The loopback region itself, without a program of ours behind it: certificates are asked for, faults come in their exact
shares, cut connections are cut, a killed gateway comes back. What other system tests rely on."""
import http.client
import http.server
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from region import Authority, Faults, Region, Wire, render_morning, zone_until


class Upstream(http.server.ThreadingHTTPServer):
    """Answers every batch with its own id, and remembers who asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), UpstreamHandler)
        self.port, self.asked = self.server_address[1], []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class UpstreamHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        batch = self.headers["Idempotency-Key"]
        self.server.asked.append((batch, self.headers["X-Client-Verify"], self.headers["X-Client-Subject"]))
        body = f"answer to {batch}".encode()
        self.send_response(200)
        self.send_header("X-Daybreak-Batch", batch)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def context_of(region, identity):
    context = ssl.create_default_context(cafile=str(region.authority.certificate))
    if identity:
        context.load_cert_chain(*map(str, identity))
    return context


def send(region, batch, identity):
    """(status, body); (0, reason) when the connection broke."""
    request = urllib.request.Request(f"{region.url}/v1/read", b"x" * 20_000, {"Idempotency-Key": batch}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30, context=context_of(region, identity)) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error).encode()


def identities(region, upstream):
    box = (region.client_certificate, region.client_key)
    assert send(region, "b1", box) == (200, b"answer to b1")
    assert upstream.asked[-1] == ("b1", "SUCCESS", f"CN={region.site},O=Daybreak site"), upstream.asked[-1]
    other = Authority(region.folder / "other").issue(region.site)
    expired = region.authority.issue(region.site, begins=-7200, ends=-3600)
    for identity, word in ((None, b"no-certificate"), (other, b"other-authority"), (expired, b"expired")):
        status, body = send(region, "b2", identity)
        assert status == 403 and word in body, (word, status, body)
    lost = region.authority.issue("clinic-lost")
    assert send(region, "b3", lost)[0] == 200
    region.authority.revoke(lost[0])
    region.authority.crl()
    region.gateway.reload()
    for _ in range(100):
        status, body = send(region, "b4", lost)
        if status != 200:
            break
        time.sleep(0.05)
    assert status == 403 and b"revoked" in body, (status, body)
    region.gateway.kill()
    assert send(region, "b5", box)[0] == 0
    region.gateway.start()
    assert send(region, "b6", box)[0] == 200


def shares(region, faults):
    box = (region.client_certificate, region.client_key)
    before, answers = dict(faults.counts), []
    for number in range(100):
        answers.append((f"c{number}", *send(region, f"c{number}", box)))
    dealt = {fate: faults.counts[fate] - before[fate] for fate in faults.counts}
    assert dealt == {"pass": 81, "delay": 2, "500": 5, "429": 5, "other": 2, "flipped": 1, "lost": 3, "twice": 1}, dealt
    right = [a for a in answers if a[1] == 200 and a[2] == f"answer to {a[0]}".encode()]
    wrong = [a for a in answers if a[1] == 200 and a not in right]
    assert len(right) == 84 and len(wrong) == 3, (len(right), wrong)
    refused = sorted(a[1] for a in answers if a[1] != 200)
    assert refused == [429] * 5 + [500] * 5 + [503] * 3, refused


def cuts(region, wire):
    box = (region.client_certificate, region.client_key)
    wire.cut_percent, wire.cut_after, opened = 100, 4000, wire.opened
    assert all(send(region, f"d{n}", box)[0] == 0 for n in range(6)), "on its way or before the answer, each connection is cut"
    assert wire.opened == opened + 6 and wire.cut == 6, (wire.opened, wire.cut)
    wire.cut_percent = 0


def clocks_and_morning():
    for seconds in (45, 3000, 50_000, 86_000):
        shown = subprocess.run(["date", "+%H %M %S"], env={**os.environ, "TZ": zone_until(seconds)}, capture_output=True,
                               text=True, check=True).stdout
        hours, minutes, left = map(int, shown.split())
        away = (7 * 3600 + 30 * 60 - hours * 3600 - minutes * 60 - left) % 86400
        assert abs(away - seconds) <= 2, (seconds, shown)
    with tempfile.TemporaryDirectory() as folder:
        assert len(render_morning(pathlib.Path(folder) / "morning", runs=6)) == 16


def main():
    with Upstream() as upstream:
        wire = Wire(keep=True)
        faults = Faults(seed=3)
        with Region(functions=0, upstream=upstream.port, wire=wire, faults=faults) as region:
            identities(region, upstream)
            assert all(b"answer to" not in bytes(sent) for sent in wire.sent) and wire.bytes_up > 20_000
            faults.shares, faults.delay_s, faults.deck = {"500": 5, "429": 5, "other": 2, "flipped": 1, "lost": 3, "twice": 1,
                                                          "delay": 2}, 0.1, []
            shares(region, faults)
            faults.shares, faults.deck = {}, []
            cuts(region, wire)
        upstream.shutdown()
    clocks_and_morning()
    print("region: identities refused by name, faults in their shares, cut connections, a morning of 128 embryos")


if __name__ == "__main__":
    sys.exit(main())
