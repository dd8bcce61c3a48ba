#!/usr/bin/env python3
"""A morning through a bad gateway: of the connections 20 % are cut; of the batches 10 % come late, 5 % get 500, 5 % get 429, 2 %
get another batch's answer and 1 % an answer with a flipped bit. Every cut is read once, nothing wrong is accepted, the morning
ends, and what was read is the same as at home alone."""
import collections
import pathlib
import sys
import tempfile
import time

from morning import spend_morning
from region import Faults, Region, Wire, render_morning, rows

RUNS, SLOTS = 48, 8
SHARES = {"delay": 10, "500": 5, "429": 5, "other": 2, "flipped": 1}


def main():
    # A connection carries one request, so that a share of connections is a share of requests. With this seed every fault is
    # among the first forty of a hundred.
    wire, faults = Wire(cut_percent=20, cut_after=500_000, seed=4), Faults(SHARES, delay_s=1.5, seed=157)
    with (tempfile.TemporaryDirectory(prefix="daybreak-faults-") as folder,
          Region(functions=SLOTS, wire=wire, faults=faults, requests=1) as region):
        exports = render_morning(pathlib.Path(folder) / "exports", runs=RUNS)
        alone = spend_morning(region, exports, RUNS, cloud=None, lanes=2)
        agent = region.agent()
        through = spend_morning(region, exports, RUNS, reader="slow-reader", decision_s=9)
        assert through.readings == alone.readings, "what was read through the bad gateway differs"
        (again,), = rows(through.box.store, "SELECT count(*) FROM readings_before")
        (waiting,), = rows(through.box.store, "SELECT count(*) FROM cuts WHERE waiting = 1")
        assert again == 0 and waiting == 0, "a cut was read twice, or never"
        states = collections.Counter(batch["state"] for batch in through.batches)
        assert states["home"] == 0, "a batch was blamed for its gateway"
        assert through.sent() > 0.25 * len(through.readings), "the cloud was given up"
        print(f"{through.seconds:.1f} s; {wire.opened} connections, {wire.cut} cut; dealt {faults.counts}; batches {dict(states)}")
        dealt = sum(faults.counts.values())
        assert all(faults.counts[fate] > 0 for fate in SHARES), f"too few batches for every fault: {faults.counts}"
        assert 0.1 * wire.opened <= wire.cut, "the connections held"
        (since, until) = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600 * n)) for n in (-2, 2))
        ledger = region.ask({"what": "invocations", "from": since, "to": until, "bucket_s": 86400})["total"]
        assert ledger["invocations"] >= dealt, (ledger, dealt)
        assert ledger["throttles"] == faults.counts["429"], (ledger, faults.counts)
        assert agent.alive()


if __name__ == "__main__":
    sys.exit(main())
