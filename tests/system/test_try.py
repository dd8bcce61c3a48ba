#!/usr/bin/env python3
"""The README's first command: packaging/try --once takes exports in and prints their ranking; its status tells whether
anything was refused."""
import pathlib
import subprocess
import tempfile

from programs import ROOT, run


def try_once(*exports):
    done = subprocess.run([ROOT / "packaging/try", "--once", *exports], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def main():
    with tempfile.TemporaryDirectory() as folder:
        slide = pathlib.Path(folder) / "D2026.04.01_S0007_I0001.pdb"
        broken = pathlib.Path(folder) / "D2026.04.01_S0008_I0001.pdb"
        run("daybreak-simulate", "--seed", 2, "--wells", 2, "--runs", 20, "--planes", 1, "--interval", 14400, "--out", slide)
        broken.write_bytes(b"")
        status, printed, errors = try_once(slide)
        assert status == 0, errors
        assert "D2026.04.01_S00007_I0001" in printed and printed.count("well ") >= 2, printed
        status, printed, errors = try_once(slide, broken)
        assert status == 3 and "S0008_I0001.pdb is empty" in errors, errors
        assert "D2026.04.01_S00007_I0001" in printed, "one bad export must not hide the others"
        status, _, errors = try_once(slide.with_name("nowhere.pdb"))
        assert status == 2 and "nowhere.pdb" in errors, errors
    print("packaging/try --once: ranked, refused and said so")


if __name__ == "__main__":
    main()
