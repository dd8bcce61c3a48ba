#!/usr/bin/env python3
"""A full morning on the first page of the real box: 16 patients, 128 embryos, all read and ranked. The browser measures how
long it takes until a person can work with it (tests/web/morning.test.mjs)."""
import pathlib
import tempfile

from lab import Lab, make_people, run_suite, take_in
from programs import run
from test_browser import prepare

PATIENTS, WELLS, RUNS, HOURS = 16, 8, 10, 112


def export(folder, number):
    """Few and small pictures: they are read, but the page does not wait for them."""
    path = folder / f"D2026.11.16_S{number:05}_I0001.pdb"
    run("daybreak-simulate", "--slide", f"{path.stem}_D", "--seed", number, "--wells", WELLS, "--runs", RUNS, "--planes", 1, "--side", 200,
        "--interval", HOURS * 3600 // RUNS, "--quiet", "--out", path)
    return path


class Morning(Lab):
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="daybreak-morning-"))
        self.store, self.process = make_people(self.folder), None
        self.patients = [(f"Patient {number:02}", f"P-{number:04}", "1990-01-01", "2026-11", "IVF" if number % 4 == 0 else "ICSI")
                         for number in range(1, PATIENTS + 1)]
        for number, patient in enumerate(self.patients, 1):
            take_in(self.store, export(self.folder, number), *patient)


def main():
    prepare()
    with Morning() as lab:
        print(run_suite(lab, "morning.test.mjs"))


if __name__ == "__main__":
    main()
