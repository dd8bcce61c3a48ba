#!/usr/bin/env python3
"""How fast and how large: a whole EmbryoScope slide (12 wells x 450 runs x 7 planes, rendered) is imported and cut;
prints the rate as a ratio to libjpeg-turbo merely decoding the same frames, and the peak memory of each step.
  tests/bench/slide.py [SLIDE.pdb]      renders one without"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from programs import program, run  # noqa: E402

WELLS, RUNS, PLANES = 12, 450, 7


def render(folder):
    slide = pathlib.Path(folder) / "D2026.02.01_S0001_I0001.pdb"
    started = time.monotonic()
    run("daybreak-simulate", "--seed", 3, "--wells", WELLS, "--runs", RUNS, "--planes", PLANES, "--quiet", "--out", slide)
    print(f"rendered {WELLS} wells x {RUNS} runs x {PLANES} planes in {time.monotonic() - started:.0f} s")
    return slide


def timed(*arguments):
    """Seconds, and the peak resident memory in MiB of the program or the largest process it started."""
    start = time.monotonic()
    process = subprocess.Popen([program(arguments[0]), *map(str, arguments[1:])], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, arguments
    return time.monotonic() - start, usage.ru_maxrss / 1024


def main():
    with tempfile.TemporaryDirectory() as folder:
        slide = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else render(folder)
        store = pathlib.Path(folder) / "store"
        run("daybreak", "init", "--store", store, "--user", "lab")
        count, seconds = re.search(r"(\d+) frames decoded in ([0-9.]+) s", run("bench_decode", slide).stdout).groups()
        frames, decoding = int(count), float(seconds)
        importing, import_mb = timed("daybreak", "import", "--store", store, "--no-score", slide)
        reading, read_mb = timed("daybreak", "score", "--store", store)
        print(f"{frames} frames, {slide.stat().st_size >> 20} MiB; {os.cpu_count()} cores")
        print(f"libjpeg-turbo decodes them on one core in {decoding:.1f} s ({frames / decoding:.0f} frames/s)")
        print(f"import and seal: {importing:.1f} s, {importing / decoding:.2f} x the decoding; peak {import_mb:.0f} MiB")
        print(f"cut, read, evaluate, rank: {reading:.1f} s, {reading / decoding:.2f} x the decoding; peak {read_mb:.0f} MiB")


if __name__ == "__main__":
    main()
