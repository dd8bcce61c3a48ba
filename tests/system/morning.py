"""A clinic's morning on one box: the exports land, and it is over when every dish is ranked and no job is left."""
import os
import pathlib
import tempfile
import time

from region import MORNING_EMBRYOS, MORNING_PATIENTS, progress_of, program, readings_of, wait_for, zone_until


class Morning:
    """start() has the exports land on a fresh box of a region; finish() waits for the end and takes down what came of it.
    decision_s: the decision hour strikes so long after the start. cloud: as in Region.daemon."""

    def __init__(self, region, runs, cloud="", reader="daybreak-reader", decision_s=3600, lanes=1):
        self.region, self.expected, self.decision_s = region, MORNING_EMBRYOS * runs, decision_s
        self.watch = pathlib.Path(tempfile.mkdtemp(dir=region.folder))
        self.box = region.daemon(cloud=cloud, env={"TZ": zone_until(decision_s)}, watch=self.watch, settle_s=0, lanes=lanes,
                                 reader=program(reader))
        self.started = time.time()
        self.seconds, self.readings, self.batches = None, {}, []

    def deliver(self, exports):
        for export in exports:
            os.link(export, self.watch / export.name)

    def is_over(self):
        done = progress_of(self.box.store)
        return done["read"] == done["runs"] == self.expected and done["ranked"] == MORNING_PATIENTS and done["jobs"] == 0

    def finish(self, seconds=400):
        wait_for("the end of the morning", self.is_over, seconds)
        self.seconds = time.time() - self.started
        # A batch that was asked for twice may still be on its way when the other answer has come.
        wait_for("the last batches", lambda: all(batch["state"] != "sent" for batch in self.box.batches()), 150)
        self.readings, self.batches = readings_of(self.box.store), self.box.batches()
        assert progress_of(self.box.store)["failed"] == 0, "a job failed for good"
        self.box.kill()
        return self

    def answered(self):
        return [batch for batch in self.batches if batch["state"] == "answered"]

    def sent(self):
        """Cuts that the cloud has read; those asked for twice count twice."""
        return sum(batch["cuts"] for batch in self.answered())


def spend_morning(region, exports, runs, **options):
    morning = Morning(region, runs, **options)
    morning.deliver(exports)
    return morning.finish()
