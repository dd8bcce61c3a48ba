#!/usr/bin/env python3
"""A clinic's lab on one box, for the browser: patients, rendered slides that are read and scored, people who sign in.

    with Lab() as lab:                        the template is made once; every Lab is a fresh copy of it
        lab.box                               what a browser test is told, see describe(); as JSON in BOX
    with Lab(real=True) as lab:               one patient, the real exports of DATA instead of rendered ones

By hand: python3 tests/system/lab.py          keeps one running and prints the BOX to export
         python3 tests/system/lab.py board    runs tests/web/lab_board.test.mjs against one
DAYBREAK_BUILD names the build, DAYBREAK_WEB a folder of built pages other than web/dist."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from programs import DATA, ROOT, free_port, program, run

WEB_TESTS = ROOT / "tests/web"
PASSWORD = "six in the morning"
USERS = {"root": "admin", "anna": "embryologist", "ben": "embryologist", "vera": "viewer"}
# name, identifier, born, cycle, method, slide, seed, wells, empty wells, runs, hours
PATIENTS = [
    ("Claire Moreau", "P-1001", "1990-04-12", "2026-11 ICSI", "ICSI", "D2026.11.16_S00101_I0001_D", 31, 6, 1, 60, 116),
    ("Ada Okafor", "P-1002", "1987-09-30", "2026-11 IVF", "IVF", "D2026.11.16_S00102_I0001_D", 32, 6, 0, 60, 116),
    ("Maja Lindqvist", "P-1003", "1993-01-05", "2026-11 ICSI day 3", "ICSI", "D2026.11.18_S00103_I0001_D", 33, 6, 0, 40, 68),
]
REAL_PATIENT = ("Real Embryos", "P-2001", "1990-01-01", "2026-11 ICSI", "ICSI")
REAL_EXPORTS = [DATA / "pdb" / name for name in ("D2016.09.12_S00417_I0776_D.pdb", "D2014.04.24_S01082_I0132_D.pdb")]
INBOX = ("D2026.11.19_S00104_I0001_D", 34, 4, 0, 24, 44)


def password_file(folder):
    path = folder / "password"
    path.write_text(PASSWORD)
    return path


def render(folder, slide, seed, wells, empty, runs, hours, method="ICSI", side=500):
    path = folder / f"{slide.removesuffix('_D')}.pdb"
    run("daybreak-simulate", "--slide", slide, "--seed", seed, "--wells", wells, "--empty", empty, "--runs", runs, "--planes", 3,
        "--side", side, "--interval", hours * 3600 // runs, *(["--ivf"] if method == "IVF" else []), "--quiet", "--out", path)
    return path


def rows(store, query, *values):
    with contextlib.closing(sqlite3.connect(f"file:{store}/daybreak.db?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(query, values)]


def take_in(store, export, name, identifier, born, cycle, method):
    run("daybreak", "import", "--store", store, export)
    dish = rows(store, "SELECT max(id) id FROM dishes")[0]["id"]
    run("daybreak", "assign", "--store", store, "--dish", dish, "--patient", name, "--identifier", identifier, "--born", born,
        "--cycle", cycle, "--method", method)


def make_people(folder):
    """A store with nothing in it but people."""
    store, password = folder / "store", password_file(folder)
    run("daybreak", "init", "--store", store, "--user", "root", "--password-file", password)
    for name, role in USERS.items():
        if role != "admin":
            run("daybreak", "user", "--store", store, "--user", name, "--role", role, "--password-file", password)
    return store


def make_template(folder, real):
    """A store with everything read and scored, nothing said by anybody. Pictures are as large as an incubator writes them: in
    smaller rendered ones the embryo is not always found."""
    store = make_people(folder)
    if real:
        for export in REAL_EXPORTS:
            take_in(store, export, *REAL_PATIENT)
        return
    for *patient, slide, seed, wells, empty, runs, hours in PATIENTS:
        take_in(store, render(folder, slide, seed, wells, empty, runs, hours, method=patient[-1]), *patient)
    run("daybreak", "import", "--store", store, render(folder, *INBOX))


class Lab:
    templates, making = {}, threading.Lock()

    def __init__(self, real=False):
        with Lab.making:
            if real not in Lab.templates:
                template = tempfile.TemporaryDirectory(prefix="daybreak-lab-")
                make_template(pathlib.Path(template.name), real)
                Lab.templates[real] = template
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="daybreak-lab-"))
        self.store, self.patients = self.folder / "store", [REAL_PATIENT] * len(REAL_EXPORTS) if real else PATIENTS
        shutil.copytree(pathlib.Path(Lab.templates[real].name) / "store", self.store)
        self.process = None

    def __enter__(self):
        port, backend = free_port(), free_port()
        self.url = f"https://localhost:{port}"
        self.log = open(self.folder / "log", "w")
        self.process = subprocess.Popen([program("daybreak"), "serve", "--store", str(self.store), "--port", str(port)],
                                        stdout=self.log, stderr=self.log,
                                        env={**os.environ, "DAYBREAK_BACKEND_PORT": str(backend)})
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/api/health", timeout=2, context=context).read()
                break
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.1)
        self.box = self.describe()
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.log.close()
        shutil.rmtree(self.folder)

    def describe(self):
        """{"url", "password", "users": {name: role}, "cycles": [{"cycle", "patient", "name", "identifier", "label", "method",
        "dish", "slide", "embryos": [{"embryo", "well"}]}], "inbox": {"dish", "slide", "embryos"}}"""
        def embryos(dish):
            return rows(self.store, "SELECT id embryo, well FROM embryos WHERE dish_id = ? ORDER BY well", dish)
        cycles, inbox = [], None
        for dish in rows(self.store, "SELECT d.id, d.slide, c.id cycle, c.patient_id FROM dishes d LEFT JOIN cycles c"
                                     " ON c.id = d.cycle_id ORDER BY d.id"):
            if dish["cycle"] is None:
                inbox = {"dish": dish["id"], "slide": dish["slide"], "embryos": embryos(dish["id"])}
                continue
            name, identifier, _, label, method, *_ = self.patients[len(cycles)]
            cycles.append({"cycle": dish["cycle"], "patient": dish["patient_id"], "name": name, "identifier": identifier,
                           "label": label, "method": method, "dish": dish["id"], "slide": dish["slide"],
                           "embryos": embryos(dish["id"])})
        return {"url": self.url, "password": PASSWORD, "users": USERS, "store": str(self.store), "cycles": cycles, "inbox": inbox}


def run_suite(lab, file):
    """What the tests measured and the closing lines of node's test runner; its whole output when something failed."""
    done = subprocess.run(["node", "--test", file], cwd=WEB_TESTS, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={**os.environ, "BOX": json.dumps(lab.box)})
    told = tuple(f"{mark} {word}" for mark in "#ℹ" for word in ("tests", "pass", "fail", "measured"))
    summary = [line[2:] for line in done.stdout.splitlines() if line.startswith(told)]
    if done.returncode != 0 or not summary:
        raise AssertionError(f"{file}:\n{done.stdout}\n{(lab.folder / 'log').read_text()[-4000:]}")
    return ", ".join(summary)


def main(suites):
    for name in suites:
        with Lab(real=name == "real") as lab:
            print(f"{name}: {run_suite(lab, f'lab_{name}.test.mjs')}")
    if not suites:
        with Lab() as lab:
            print(f"export BOX='{json.dumps(lab.box)}'", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                lab.process.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
