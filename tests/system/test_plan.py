#!/usr/bin/env python3
"""daybreak plan says what the daemon wrote down: without a cloud, that all is read at home and when it will be ready."""
import json
import sys
import tempfile

from programs import run
from region import Daemon, render_morning, wait_for


def plan(store, *options):
    return run("daybreak", "plan", "--store", store, *options).stdout


def main():
    with tempfile.TemporaryDirectory(prefix="daybreak-plan-") as folder:
        fresh = f"{folder}/store"
        run("daybreak", "init", "--store", fresh, "--user", "lab")
        none = run("daybreak", "plan", "--store", fresh, check=False)
        assert none.returncode == 1 and "no daemon has run" in none.stderr
        assert run("daybreak", "plan", check=False).returncode == 2
        exports = render_morning(f"{folder}/morning", runs=8)
        box = Daemon()
        try:
            for export in exports[:4]:
                run("daybreak", "import", "--store", box.store, "--no-score", export)

            def of_these():
                return [dish["dish"] for dish in json.loads(plan(box.store, "--json"))["dishes"]]

            wait_for("a plan", lambda: run("daybreak", "plan", "--store", box.store, check=False).returncode == 0, 30)
            told = json.loads(plan(box.store, "--json"))
            assert told["state"] == "off" and "no cloud is configured" in told["reason"]
            assert [lane["kind"] for lane in told["lanes"]] == ["local"] and told["budget"] is None
            assert told["pace"]["slots"] == 1
            wait_for("an empty board", lambda: of_these() == [], 120)
            words = plan(box.store, "--explain")
            assert "off" in words and "no cloud is configured" in words and "a time point takes" in words
        finally:
            box.stop()


if __name__ == "__main__":
    sys.exit(main())
