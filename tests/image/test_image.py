#!/usr/bin/env python3
"""The box from its first start to updates that are refused and one that goes back, in QEMU. This is what every run tests;
tests/image/long has the rest. Needs root (it makes versions of the image), about five minutes on two quiet cores."""
import os
import sys

import image
import scenes
from scenes import Stage, later

sys.path.insert(0, str(image.ROOT / "tests/system"))
from programs import run as run_program  # noqa: E402

# README.md's list of what the box answers to. 68 and 546 are where an address from DHCP arrives.
OPEN = {("tcp", 443), ("tcp", 80)}
ADDRESSES = {("udp", 68), ("udp", 546)}


def keep_something(stage, box):
    """A slide that is taken in and ranked, and a wish."""
    slide = stage.folder / "D2026.11.16_S00001_I0001.pdb"
    run_program("daybreak-simulate", "--seed", 7, "--wells", 2, "--runs", 8, "--planes", 1, "--interval", 14400, "--quiet",
                "--out", slide)
    box.sign_in().send("PUT", "/api/preferences", {"seen": "before the update"})
    box.take_in(slide)


def check_ports(box):
    sockets = scenes.listening(box)
    assert scenes.outside(sockets) - ADDRESSES == OPEN, sockets
    assert ("tcp", "127.0.0.1", 8480) in sockets, sockets
    rules = box.run("nft list chain inet daybreak input")
    assert "policy drop" in rules and "{ 80, 443 }" in rules, rules


def begin(stage):
    """Everything before the first update; leaves a snapshot."""
    with stage.step("a test image and its disk"):
        disk = stage.disk()
    with stage.box("first", disk) as box:
        with stage.step("first start to the sign-in page"):
            scenes.first_start(stage, box)
        with stage.step("a slide taken in, read and ranked"):
            keep_something(stage, box)
        record, identity = box.record(), box.identity()
        with stage.step("open ports"):
            check_ports(box)
        with stage.step("wrong signature, older version, truncated file: refused"):
            scenes.refuse(stage, box)
        with stage.step("snapshot"):
            box.snapshot(stage.folder / "snapshot")
        return box, record, identity


def go_back(stage, fresh, record, identity):
    """An update whose daemon is broken: installed, started, found out."""
    with stage.step("a bundle with a broken daemon"):
        bad = stage.bad()
    with stage.restored("snapshot", "back", like=fresh) as box:
        with stage.step("it is taken from a stick, approved and installed"):
            scenes.install_from_stick(stage, box, bad, later(stage.version, 2))
        with stage.step("it fails and the box goes back by itself"):
            box.wait_for_slot("B")
            status = scenes.wait_for_confirmed(box, "A", stage.version)
        assert status["last"]["result"] == "went-back", status
        assert box.record() == record and box.identity() == identity


def main():
    if os.geteuid() != 0:
        print("tests/image/test_image.py needs root, to make versions of the image; skipped")
        return
    with Stage(keep=os.environ.get("DAYBREAK_STAGE")) as stage:
        go_back(stage, *begin(stage))
        print(f"the image: first start, refusals and the way back in {stage.watch.total():.0f} s")


if __name__ == "__main__":
    main()
