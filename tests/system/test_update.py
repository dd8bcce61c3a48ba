#!/usr/bin/env python3
"""The appliance's updates, every path of them: real `daybreak update`, store, migration, daemon and health; RAUC, the boot
loader and the restart are played (update_box.py). Arguments: names of scenes, else all."""
import json
import os
import subprocess
import sys
import time

from programs import program
from update_box import CONF, NEWEST, Box, need_root

HOUR_US = 3600 * 1000000
TAKE_BACK = """
PRAGMA foreign_keys = OFF;
DROP TABLE shown; DROP TABLE signatures; DROP TABLE comments; DROP TABLE observations; DROP TABLE second_readings; DROP TABLE settings;
DROP TABLE preferences; DROP TABLE acts; DROP TABLE milestones; DROP TABLE grades;
CREATE TABLE grades (id INTEGER PRIMARY KEY AUTOINCREMENT,
 embryo_id INTEGER NOT NULL REFERENCES embryos (id) ON DELETE CASCADE,
 expansion INTEGER NOT NULL CHECK (expansion BETWEEN 1 AND 6), icm TEXT NOT NULL, te TEXT NOT NULL,
 user_id INTEGER NOT NULL REFERENCES users (id), made_us INTEGER NOT NULL) STRICT;
CREATE INDEX grades_by_embryo ON grades (embryo_id);
ALTER TABLE decisions DROP COLUMN withdrawn_us; ALTER TABLE dishes DROP COLUMN latest_us;
DELETE FROM migrations WHERE number > 3;"""
RESTART = "systemctl --no-block reboot"
BACK = ["systemctl stop daybreak-web daybreakd", "rauc status mark-bad booted", "systemctl --no-block reboot"]


def confirmed_box(**options):
    """One that has run its first version for a while."""
    box = Box(**options)
    assert box.boot() == "web", box.said
    box.calls()
    return box


def only(status):
    assert len(status["waiting"]) == 1, status
    return status["waiting"][0]


def run_now(box, bundle):
    """`run` installs this bundle, or the updater's own copy of it, and asks for the restart."""
    copied = bundle.parent == box.updates
    box.update("run")
    assert box.calls() == [f"rauc install {box.copy if copied else bundle}", RESTART], box.said
    assert not box.copy.exists()
    assert box.read()["installed"] == json.loads(bundle.read_text()) | ({"owner": 0, "mode": 0o600} if copied else {})


def refuses_to_run(box, state, why):
    waiting = only(box.status())
    assert waiting["state"] == state and why in waiting["why"], waiting
    box.update("run")
    assert not box.calls(), box.said
    return waiting


def scene_packages():
    """Without an appliance apt does it, and everybody may ask."""
    box = Box()
    (box.root / "etc/rauc/system.conf").unlink()
    for word in ("status", "run", "trial", "confirm"):
        assert "apt" in box.update(word).stdout
    assert json.loads(box.update("status", "--json").stdout)["appliance"] is False
    assert not box.calls()


def scene_first_start():
    box = Box(version="1.2.0")
    assert box.boot() == "web", box.said
    assert box.calls() == ["rauc status mark-good booted"]
    status = json.loads(box.update("status", "--json").stdout)
    assert (status["version"], status["slot"], status["confirmed"]) == ("1.2.0", "A", True), status
    assert status["other"] == {"version": None, "bootable": False} and status["waiting"] == [], status
    assert status["last"]["result"] == "confirmed" and status["why"] is None, status
    assert (box.root / "var/lib/daybreak-update/floor").read_text() == "1.2.0\n"
    # Another start of a confirmed version is a blink and a word to the boot loader.
    box.start_machine()
    begun = time.monotonic()
    box.update("trial")
    box.update("confirm")
    print(f"  trial and confirm of a confirmed version: {time.monotonic() - begun:.2f} s")
    assert box.calls() == ["rauc status mark-good booted"]


def scene_before_setup():
    """No store yet: nothing is pending, nothing is copied."""
    box = Box(store=False)
    box.update("trial")
    box.update("check")
    assert not box.store.exists()


def scene_refused():
    box = confirmed_box(version="1.1.0")
    for members, why in (({"version": "2.0.0", "signed": False}, "signature verification failed"),
                         ({"version": "1.0.9"}, "not newer than the installed 1.1.0"),
                         ({"version": "1.1.0"}, "not newer than the installed 1.1.0"),
                         ({"version": "2.0.0", "compatible": "toaster"}, "another kind of machine (toaster)"),
                         ({"version": "two"}, "its version is not one")):
        bundle = box.bundle(**members)
        refuses_to_run(box, "refused", why)
        bundle.unlink()
    cut = box.bundle("2.0.0")
    cut.write_text(cut.read_text()[:-5])
    refuses_to_run(box, "refused", "Invalid bundle format")
    cut.unlink()
    # What is no bundle is not looked at: a link, a part, a folder.
    (box.updates / "x.raucb").symlink_to("/etc/passwd")
    (box.updates / "y.raucb.part").write_text("{}")
    (box.updates / "z.raucb").mkdir()
    assert box.status()["waiting"] == []


def scene_update():
    """From the network, with a migration, data kept."""
    box = Box(pictures=True)
    assert box.boot() == "web", box.said
    box.calls()
    box.stop_daemon()
    pictures = box.pictures()
    box.sql(TAKE_BACK)
    box.sql("INSERT INTO jobs (kind, subject, priority, state, added_us, due_us) VALUES ('rank', 9, 1, 'failed', 1, 1)")
    owners = box.owners()
    record = box.state()
    record["confirmed"]["A"]["schema"] = 3
    (box.root / "var/lib/daybreak-update/state.json").write_text(json.dumps(record))
    # The version that runs knows the store's number only when the numbers agree; here another program's store is played,
    # so the updater says that it cannot ask.
    bundle = box.bundle("1.1.0")
    box.bundle("1.0.5", stick=True)
    assert "another version" in refuses_best(box)["why"]
    install_by_hand(box, bundle)
    assert box.boot() == "web", box.said
    assert (box.slot, box.version) == ("B", "1.1.0")
    assert box.calls() == ["rauc status mark-good booted"], box.said
    assert box.schema() == NEWEST and (box.store / "copies/before-0004.db").exists()
    assert not (box.store / "trial").exists() and box.owners() == owners, box.owners()
    assert box.sql("SELECT subject FROM jobs WHERE kind = 'rank'") == [(9,)]
    assert box.pictures() == pictures and len(pictures) == 2
    assert not list(box.sticks.iterdir()), "an old bundle of a stick is kept"
    status = box.status()
    assert status["other"] == {"version": "1.0.0", "bootable": True}, status
    assert status["confirmed"] and status["last"]["result"] == "confirmed", status
    assert (status["last"]["from"], status["last"]["to"]) == ("1.0.0", "1.1.0"), status
    assert only(status)["state"] == "refused"


def refuses_best(box):
    """The one of several that is not refused, which waits."""
    waiting = [one for one in box.status()["waiting"] if one["state"] != "refused"]
    assert len(waiting) == 1 and waiting[0]["state"] == "waits-for-window", waiting
    box.update("run")
    assert not box.calls(), box.said
    return waiting[0]


def install_by_hand(box, bundle):
    subprocess.run(["rauc", "install", bundle], env=box.environment, check=True)
    box.calls()


def scene_run():
    """The highest version that may, then the restart, then nothing more."""
    box = confirmed_box()
    box.bundle("1.1.0")
    bundle = box.bundle("1.10.0")
    box.bundle("1.9.0", stick=True)
    states = {one["version"]: (one["state"], one["from"]) for one in box.status()["waiting"]}
    box.bundle("2.0.0", stick=True)
    assert states == {"1.1.0": ("refused", "network"), "1.10.0": ("approved", "network"), "1.9.0": ("refused", "stick")}
    run_now(box, bundle)
    # A higher version that somebody has to be asked for holds nothing up, and goes on waiting for the word.
    assert box.history()[-1]["result"] == "installed"
    states = {one["version"]: one["state"] for one in box.status()["waiting"]}
    assert states["2.0.0"] == "waits-for-approval", states
    assert "starts with the machine's next start" in box.status()["why"]
    box.update("run")  # the restart was asked for, and did not come
    assert box.calls() == ["systemctl --no-block reboot"]
    # Work has come meanwhile: the restart waits for it, too.
    box.sql("INSERT INTO jobs (kind, subject, priority, state, added_us, due_us) VALUES ('read', 9, 1, 'running', 1, 1)")
    box.update("run")
    assert not box.calls() and "starts later" in box.kept()["why"], box.kept()
    box.sql("DELETE FROM jobs")
    assert box.boot() == "web", box.said
    assert box.version == "1.10.0"
    assert [line["result"] for line in box.history()] == ["confirmed", "installed", "confirmed"], box.history()


def scene_exchanged():
    """The agent's folder is the agent's: whoever has taken it over may put another signed bundle there at any moment."""
    box = confirmed_box()
    other = {"version": "1.2.0", "note": "signed as well"}
    # Between the look and the installation: nothing is installed, and the next look judges what is there then.
    bundle = box.bundle("1.1.0", becomes=other)
    assert box.update("run", check=False).returncode == 1 and "not any more what it was" in box.said, box.said
    assert not box.calls() and not box.copy.exists() and json.loads(bundle.read_text()) == other
    assert box.kept()["last"]["result"] == "confirmed", box.kept()
    # Between the digest and the version, and back again.
    bundle = box.bundle("1.1.0", told="1.3.0")
    assert box.update("run", check=False).returncode == 1 and "changed its version" in box.said, box.said
    assert not box.calls() and not box.copy.exists()
    # No file any more: nothing waits for it.
    bundle = box.bundle("1.1.0", becomes="a pipe")
    assert box.update("run", check=False).returncode == 1 and "is no file" in box.said, box.said
    bundle.unlink()
    # While it is installed: what is written is the copy.
    bundle = box.bundle("1.1.0", meanwhile=other)
    (box.root / "etc/passwd").write_text("untouched")
    box.copy.symlink_to(box.root / "etc/passwd")
    box.update("run")
    assert box.calls() == [f"rauc install {box.copy}", RESTART] and json.loads(bundle.read_text()) == other
    assert box.read()["installed"]["version"] == "1.1.0" and (box.root / "etc/passwd").read_text() == "untouched"
    assert box.boot() == "web" and box.version == "1.1.0", box.said


def scene_approval():
    box = confirmed_box(conf=CONF + "automatic = no\n")
    bundle = box.bundle("1.1.0")
    waiting = refuses_to_run(box, "waits-for-approval", "automatic = no")
    assert box.update("approve", "9.9", check=False).returncode == 1 and "no update that waits" in box.said
    box.update("approve", "1.1.0")
    assert box.sql("SELECT value FROM settings WHERE name = 'update-approved'") == [(waiting["digest"],)]
    run_now(box, bundle)


def scene_stick():
    """Never by itself, whatever update.conf says; the console's word is the clinic's setting."""
    box = confirmed_box()
    bundle = box.bundle("1.1.0", stick=True)
    waiting = refuses_to_run(box, "waits-for-approval", "from a stick")
    assert waiting["from"] == "stick" and waiting["size"] == bundle.stat().st_size, waiting
    box.sql("INSERT INTO settings VALUES ('update-approved', ?)", waiting["digest"])
    run_now(box, bundle)
    # Another file of the same version is another bundle.
    bundle.write_text(bundle.read_text() + " ")
    box.sql("DELETE FROM settings")
    assert only(box.status())["state"] == "waits-for-approval"


def scene_working_hours():
    box = confirmed_box()
    box.bundle("1.1.0")
    for hours in ("mon-sun 00:00-24:00", "mon-fri 00:00-24:00, sat 00:00-12:00, sat 12:00-24:00, sun 00:00-24:00"):
        box.configure(f"working_hours = {hours}\n")
        refuses_to_run(box, "waits-for-window", "working hours")
    # Less than an hour before the clinic works is too late, too.
    soon = time.gmtime(time.time() + 1800)
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    minutes = soon.tm_hour * 60 + soon.tm_min
    end = (minutes + 60) % 1440
    box.configure(f"working_hours = {days[soon.tm_wday]} {minutes // 60:02}:{minutes % 60:02}-{end // 60:02}:{end % 60:02}\n")
    refuses_to_run(box, "waits-for-window", "working hours")
    # What setup was told counts before the file of the package.
    box.configure(CONF)
    local = box.root / "etc/daybreak/local/update.conf"
    local.write_text("working_hours = mon-sun 00:00-24:00\n")
    refuses_to_run(box, "waits-for-window", "working hours")
    # A mistake in it installs nothing and stops no start.
    local.write_text("working_hours = always\n")
    refuses_to_run(box, "waits-for-window", '"always" are no working hours')
    assert box.boot() == "web", box.said


def scene_pending():
    box = confirmed_box()
    bundle = box.bundle("1.1.0")
    for begin, end, why in (
            ("INSERT INTO imports (name, state, started_us) VALUES (x'00', 'running', 1)", "DELETE FROM imports",
             "1 imports are running"),
            ("INSERT INTO jobs (kind, subject, priority, state, added_us, due_us) VALUES ('read', 9, 1, 'pending', 1, 1)",
             "DELETE FROM jobs", "1 readings and evaluations")):
        box.sql(begin)
        refuses_to_run(box, "waits-for-window", why)
        box.sql(end)
    box.stop_daemon()  # embryos without pictures would be evaluated
    now = int(time.time() * 1000000)
    box.sql(f"""INSERT INTO patients VALUES (1, x'', x'', x'', x'00');
        INSERT INTO cycles (id, patient_id, label, method, decision_us) VALUES (1, 1, x'', 'ICSI', {now + 3 * HOUR_US});
        INSERT INTO dishes (id, slide, format, cycle_id, imported_us) VALUES (1, 'S', 'f', 1, 1);
        INSERT INTO embryos (id, dish_id, well) VALUES (1, 1, 1), (2, 1, 2);""")
    refuses_to_run(box, "waits-for-window", "2 embryos are decided around")
    for embryo in (1, 2):
        box.sql("INSERT INTO decisions (embryo_id, decision, reason, user_id, made_us) VALUES (?, 'freeze', x'', 1, 1)", embryo)
    assert only(box.status())["state"] == "approved"
    box.sql("UPDATE decisions SET withdrawn_us = 2 WHERE embryo_id = 2")
    refuses_to_run(box, "waits-for-window", "1 embryos are decided around")
    for hours in (-5, 5):
        box.sql("UPDATE cycles SET decision_us = ?", now + hours * HOUR_US)
        assert only(box.status())["state"] == "approved", hours
    box.sql("DELETE FROM decisions; DELETE FROM embryos; DELETE FROM dishes; DELETE FROM cycles; DELETE FROM patients;")
    # A box that is not well would not be confirmed either: here its daemon is down.
    box.update("run")
    assert not box.calls() and "until the box is well" in box.kept()["why"], box.kept()
    box.update("approve", "1.1.0")  # somebody knows better
    run_now(box, bundle)


def change_reading(box, **members):
    record = box.state()
    record["trial"]["reading"] |= members
    (box.root / "var/lib/daybreak-update/state.json").write_text(json.dumps(record))


def scene_own_model():
    """The trial reads the known batch with the model that the clinic uses, and holds the answer against the version before."""
    box = Box()
    box.use_own_model()
    assert box.boot() == "web", box.said
    box.calls()
    bundle = box.bundle("1.1.0")
    run_now(box, bundle)
    reading = box.state()["trial"]["reading"]
    assert reading["model"] == "lab-1" and len(reading["digest"]) == 64, reading
    # It says something else in the new version: back before the data are touched.
    change_reading(box, digest="0" * 64)
    assert box.boot() == "trial", box.said
    assert "lab-1 reads the known batch to the digest" in box.said and "it was 000000000000" in box.said, box.said
    assert box.calls() == BACK and not (box.store / "trial").exists()
    assert box.boot() == "web" and box.version == "1.0.0", box.said
    box.calls()
    # The new version cannot use it at all.
    box.update("approve", "1.1.0")
    run_now(box, bundle)
    model = box.store / "models/lab-1.model"
    whole = model.read_bytes()
    model.write_bytes(whole[:len(whole) // 2])
    assert box.boot() == "trial" and "nothing can be read" in box.said, box.said
    model.write_bytes(whole)
    assert box.boot() == "web" and box.version == "1.0.0", box.said
    box.calls()
    # Another arithmetic has another protocol: then other bits are right.
    box.update("approve", "1.1.0")
    run_now(box, bundle)
    change_reading(box, digest="0" * 64, protocol=1)
    assert box.boot() == "web" and box.version == "1.1.0", box.said
    box.calls()
    # And it says the same.
    run_now(box, box.bundle("1.2.0"))
    assert box.boot() == "web" and box.version == "1.2.0", box.said
    assert {path.name for path in (box.store / "models").iterdir()} >= {"lab-1.model", "current", "box.key"}


def scene_migration_fails():
    """On the copy: the real data are not touched, and the old version runs again after one start."""
    box = confirmed_box()
    box.stop_daemon()
    box.sql(TAKE_BACK)
    box.sql("CREATE TABLE comments (x)")
    before = (box.store / "daybreak.db").read_bytes()
    bundle = box.bundle("1.1.0")
    install_by_hand(box, bundle)
    assert box.boot() == "trial", box.said
    assert "going back to version 1.0.0" in box.said and "0004_lab.sql" in box.said, box.said
    assert box.calls() == BACK, box.said
    assert (box.store / "daybreak.db").read_bytes() == before and not (box.store / "trial").exists()
    assert box.schema() == 3
    box.start_machine()
    assert (box.slot, box.version) == ("A", "1.0.0")
    box.update("trial")
    assert box.calls() == ["rauc status mark-bad other", "rauc status mark-active booted"], box.said
    last = box.history()[-1]
    assert (last["result"], last["from"], last["to"]) == ("went-back", "1.0.0", "1.1.0") and "0004_lab" in last["why"], last
    assert box.schema() == 3


def scene_broken_daemon():
    """It passes no check after its start: the copy before the migration is put back, and it is not tried again."""
    box = confirmed_box()
    bundle = box.bundle("1.1.0")
    run_now(box, bundle)
    box.configure(CONF.replace("60", "2"))
    box.broken.add("1.1.0")
    box.start_machine()
    box.update("trial")
    box.migrate_beyond()  # what its daemon did before it broke
    assert box.update("confirm", check=False).returncode == 1
    assert "1.1.0 is not well" in box.said and box.calls() == BACK, box.said
    assert box.schema() == NEWEST and not list(box.store.glob("daybreak.db.back*"))
    assert box.boot() == "web", box.said
    assert (box.slot, box.version) == ("A", "1.0.0")
    status = box.status()
    assert status["last"]["result"] == "went-back" and "is not well" in status["last"]["why"], status
    assert status["other"]["bootable"] is False, status
    box.calls()
    refuses_to_run(box, "waits-for-approval", "it was tried and went back")
    # The console's word, said after it failed; the one from before counts no longer.
    box.sql("INSERT INTO settings VALUES ('update-approved', ?)", only(status)["digest"])
    run_now(box, bundle)
    box.start_machine()
    assert box.update("trial").returncode == 0 and box.update("confirm", check=False).returncode == 1
    assert box.boot() == "web" and box.version == "1.0.0", box.said
    box.calls()
    assert not box.sql("SELECT value FROM settings WHERE name = 'update-approved'")
    refuses_to_run(box, "waits-for-approval", "it was tried and went back")
    box.update("approve", "daybreak-1.1.0.raucb")
    run_now(box, bundle)


def scene_little_disk():
    """No room for a trial: nothing is installed; and what was installed by hand goes back."""
    box = confirmed_box(disk_mb=400)
    subprocess.run(["mount", "-o", "remount,size=48m", box.disk], check=True)
    bundle = box.bundle("1.1.0")
    box.update("approve", "1.1.0")
    box.calls()
    box.update("run")
    assert not box.calls() and "MB free for the trial" in box.kept()["why"], box.kept()
    install_by_hand(box, bundle)
    assert box.boot() == "trial" and "MB of free disk" in box.said, box.said
    assert box.calls() == BACK


def scene_little_disk_for_the_copy():
    box = confirmed_box()
    folder = box.copy.parent
    kept = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", folder], check=True)
    try:
        for name, content in kept.items():
            (folder / name).write_bytes(content)
        bundle = box.bundle("1.1.0")
        plain = bundle.read_text()
        bundle.write_text(plain + (20 << 20) * " ")
        box.update("run")
        assert not box.calls() and "MB free for the trial" in box.kept()["why"], box.kept()
        bundle.write_text(plain)
        run_now(box, bundle)
    finally:
        subprocess.run(["umount", folder], check=True)


def scene_hangs():
    """Three starts that come to nothing, on data that were migrated: the old version puts the copy back itself."""
    box = confirmed_box()
    bundle = box.bundle("1.1.0")
    run_now(box, bundle)
    for attempt in range(3):
        box.start_machine()
        assert box.version == "1.1.0"
        box.update("trial")
        assert box.schema() == NEWEST, "a try before this one left its data"
        box.migrate_beyond()
    assert box.boot() == "web", box.said
    assert (box.slot, box.version, box.schema()) == ("A", "1.0.0", NEWEST)
    last = box.history()[-1]
    assert last["result"] == "went-back" and "three tries" in last["why"], last
    assert box.calls() == ["rauc status mark-bad other", "rauc status mark-active booted", "rauc status mark-good booted"]
    refuses_to_run(box, "waits-for-approval", "went back")


def scene_confirmed_data_stay():
    """People have worked with the newer version: an older one that starts must not undo that."""
    box = confirmed_box()
    run_now(box, box.bundle("1.1.0"))
    assert box.boot() == "web", box.said
    box.stop_daemon()
    box.migrate_beyond()
    record = box.state()
    record["confirmed"]["B"]["schema"] = NEWEST + 1
    (box.root / "var/lib/daybreak-update/state.json").write_text(json.dumps(record))
    state = box.read()
    state["slots"]["B"]["ok"] = False  # its disk is damaged
    box.write(state)
    box.start_machine()
    assert box.version == "1.0.0"
    box.update("trial")
    assert "belong to a newer version than 1.0.0" in box.said and box.schema() == NEWEST + 1, box.said
    box.calls()


def scene_install_breaks():
    """The payload is damaged: the running version is left alone, and after three tries it is no more tried."""
    box = confirmed_box()
    box.bundle("1.1.0", breaks=True)
    for attempt in range(3):
        assert box.update("run", check=False).returncode == 1
        assert "Failed updating slot root.1: Input/output error" in box.said, box.said
        assert box.history()[-1]["result"] == "refused"
    box.calls()
    refuses_to_run(box, "waits-for-approval", "could not be installed in 3 tries")
    assert box.boot() == "web" and box.version == "1.0.0", box.said


def scene_power_cut():
    """While it is installed: the old version starts, says so, and installs again."""
    box = confirmed_box()
    bundle = box.bundle("1.1.0", stops=True)
    assert box.update("run", check=False).returncode != 0
    bundle.write_text(bundle.read_text().replace(', "stops": true', ""))
    assert box.copy.exists()
    assert box.boot() == "web" and box.version == "1.0.0", box.said
    assert "while it was being installed" in box.history()[-1]["why"], box.history()
    box.calls()
    run_now(box, bundle)
    assert box.boot() == "web" and box.version == "1.1.0", box.said


def scene_put_back_cut_off():
    """A power cut after the copy was made ready and before it took the database's place."""
    box = confirmed_box()
    run_now(box, box.bundle("1.1.0"))
    box.start_machine()
    box.update("trial")
    box.migrate_beyond()
    (box.store / "copies" / f"before-{NEWEST + 1:04}.db").rename(box.store / "daybreak.db.back")
    (box.store / "daybreak.db").write_bytes(b"half of the newer one")
    assert box.boot() == "web", box.said
    assert (box.version, box.schema()) == ("1.1.0", NEWEST)


def scene_previous():
    box = confirmed_box()
    assert box.update("previous", check=False).returncode == 1 and "other slot has no version" in box.said
    run_now(box, box.bundle("1.1.0"))
    assert box.boot() == "web", box.said
    box.calls()
    box.update("previous")
    assert box.calls() == ["rauc status mark-active other", "systemctl --no-block reboot"]
    assert box.boot() == "web" and (box.slot, box.version) == ("A", "1.0.0"), box.said
    box.calls()
    # The network still has what ran here; the way there is the same word again.
    refuses_to_run(box, "refused", "which ran here already: use the previous version")
    box.update("previous")
    assert box.boot() == "web" and box.version == "1.1.0", box.said
    box.stop_daemon()
    box.migrate_beyond()
    box.calls()
    assert box.update("previous", check=False).returncode == 1 and "cannot read the data" in box.said, box.said
    assert not box.calls()


def scene_rauc_is_silent():
    """Without its word nothing is confirmed: the boot loader counts the tries."""
    box = confirmed_box()
    run_now(box, box.bundle("1.1.0"))
    box.change(answers=False)
    assert box.boot() == "confirm", box.said
    assert "did not answer" in box.said and box.calls()[-1] == "systemctl --no-block reboot", box.said
    # A confirmed version is not held up by that.
    box.boot()
    box.boot()
    assert box.boot() == "web" and box.version == "1.0.0", box.said


def scene_nothing_to_go_back_to():
    """Better up than dark; what people then enter is never undone; and it is confirmed once it is well."""
    box = Box(conf=CONF.replace("60", "2"))
    box.sql(TAKE_BACK)
    box.broken.add("1.0.0")
    assert box.boot() == "web"
    assert "no version to go back to" in box.said and not box.calls(), box.said
    assert "is not confirmed" in box.kept()["why"], box.kept()
    box.start_daemon()  # well at last, and people work with it
    box.stop_daemon()
    assert box.schema() == NEWEST
    box.start_machine()
    box.update("trial")
    assert box.schema() == NEWEST, "what people entered was undone"
    assert box.update("confirm").returncode == 0
    # Only a newer version can help: it is installed when a person says so.
    bundle = box.bundle("1.1.0")
    box.calls()
    box.update("run")
    assert not box.calls() and "until the box is well" in box.kept()["why"], box.kept()
    bundle.unlink()
    (box.store / "trial").mkdir()  # a power cut left it
    box.broken.clear()
    box.start_daemon()
    box.calls()
    box.update("run")
    assert box.calls() == ["rauc status mark-good booted"] and box.kept()["confirmed"], box.kept()
    box.update("trial")
    assert not (box.store / "trial").exists()


def scene_update_of_an_unwell_box():
    """Nothing was ever confirmed on it, and it cannot go back: an approved update is its way out."""
    box = Box(conf=CONF.replace("60", "2"))
    box.broken.add("1.0.0")
    assert box.boot() == "web" and "no version to go back to" in box.said
    bundle = box.bundle("1.1.0", stick=True)
    box.update("approve", "1.1.0")
    run_now(box, bundle)
    assert box.boot() == "web" and box.version == "1.1.0", box.said
    assert box.kept()["confirmed"], box.kept()


def scene_who_may():
    box = confirmed_box()
    box.root.chmod(0o755)
    if not box.owner():
        print("  nobody else can reach the programs: not tried")
        return
    words = [program("daybreak"), "update", "--root", box.root]
    shown = subprocess.run([*words, "status"], user=65534, capture_output=True, text=True, env=box.environment, check=True)
    assert "1.0.0 in slot A, confirmed" in shown.stdout, shown
    for word in ("check", "run", "previous", "trial", "confirm"):
        done = subprocess.run([*words, word], user=65534, capture_output=True, text=True, env=box.environment, check=False)
        assert done.returncode == 2 and "root" in done.stderr, done
    assert not box.calls()


SCENES = {name.removeprefix("scene_"): scene for name, scene in list(globals().items()) if name.startswith("scene_")}


def main():
    need_root()
    os.umask(0o022)
    for name in sys.argv[1:] or SCENES:
        begun = time.monotonic()
        try:
            SCENES[name]()
        finally:
            while Box.made:
                Box.made.pop().remove()
        print(f"{name}: {time.monotonic() - begun:.1f} s", flush=True)


if __name__ == "__main__":
    main()
