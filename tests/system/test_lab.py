#!/usr/bin/env python3
"""The lab screen against the real box, page by page: every tests/web/lab_*.test.mjs on a fresh copy of a clinic's morning."""
import sys
import time

from lab import REAL_EXPORTS, WEB_TESTS, Lab, run_suite
from test_browser import prepare


def main():
    prepare()
    failed = False
    for suite in sorted(WEB_TESTS.glob("lab_*.test.mjs")):
        name, started = suite.name.removeprefix("lab_").removesuffix(".test.mjs"), time.monotonic()
        if name == "real" and not all(export.exists() for export in REAL_EXPORTS):
            print("real: skipped, the real exports are not here")
            continue
        with Lab(real=name == "real") as lab:
            try:
                told = run_suite(lab, suite.name)
            except AssertionError as error:
                failed, told = True, error
        print(f"{name}: {told}, {time.monotonic() - started:.0f} s", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
