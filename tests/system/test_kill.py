#!/usr/bin/env python3
"""kill -9 of daybreakd, a hundred times, during a continuous import: every acknowledged frame is there afterwards, none
twice, and the store verifies clean."""
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import pathlib
import time

from programs import ROOT, run

sys.path.insert(0, str(ROOT / "tests/api"))
from daemon import Daemon  # noqa: E402

KILLS = int(os.environ.get("DAYBREAK_KILLS", "100"))


def acknowledged(store):
    """What another process can see is committed, and so acknowledged."""
    database = sqlite3.connect(f"file:{store}/daybreak.db?mode=ro", uri=True, timeout=10)
    try:
        return set(database.execute("SELECT embryo_id, run, focal_um FROM frames"))
    except sqlite3.OperationalError:
        return set()  # not migrated yet
    finally:
        database.close()


def main():
    chance = random.Random(7)
    with tempfile.TemporaryDirectory(prefix="daybreak-kill-") as folder:
        template = pathlib.Path(folder) / "D2026.01.01_S0001_I0001.pdb"
        watch = pathlib.Path(folder) / "watch"
        watch.mkdir()
        run("daybreak-simulate", "--seed", 5, "--wells", 2, "--runs", 90, "--planes", 3, "--out", template)
        daemon = Daemon(watch=watch, settle_s=0)
        ever, delivered = set(), 0
        for kill in range(KILLS):
            if kill % 4 == 0:  # the incubator goes on exporting
                delivered += 1
                beside = watch / ".coming.part"
                shutil.copy(template, beside)
                beside.rename(watch / f"D2026.01.01_S{delivered:04}_I0001.pdb")
            end = time.monotonic() + chance.uniform(0.2, 1.6)
            while time.monotonic() < end:
                ever |= acknowledged(daemon.store)
                time.sleep(0.01)
            daemon.kill()
            lost = ever - acknowledged(daemon.store)
            assert not lost, f"kill {kill}: {len(lost)} acknowledged frames are gone"
            daemon.start()
        daemon.kill()
        assert len(ever) > 500, f"only {len(ever)} frames were acknowledged: the import was not running"
        verdict = run("daybreak", "verify", "--store", daemon.store, "--deep").stdout
        database = sqlite3.connect(f"file:{daemon.store}/daybreak.db?mode=ro", uri=True)
        total, places = database.execute(
            "SELECT count(*), count(DISTINCT embryo_id || '/' || run || '/' || focal_um) FROM frames").fetchone()
        assert total == places, "a frame is there twice"
        print(f"{KILLS} kills, {len(ever)} frames acknowledged before a kill, {total} in the store; {verdict.strip()}")
        daemon.remove()


if __name__ == "__main__":
    main()
