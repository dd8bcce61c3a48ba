#!/usr/bin/env python3
"""How fast and how large: a whole EmbryoScope slide (12 wells x 450 runs x 7 planes, rendered) is imported and cut;
prints the rate as a ratio to libjpeg-turbo merely decoding the same frames, and the peak memory of each step.
  tests/bench/slide.py [WELLS RUNS PLANES]"""
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from box import program, run  # noqa: E402


def timed(*arguments):
    """Seconds, and the peak resident memory of the largest child so far in MB."""
    start = time.monotonic()
    run(*arguments)
    return time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main():
    wells, runs, planes = map(int, sys.argv[1:4]) if len(sys.argv) > 3 else (12, 450, 7)
    frames = wells * runs * planes
    with tempfile.TemporaryDirectory() as folder:
        slide = pathlib.Path(folder) / "D2026.02.01_S0001_I0001.pdb"
        store = pathlib.Path(folder) / "store"
        run("daybreak", "init", "--store", store, "--user", "lab")
        importing, import_mb = 0, 0
        started = time.monotonic()
        subprocess.run([program("daybreak-simulate"), "--seed", "3", "--wells", str(wells), "--runs", str(runs),
                        "--planes", str(planes), "--threads", "2", "--out", str(slide)], check=True,
                       stdout=subprocess.DEVNULL)
        rendering = time.monotonic() - started
        decoding = float(re.search(r"([0-9.]+) s", run("bench_decode", slide).stdout).group(1))
        importing, import_mb = timed("daybreak", "import", "--store", store, "--no-score", slide)
        reading, read_mb = timed("daybreak", "score", "--store", store)
        print(f"{frames} frames ({wells} wells x {runs} runs x {planes} planes), {slide.stat().st_size >> 20} MiB")
        print(f"rendered in {rendering:.0f} s")
        print(f"libjpeg-turbo decodes them on one core in {decoding:.1f} s ({frames / decoding:.0f} frames/s)")
        print(f"import and seal: {importing:.1f} s, {importing / decoding:.2f} x the decoding; peak {import_mb:.0f} MiB")
        print(f"cut, read, evaluate, rank on all cores: {reading:.1f} s, {reading / decoding:.2f} x; "
              f"largest process so far {read_mb:.0f} MiB")


if __name__ == "__main__":
    main()
