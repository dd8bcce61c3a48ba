#!/usr/bin/env python3
"""A rendered morning of 16 patients and 128 embryos on a box with one local lane that reads too slowly. Alone it misses the decision
hour; with eight cloud slots the hour is met, and with no time to lose the makespan is near the bound. What is read is the same, row
for row, wherever it was read.

Readers at home and in the cloud wait so many milliseconds for every cut instead of computing them: eight slots need eight
processors, which the test's machine has not. The bound is total work over total measured rate: all that home had to do, which is what
a morning took with the usual reader and what waiting adds, by home and the slots of the cloud, which the batches tell the rate
of, all at work from beginning to end. What only home can do (importing, cutting, storing, evaluating) takes as long as it takes: no
cloud makes it shorter.

Wanted is 1.15 of the bound. tests/sim/rendered_main.c holds the planner to it in simulated time; here the agent, the gateway, the
functions' seals and whatever else this machine does take their part of two processors, which a real cloud does not: the figure is
printed beside what is wanted, and the test fails at 1.5, which no sharing explains."""
import pathlib
import sys
import tempfile
import time

from morning import Morning, spend_morning
from region import MORNING_EMBRYOS, Region, progress_of, render_morning, rows, wait_for

RUNS, SLOTS = 16, 8
# Half an incubator's: cutting smaller ones costs so little that the cloud, which here shares the box's processors, gets in its way.
SIDE = 250
HOME_WAITS_S = 0.020  # waiting-reader; waiting-function waits twice as long
RATIO_WANTED, RATIO_MAX, TRIES = 1.15, 1.5, 3


def bound_of(usual_s, cuts, cloud):
    """Seconds: the least that any way of sharing the readings needs, and cuts a second of all slots while they are busy."""
    busy = sum(batch["ended_us"] - batch["made_us"] for batch in cloud.answered()) / 1e6
    rate = SLOTS * cloud.sent() / busy
    return max(usual_s, (usual_s + cuts * HOME_WAITS_S) / (1 + rate * HOME_WAITS_S)), rate


def best_of(measure, enough):
    """What else the machine does makes a morning longer, never shorter: the best of three counts, or the first that is enough."""
    best = measure()
    for _ in range(TRIES - 1):
        if best > enough:
            best = min(best, measure())
    return best


def misses(region, exports, hour):
    """The box alone when the hour strikes."""
    alone = Morning(region, RUNS, cloud=None, reader="waiting-reader")
    alone.deliver(exports)
    wait_for("the hour", lambda: time.time() - alone.started > hour, hour + 60)
    done = progress_of(alone.box.store)
    alone.box.kill()
    return done["read"] < alone.expected


def main():
    with (tempfile.TemporaryDirectory(prefix="daybreak-morning-") as folder,
          Region(functions=SLOTS, function="waiting-function") as region):
        exports = render_morning(pathlib.Path(folder) / "exports", runs=RUNS, side=SIDE)
        usual = spend_morning(region, exports, RUNS, cloud=None)
        (cuts,), = rows(usual.box.store, "SELECT count(*) FROM cuts WHERE blob_id IS NOT NULL")
        assert len(usual.readings) == MORNING_EMBRYOS * RUNS and usual.batches == []
        agent, hour = region.agent(), 1.2 * usual.seconds + 0.4 * cuts * HOME_WAITS_S
        print(f"{usual.seconds:.1f} s with the usual reader; {cuts} cuts", flush=True)
        assert misses(region, exports, hour), "alone the hour is met: there is nothing to show"

        def burst(decision_s):
            morning = spend_morning(region, exports, RUNS, reader="waiting-reader", decision_s=decision_s)
            assert morning.readings == usual.readings, "what the cloud read differs"
            assert morning.sent() > 0
            return morning

        def share_of_the_hour():
            morning = burst(hour)
            print(f"decision hour after {hour:.1f} s: with the cloud {morning.seconds:.1f} s, {morning.sent()} cuts in "
                  f"{len(morning.answered())} batches", flush=True)
            return morning.seconds / hour

        def times_the_bound():
            morning = burst(0.4 * hour)
            bound, rate = bound_of(usual.seconds, cuts, morning)
            print(f"no time to lose: {morning.seconds:.1f} s, {morning.sent()} cuts in {len(morning.answered())} batches; bound "
                  f"{bound:.1f} s (the cloud reads {rate:.0f} cuts a second, home {1 / HOME_WAITS_S:.0f}): "
                  f"{morning.seconds / bound:.2f} times the bound, {RATIO_WANTED} wanted", flush=True)
            return morning.seconds / bound

        assert best_of(share_of_the_hour, 1) <= 1, "the decision hour was missed"
        assert best_of(times_the_bound, RATIO_MAX) <= RATIO_MAX, "the makespan is too far from the bound"
        assert agent.alive()


if __name__ == "__main__":
    sys.exit(main())
