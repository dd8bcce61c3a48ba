#!/usr/bin/env python3
"""What a morning costs in the cloud, beside a machine that is always on. A rendered morning of 16 patients and 128 embryos bursts
through a region on this machine with every reading in the cloud; the agent's ledger says what was billed. Whole milliseconds are
billed at AWS Lambda's published prices (x86): 1,769 MB, which is one processor, at $0.0000166667 a GB-second, and $0.20 a
million requests. The machine that is always on costs $40 a month, about what a reserved one of the same peak does.

    DAYBREAK_BUILD=build/release tests/bench/morning_cost.py [--runs 24] [--planes 3] [--side 500] [--per-embryo 480]

The rendered embryos have few time points, so that it takes minutes and not hours; a morning of full length has 480 of each
(five days, every 15 minutes) and costs in proportion. On a busy or small machine reading takes longer than on a processor of
its own, so the figure is an upper bound."""
import argparse
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from morning import spend_morning  # noqa: E402
from region import MORNING_EMBRYOS, Region, render_morning  # noqa: E402

MEMORY_MB, PRICE_GB_S, PRICE_REQUEST = 1769, 0.0000166667, 0.0000002
ALWAYS_ON_MONTH, MORNINGS_A_MONTH = 40.0, 30
SLOTS, SHARE_MAX = 8, 1 / 50


def main():
    wanted = argparse.ArgumentParser(description="the cost of a morning, beside an always-on machine")
    for name, value in (("--runs", 24), ("--planes", 3), ("--side", 500), ("--per-embryo", 480)):
        wanted.add_argument(name, type=int, default=value)
    wanted = wanted.parse_args()
    with tempfile.TemporaryDirectory(prefix="daybreak-cost-") as folder, Region(functions=SLOTS) as region:
        exports = render_morning(pathlib.Path(folder) / "exports", runs=wanted.runs, planes=wanted.planes, side=wanted.side)
        region.agent()
        morning = spend_morning(region, exports, wanted.runs, reader="slow-reader", decision_s=5)
        since, until = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600 * n)) for n in (-2, 2))
        total = region.ask({"what": "invocations", "from": since, "to": until, "bucket_s": 86400})["total"]
        costs = region.ask({"what": "costs"})
    (endpoint,) = costs["endpoints"]
    dollars = (endpoint["billed_ms"] / 1000 * MEMORY_MB / 1024 * PRICE_GB_S + endpoint["charged"] * PRICE_REQUEST)
    assert abs(dollars - costs["month_nano"] / 1e9) <= 1e-9 * endpoint["charged"], (dollars, costs)
    whole = dollars / total["cuts"] * MORNING_EMBRYOS * wanted.per_embryo
    month = whole * MORNINGS_A_MONTH
    print(f"{morning.seconds:.0f} s; {total['cuts']} cuts of {wanted.planes} planes in {endpoint['charged']} requests, "
          f"{endpoint['billed_ms']} ms billed ({endpoint['billed_ms'] / total['cuts']:.2f} ms a cut), {total['cold']} cold: "
          f"${dollars:.6f} as rendered")
    print(f"a morning of {MORNING_EMBRYOS} embryos x {wanted.per_embryo} time points, every reading in the cloud: ${whole:.4f}; "
          f"{MORNINGS_A_MONTH} of them ${month:.3f} a month, 1/{ALWAYS_ON_MONTH / month:.0f} of ${ALWAYS_ON_MONTH:.0f}")
    assert month < ALWAYS_ON_MONTH * SHARE_MAX, "more than a fiftieth of an always-on machine"


if __name__ == "__main__":
    sys.exit(main())
