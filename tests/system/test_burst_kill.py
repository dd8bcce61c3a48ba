#!/usr/bin/env python3
"""kill -9 of the agent, the daemon, a function and nginx, each twenty times, always with a batch on its way: the burst goes on
after each, and in the end everything was read once and the same as at home alone."""
import collections
import os
import pathlib
import random
import sys
import tempfile
import time

from morning import Morning, spend_morning
from region import Faults, Region, progress_of, render_morning, rows, wait_for, zone_until

RUNS, SLOTS = 96, 2
KILLS = int(os.environ.get("DAYBREAK_KILLS", "20"))
# Every batch stays so long with the platform: a kill finds it there.
BATCH_S = 0.3
# The decision hour is always about to strike: all is urgent, and the cloud is asked.
HOUR_S = 5


def kill(name, region, agent, morning, chance):
    """Kills it and starts it again at once, as systemd or the platform would."""
    victim = {"agent": agent, "daemon": morning.box, "nginx": region.gateway}.get(name) or chance.choice(region.functions)
    victim.kill()
    if name == "daemon":
        morning.box.env["TZ"] = zone_until(HOUR_S)
    victim.start()


def main():
    chance, faults = random.Random(7), Faults(wait_s=BATCH_S)
    with (tempfile.TemporaryDirectory(prefix="daybreak-kill-") as folder,
          Region(functions=SLOTS, faults=faults) as region):
        exports = render_morning(pathlib.Path(folder) / "exports", runs=RUNS)
        alone = spend_morning(region, exports, RUNS, cloud=None, lanes=2)
        print(f"at home alone, with two quick lanes: {alone.seconds:.0f} s", flush=True)
        agent = region.agent()
        morning = Morning(region, RUNS, reader="slow-reader", decision_s=HOUR_S)
        morning.deliver(exports)
        order = ["agent", "daemon", "function", "nginx"] * KILLS
        chance.shuffle(order)
        begun = time.monotonic()
        for number, name in enumerate(order):
            seen = sum(faults.counts.values())
            wait_for(f"a batch before kill {number + 1}, of {name}", lambda: sum(faults.counts.values()) > seen, 60)
            time.sleep(chance.uniform(0, BATCH_S / 2))
            kill(name, region, agent, morning, chance)
        took, left = time.monotonic() - begun, morning.expected - progress_of(morning.box.store)["read"]
        assert left > 0, "the morning was over before the last kill"
        morning.finish()
        assert morning.readings == alone.readings, "what was read differs"
        (again,), = rows(morning.box.store, "SELECT count(*) FROM readings_before")
        (waiting,), = rows(morning.box.store, "SELECT count(*) FROM cuts WHERE waiting = 1")
        assert again == 0 and waiting == 0, "a cut was read twice, or never"
        states = collections.Counter(batch["state"] for batch in morning.batches)
        assert agent.alive()
        print(f"{len(order)} kills in {took:.0f} s, {left} of {morning.expected} cuts left then; over after "
              f"{morning.seconds:.0f} s; batches {dict(states)}")


if __name__ == "__main__":
    sys.exit(main())
