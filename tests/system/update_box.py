"""An appliance below a folder: its slots, its boot loader, its versions are played, `daybreak update`, the store and the
daemon are real. A version is a number in os-release; that its daemon is broken, or its data newer, is played too."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid

from programs import ROOT, free_port, program, run
from test_model import own_model

FAKE = ROOT / "tests/system/fake_rauc.py"
SECRET = "a-secret-for-tests-only"
NEWEST = len(list((ROOT / "appliance/store/schema").glob("*.sql")))

# A clinic that never works, so that the hour of the test does not matter.
CONF = "working_hours =\nhealth_s = 60\n"


class Box:
    made = []  # to be removed, however their scenes end

    def __init__(self, version="1.0.0", store=True, conf=CONF, pictures=False, disk_mb=0):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="daybreak-update-"))
        self.daemon = None
        self.disk = disk_mb and self.root / "var/lib/daybreak"
        Box.made.append(self)
        self.root.chmod(0o755)
        self.updates = self.root / "var/lib/daybreak-sync/updates"
        self.sticks = self.root / "var/lib/daybreak-update/bundles"
        self.copy = self.root / "var/lib/daybreak-update/installing.raucb"
        for folder in ("etc/daybreak/local", "etc/rauc", "usr/lib", "proc/sys/kernel/random", "run", "bin",
                       "var/lib/daybreak-sync/updates", "var/lib/daybreak-update/bundles", "var/lib/daybreak"):
            (self.root / folder).mkdir(parents=True)
        (self.root / "etc/rauc/system.conf").write_text("[system]\n")
        if self.disk:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={disk_mb}m", "tmpfs", self.disk], check=True)
        self.configure(conf)
        for name in ("rauc", "systemctl"):
            (self.root / "bin" / name).symlink_to(FAKE)
        self.rauc = self.root / "rauc.json"
        self.environment = os.environ | {"PATH": f"{self.root}/bin:{os.environ['PATH']}", "FAKE_RAUC": str(self.rauc),
                                         "TZ": "UTC", "NOTIFY_SOCKET": "/nowhere"}
        self.write({"booted": "A", "order": ["A", "B"], "calls": [], "answers": True,
                    "slots": {"A": {"version": version, "ok": True, "tries": 0, "by_rauc": False},
                              "B": {"version": "", "ok": False, "tries": 0, "by_rauc": False}}})
        self.broken = set()  # versions whose daemon does not start
        self.store = self.root / "var/lib/daybreak/store"
        if store:
            self.make_store(pictures)
        self.start_machine()

    def configure(self, text):
        (self.root / "etc/daybreak/update.conf").write_text(text)

    def make_store(self, pictures):
        password = self.root / "password"
        password.write_text("correct horse battery")
        run("daybreak", "init", "--store", self.store, "--user", "admin", "--password-file", password)
        if pictures:
            slide = self.root / "D2026.01.01_S0001_I0001.pdb"
            run("daybreak-simulate", "--seed", 5, "--wells", 2, "--runs", 6, "--planes", 1, "--out", slide)
            run("daybreak", "import", "--store", self.store, slide)
        self.port = free_port()
        (self.root / "etc/daybreak/daybreakd.conf").write_text(
            f"store = {self.store}\nlisten_port = {self.port}\nproxy_secret = {SECRET}\nlanes = 1\n")
        owner = self.owner()
        if owner:
            (self.root / "etc/daybreak/daybreakd.conf").chmod(0o644)
            for path in [self.store.parent, self.store, *self.store.rglob("*")]:
                os.chown(path, owner, owner)

    def owner(self):
        """Somebody else than root, where that one may reach the programs."""
        nobody = 65534
        tried = subprocess.run([program("daybreak"), "--version"], user=nobody, capture_output=True, check=False) \
            if os.geteuid() == 0 and os.access(program("daybreak"), os.X_OK) and self.reachable() else None
        return nobody if tried and tried.returncode == 0 else None

    @staticmethod
    def reachable():
        return all(parent.stat().st_mode & 0o001 for parent in pathlib.Path(program("daybreak")).resolve().parents)

    def use_own_model(self):
        folder = self.root / "network"
        folder.mkdir()
        own_model(folder, self.store)

    # RAUC and the boot loader

    def read(self):
        return json.loads(self.rauc.read_text())

    def write(self, state):
        self.rauc.write_text(json.dumps(state))

    def change(self, **members):
        self.write(self.read() | members)

    def calls(self):
        """What was asked of rauc and systemctl since the last time, without questions."""
        state = self.read()
        calls, state["calls"] = state["calls"], []
        self.write(state)
        return [call for call in calls if " info " not in call and "--detailed" not in call]

    def load(self):
        """What GRUB does: the first slot of the order that is good and has tries left; each start is a try."""
        state = self.read()
        for name in state["order"]:
            slot = state["slots"][name]
            if slot["ok"] and slot["tries"] < 3:
                break
        else:
            for slot in state["slots"].values():
                slot["tries"] = 0
            name = state["order"][0]
        state["slots"][name]["tries"] += 1
        state["booted"] = name
        self.write(state)
        return name, state["slots"][name]["version"]

    def start_machine(self):
        """As far as the updater can see; nothing is run yet."""
        self.stop_daemon()
        self.slot, self.version = self.load()
        (self.root / "usr/lib/os-release").write_text(f'ID=debian\nIMAGE_VERSION="{self.version}"\n')
        digest = hashlib.sha256(self.version.encode()).hexdigest()
        (self.root / "proc/cmdline").write_text(f"quiet rauc.slot={self.slot} daybreak.roothash={digest}\n")
        (self.root / "proc/sys/kernel/random/boot_id").write_text(f"{uuid.uuid4()}\n")
        shutil.rmtree(self.root / "run/daybreak-update", ignore_errors=True)

    def boot(self):
        """The units' order: trial, daemon, confirm, web. Gives how far it came: "trial", "confirm" or "web"."""
        self.start_machine()
        if self.update("trial", check=False).returncode != 0:
            return "trial"
        if self.version not in self.broken:
            self.start_daemon()
        if self.update("confirm", check=False).returncode != 0:
            return "confirm"
        return "web"

    def start_daemon(self):
        owner = self.owner()
        self.daemon = subprocess.Popen([program("daybreakd"), "--config", self.root / "etc/daybreak/daybreakd.conf"],
                                       stdout=subprocess.PIPE, stderr=open(self.root / "daemon.log", "a"), text=True,
                                       user=owner, group=owner, extra_groups=[] if owner else None)
        line = self.daemon.stdout.readline()
        if not re.search("is ready at", line):
            self.daemon.wait()
            self.daemon = None

    def stop_daemon(self):
        """As a power cut does: harder than a restart, and quicker."""
        if self.daemon:
            self.daemon.kill()
            self.daemon.wait()
            self.daemon.stdout.close()
        self.daemon = None

    # The updater

    def update(self, *words, check=True):
        done = subprocess.run([program("daybreak"), "update", "--root", self.root, *words], capture_output=True, text=True,
                              env=self.environment, check=False)
        self.said = done.stdout + done.stderr
        if check and done.returncode != 0:
            raise AssertionError(f"update {words} ended with {done.returncode}\n{self.said}")
        return done

    def status(self):
        return json.loads(self.update("check", "--json").stdout)

    def kept(self):
        return json.loads((self.root / "run/daybreak-update/status.json").read_text())

    def bundle(self, version, stick=False, name=None, **members):
        folder = self.sticks if stick else self.updates
        path = folder / (name or f"daybreak-{version}.raucb")
        path.write_text(json.dumps({"version": version, **members}))
        return path

    def history(self):
        path = self.root / "var/lib/daybreak-update/history.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def state(self):
        return json.loads((self.root / "var/lib/daybreak-update/state.json").read_text())

    # The data

    def sql(self, text, *values):
        database = sqlite3.connect(self.store / "daybreak.db", timeout=20)
        with database:
            rows = database.execute(text, values).fetchall() if values else None
            if rows is None:
                cursor = database.executescript(text) if ";" in text else database.execute(text)
                rows = cursor.fetchall()
        database.close()
        owner = self.owner()
        if owner:
            for path in self.store.glob("daybreak.db*"):
                os.chown(path, owner, owner)
        return rows

    def schema(self):
        return self.sql("SELECT max(number) FROM migrations")[0][0]

    def migrate_beyond(self):
        """As the daemon of a newer version does, copy first."""
        number = self.schema() + 1
        copies = self.store / "copies"
        copies.mkdir(exist_ok=True)
        source = sqlite3.connect(self.store / "daybreak.db")
        target = sqlite3.connect(copies / f"before-{number:04}.db")
        source.backup(target)
        source.close()
        target.close()
        self.sql(f"CREATE TABLE from_the_future (x); INSERT INTO migrations VALUES ({number}, 'n', x'00', 1);")
        owner = self.owner()
        if owner:
            for path in [copies, *copies.iterdir()]:
                os.chown(path, owner, owner)

    def pictures(self):
        """Digests of the files of sealed frames and cuts."""
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (self.store / "blobs").iterdir()}

    def owners(self):
        return {path.stat().st_uid for path in [self.store, *self.store.rglob("*")]}

    def remove(self):
        self.stop_daemon()
        if self.disk:
            subprocess.run(["umount", self.disk], check=False)
        shutil.rmtree(self.root)


def need_root():
    if os.geteuid() != 0:
        print("skipped: updates are made by root, and the trial makes a mount namespace")
        sys.exit(0)
