#!/usr/bin/env python3
"""The console in Debian's chromium on the real daemon, agent, gateway and functions while a morning bursts: it is live, what it
shows of costs and of what left is what this script computes from the ledger's rows by itself, and an agent that dies is told
and comes back; an update is approved, somebody is added, a password changed. Then the same figures from the command line."""
import contextlib
import csv
import fractions
import io
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

from region import BUILD, ROOT, Faults, Region, Served, Wire, free_port, openssl, program, progress_of, render_morning, rows, run, wait_for, zone_until
from daemon import ADMIN, PASSWORD, SECRET
from test_browser import WEB_TESTS, prepare

# The decision hour strikes so long after the exports have landed: sooner than home alone could be ready.
FUNCTIONS, DECISION_S = 4, 12
UPDATE = "5d" * 32
PRICE_GB_S, PRICE_REQUEST, MEMORY_MB = "0.0000166667", "0.0000002", 1769


def front(region, box):
    """Debian's nginx with TLS 1.3 in front of the daemon; its address."""
    folder, port = region.folder / "front", free_port()
    folder.mkdir(mode=0o700)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2, "-subj", "/CN=daybreak",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem")
    text = (ROOT / "packaging/nginx/daybreak.conf.in").read_text()
    for name, value in {"NGINX": ROOT / "packaging/nginx", "FOLDER": folder, "PORT": port, "BACKEND": box.port,
                        "SECRET": SECRET, "CERTIFICATE": folder / "certificate.pem", "KEY": folder / "key.pem"}.items():
        text = text.replace(f"@{name}@", str(value))
    (folder / "nginx.conf").write_text(text)
    nginx = Served("front", port, [region.gateway.arguments[0], "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"],
                   region.folder / "front.log")
    region.programs.append(nginx)
    nginx.start()
    return f"https://localhost:{port}"


def ledger(agent, query):
    with contextlib.closing(sqlite3.connect(f"file:{agent.data}/ledger.db?mode=ro", uri=True, timeout=20)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(query)]


def nano(billed_ms):
    """Price of one invocation in exact fractions, rounded to the nearest nano-dollar."""
    exact = (fractions.Fraction(billed_ms, 1000) * fractions.Fraction(MEMORY_MB, 1024) * fractions.Fraction(PRICE_GB_S)
             + fractions.Fraction(PRICE_REQUEST)) * 10**9
    return int(exact + fractions.Fraction(1, 2))


def books_of(agent):
    """What the ledger's rows add up to."""
    calls = ledger(agent, "SELECT * FROM invocations")
    left = ledger(agent, "SELECT * FROM egress ORDER BY seq")
    charged = [c for c in calls if c["cost_nano"] > 0]
    for call in charged:
        assert call["cost_nano"] == nano(call["billed_ms"]), dict(call)
    assert [row["seq"] for row in left] == list(range(1, len(left) + 1)), "the ledger has a gap"
    return {"calls": len(calls), "failures": sorted(c["code"] for c in calls if c["code"] != "none"),
            "nano": sum(nano(c["billed_ms"]) for c in charged), "rows": len(left),
            "bytes": sum(row["bytes"] for row in left), "sent": sum(row["sent"] for row in left), "last": left[-1]["digest"].hex()}


def check_said(said, books, region):
    """The screen against the sums."""
    assert said["lanes"][1].startswith("frankfurt"), said["lanes"]
    assert said["quiet"] and not any("late" in entry for entry in said["quiet"]), said["quiet"]
    assert any("frankfurt" in entry and "eu-central-1" in entry for entry in said["quiet"]), said["quiet"]
    assert said["board"], "the board says when it will be ready"
    assert said["agree"] == ["agree"], said["agree"]
    assert said["sums"][3] == said["sums"][2] == f"${books['nano'] / 1e9:.6f}", (said["sums"], books)
    assert said["calls"] == books["calls"], (said["calls"], books)
    assert sorted(said["failures"]) == books["failures"][:50], (said["failures"], books)
    assert said["ledger"][1:] == [books["bytes"], books["sent"]], (said["ledger"], books)
    assert said["digest"] == books["last"], said["digest"]
    rows = list(csv.DictReader(io.StringIO(said["csv"], newline="")))
    assert [int(row["seq"]) for row in rows] == list(range(1, books["rows"] + 1))
    assert sum(int(row["sent"]) for row in rows) == books["sent"]
    assert "frankfurt" not in said["identity"] and region.site in said["identity"], said["identity"]
    assert any("does not answer" in entry.lower() and "systemctl start daybreak-sync" in entry for entry in said["down"]), said["down"]


def check_wire(books, wire):
    """What the line carried is what the ledger says, and TLS around it: handshakes, records, acknowledgements."""
    assert books["sent"] <= wire.bytes_up <= 1.02 * books["sent"] + 100_000, (books["sent"], wire.bytes_up)


def check_command_line(region, box, books):
    def told(*arguments, status=0):
        done = run("daybreak", *arguments, check=False)
        assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
        return done.stdout
    at = ("--socket", region.socket)
    assert json.loads(told("costs", *at, "--json"))["month_nano"] == books["nano"]
    assert f"by the ledger ${books['nano'] / 1e9:.9f}" in told("costs", *at)
    rows = json.loads(told("ledger", *at, "--all", "--json"))
    assert len(rows["rows"]) >= books["rows"] and rows["total"]["bytes"] >= books["bytes"]
    assert "frankfurt" in told("ledger", *at)
    for name in ("status", "sites"):
        assert "frankfurt" in told(name, *at) and json.loads(told(name, *at, "--json"))["site"] == region.site
    burst = json.loads(told("burst", "--store", box.store, "--json"))
    assert burst["plan"]["lanes"] and all(batch["state"] != "sent" for batch in burst["batches"])
    assert "lane frankfurt" in told("burst", "--store", box.store)
    told("status", "--socket", "/none", status=1)


def update_arrives(box):
    """What the appliance's updater would write."""
    box.settings["update_status"].write_text(json.dumps({
        "appliance": True, "version": "0.1.0", "slot": "A", "confirmed": True, "other": {"version": None, "bootable": False}, "why": None, "last": None,
        "waiting": [{"file": "daybreak-0.2.0.raucb", "version": "0.2.0", "digest": UPDATE, "from": "stick", "size": 142606336,
                     "state": "waits-for-approval", "why": "it came from a stick: an administrator has to approve it"}]}))


class Screen:
    """The browser; lines it prints are what it wants."""

    def __init__(self, url):
        self.process = subprocess.Popen(["node", "console_live.mjs"], cwd=WEB_TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "BASE_URL": url, "USER": ADMIN, "PASSWORD": PASSWORD})

    def wants(self, what):
        line = self.process.stdout.readline()
        assert line.startswith(what), line + self.process.stdout.read()
        return line.removeprefix(what).strip()

    def go_on(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end(self):
        self.process.stdout.close()
        self.process.stdin.close()
        self.process.wait(timeout=60)


def main():
    prepare()
    wire, faults = Wire(), Faults(deck={"500": 6, "429": 6}, wait_s=1.0)
    with tempfile.TemporaryDirectory(prefix="daybreak-console-") as place, Region(functions=FUNCTIONS, wire=wire, faults=faults) as region:
        folder = pathlib.Path(place)
        exports, watch = render_morning(folder / "morning"), folder / "watch"
        watch.mkdir()
        agent = region.agent()
        box = region.daemon(watch=watch, settle_s=0, lanes=1, reader=program("slow-reader"), web=ROOT / "web/dist",
                            listen_port=free_port())
        screen = Screen(front(region, box))
        screen.wants("do: exports land")
        # In a zone where the hour is near; the open page finds the new daemon by itself.
        box.stop()
        box.env = {"TZ": zone_until(DECISION_S)}
        box.start()
        for export in exports:
            os.link(export, watch / export.name)
        screen.wants("do: morning over")
        wait_for("the end of the morning", lambda: progress_of(box.store)["jobs"] == 0, 60)
        wait_for("the last answer", lambda: not any(batch["state"] == "sent" for batch in box.batches()), 60)
        books = books_of(agent)
        screen.go_on()
        screen.wants("do: agent dies")
        agent.kill()
        screen.wants("do: agent returns")
        agent.start()
        screen.wants("do: update arrives")
        update_arrives(box)
        said = json.loads(screen.wants("said: "))
        screen.end()
        check_said(said, books, region)
        assert rows(box.store, "SELECT value FROM settings WHERE name = 'update-approved'") == [(UPDATE,)]
        check_wire(books, wire)
        check_command_line(region, box, books)
        print(f"{books['calls']} calls, {len(books['failures'])} failed, ${books['nano'] / 1e9:.6f}; {books['sent']} bytes left by the ledger, "
              f"{wire.bytes_up} on the line: screen, file and command line say the same")


if __name__ == "__main__":
    sys.exit(main())
