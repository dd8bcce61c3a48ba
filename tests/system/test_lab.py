#!/usr/bin/env python3
"""The lab screen against the real box, page by page: every tests/web/lab_*.test.mjs on a fresh copy of a clinic's morning.
Four at a time, for they mostly wait; the player's, which is timed, has the machine alone."""
import concurrent.futures
import sys
import time

from lab import REAL_EXPORTS, WEB_TESTS, Lab, run_suite
from test_browser import prepare


def run_page(name):
    """Whether it passed; says what came of it."""
    started, passed = time.monotonic(), True
    with Lab(real=name == "real") as lab:
        try:
            told = run_suite(lab, f"lab_{name}.test.mjs")
        except AssertionError as error:
            passed, told = False, error
    print(f"{name}: {told}, {time.monotonic() - started:.0f} s", flush=True)
    return passed


def main():
    prepare()
    names = {suite.name.removeprefix("lab_").removesuffix(".test.mjs") for suite in WEB_TESTS.glob("lab_*.test.mjs")}
    if not all(export.exists() for export in REAL_EXPORTS):
        print("real: skipped, the real exports are not here")
        names.discard("real")
    passed = [run_page("player")]
    with concurrent.futures.ThreadPoolExecutor(4) as four:
        passed += four.map(run_page, sorted(names - {"player"}))
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
