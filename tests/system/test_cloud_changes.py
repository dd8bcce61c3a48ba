#!/usr/bin/env python3
"""cloud.json is changed while agent and daemon run: both take it up by themselves. A region that is no longer the clinic's is left, one
that is allowed again is asked, a broken file changes nothing and is told once, and what is read meanwhile is read."""
import json
import os
import pathlib
import sys
import tempfile

from programs import run
from region import ENDPOINT, Region, progress_of, render_morning, wait_for


def write(path, text):
    """As an administrator's editor does: beside, then in its place."""
    beside = path.with_suffix(".new")
    beside.write_text(text)
    os.replace(beside, path)


def main():
    with tempfile.TemporaryDirectory(prefix="daybreak-changes-") as folder, Region(functions=1) as region:
        cloud = region.cloud()
        right = json.loads(cloud.read_text())
        other = right | {"regions": ["eu-north-1"], "budget": {"day": 3.0, "month": 30.0}}
        agent = region.agent(cloud=cloud)
        box = region.daemon(cloud=cloud)

        def state():
            (endpoint,) = region.ask({"what": "status"})["endpoints"]
            return endpoint["state"]

        def budget():
            return region.ask({"what": "status"})["budget"]["day"]

        def lane():
            plan = box.plan()
            return next((lane for lane in plan["lanes"] if lane["name"] == ENDPOINT), None) if plan else None

        def settled(seen):
            """The agent may be between two lives."""
            try:
                return seen()
            except (OSError, ConnectionError):
                return False

        wait_for("the gateway to be confirmed", lambda: settled(lambda: state() == "ready"), 60)
        wait_for("a healthy lane", lambda: lane() and lane()["healthy"], 60)

        write(cloud, json.dumps(other))
        wait_for("the agent to leave the region", lambda: settled(lambda: state() == "refused" and budget() == 3.0), 60)
        wait_for("the daemon to leave the region", lambda: "does not allow its region" in lane()["reason"], 90)

        write(cloud, '{"site": 7')
        told = agent.log
        wait_for("the agent to say that it is broken", lambda: "sync.cloud-broken" in told.read_text(), 60)
        wait_for("the daemon to say it", lambda: "what was right stays" in (box.folder / "log").read_text(), 60)
        assert budget() == 3.0 and state() == "refused" and agent.alive(), "a broken file was taken up"
        export, *_ = render_morning(pathlib.Path(folder) / "exports", runs=8)
        run("daybreak", "import", "--store", box.store, "--no-score", export)

        def is_read():
            done = progress_of(box.store)
            return done["runs"] > 0 and done["read"] == done["runs"]

        wait_for("what landed to be read", is_read, 120)

        write(cloud, json.dumps(right))
        wait_for("the region to be asked again", lambda: settled(lambda: state() == "ready" and budget() == 2.0), 60)
        wait_for("the lane to be healthy again", lambda: lane()["healthy"], 90)
        assert told.read_text().count("sync.cloud-broken") == 1, "told more than once"
        assert agent.alive() and agent.stop() == 0
        assert box.process.poll() is None


if __name__ == "__main__":
    sys.exit(main())
