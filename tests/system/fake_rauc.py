#!/usr/bin/python3 -IS
"""Stands in for rauc and systemctl on the PATH of test_update.py: the same words, kept in the JSON file that FAKE_RAUC names.
A bundle is a JSON file that says what rauc would find in it, and what happens to the file: it "becomes" another once it was
asked for, or "meanwhile" it is installed; another version is "told" of it as long as it is not the updater's own copy.

    {"booted":"A", "order":["A","B"], "slots":{"A":{"version","ok","tries"}}, "calls":[...], "answers":bool}
"""
import fcntl
import json
import os
import pathlib
import sys

COMPATIBLE = "daybreak-appliance-x86-64"


def die(sentence):
    print("rauc-Message: 12:00:00.000: something else", file=sys.stderr)
    print(sentence, file=sys.stderr)
    sys.exit(1)


def read_bundle(path):
    try:
        bundle = json.loads(pathlib.Path(path).read_text())
    except ValueError:
        die("Invalid bundle format: Signature size (18158782354942231048) exceeds bundle size")
    if not bundle.get("signed", True):
        die("signature verification failed: Verify error: self-signed certificate")
    return bundle


def own_copy(path):
    return path.endswith("/daybreak-update/installing.raucb")


def exchange(path, other):
    path = pathlib.Path(path)
    path.unlink()
    if other == "a pipe":
        os.mkfifo(path)
    else:
        path.write_text(json.dumps(other))


def show_status(state):
    slots = []
    for number, (name, slot) in enumerate(sorted(state["slots"].items())):
        place = "booted" if name == state["booted"] else "inactive"
        installed = {"bundle": {"compatible": COMPATIBLE, "version": slot["version"]}} if slot["by_rauc"] else {}
        slots.append({f"root.{number}": {"class": "root", "bootname": None, "state": place, "parent": f"boot.{number}",
                                         "slot_status": {}}})
        slots.append({f"boot.{number}": {"class": "boot", "bootname": name, "state": place, "parent": None,
                                         "boot_status": "good" if slot["ok"] and slot["tries"] == 0 else "bad",
                                         "slot_status": installed}})
    print(json.dumps({"compatible": COMPATIBLE, "variant": "", "booted": state["booted"], "boot_primary": "boot.0",
                      "slots": slots}))


def mark(state, what, which):
    booted = state["booted"]
    name = booted if which == "booted" else next(n for n in state["slots"] if n != booted)
    slot = state["slots"][name]
    slot.update(ok=what != "mark-bad", tries=0)
    if what == "mark-active":
        state["order"] = [name] + [n for n in state["order"] if n != name]


def install(state, path, save):
    bundle = read_bundle(path)
    name = next(n for n in state["slots"] if n != state["booted"])
    state["slots"][name].update(ok=False, tries=0)
    save()
    if bundle.get("stops"):  # the power goes
        os.kill(os.getppid(), 9)
        sys.exit(0)
    if bundle.get("breaks"):
        print("  0% Installing\nLastError: Failed updating slot root.1: Input/output error")
        print(f"Installing `{path}` failed", file=sys.stderr)
        sys.exit(1)
    if "meanwhile" in bundle:
        exchange(next(pathlib.Path(path).parents[1].glob("daybreak-sync/updates/*")), bundle["meanwhile"])
        bundle = read_bundle(path)
    about = os.stat(path)
    state["installed"] = bundle | ({"owner": about.st_uid, "mode": about.st_mode & 0o777} if own_copy(path) else {})
    state["slots"][name].update(version=bundle["version"], ok=True, tries=0, by_rauc=True)
    state["order"] = [name] + [n for n in state["order"] if n != name]


def main():
    path = pathlib.Path(os.environ["FAKE_RAUC"])
    name, words = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
    with open(path, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        state = json.load(file)
        state["calls"].append(" ".join([name, *words]))

        def save():
            file.seek(0)
            file.truncate()
            json.dump(state, file)
            file.flush()

        save()
        if name == "rauc" and words[0] != "info" and not state["answers"]:
            die("Error creating proxy: the service did not answer")
        if name == "systemctl":
            return
        if words[0] == "info":
            bundle = read_bundle(words[-1])
            version = bundle["version"] if own_copy(words[-1]) else bundle.get("told", bundle["version"])
            print(json.dumps({"compatible": bundle.get("compatible", COMPATIBLE), "version": version}))
            if "becomes" in bundle:
                exchange(words[-1], bundle["becomes"])
        elif words[:2] == ["status", "--detailed"]:
            show_status(state)
        elif words[0] == "status":
            mark(state, words[1], words[2])
            save()
        elif words[0] == "install":
            install(state, words[1], save)
            save()
        else:
            die(f"unknown: {words}")


main()
