#!/usr/bin/env python3
"""What the units promise. Without root: their exposure, the AppArmor profiles, the default configuration. With root, in a
machine of its own with a real systemd: readiness and order, files and modes, what the daemon's sandbox lets through and what
not, a daemon that hangs is killed and comes back, one that is stopped in a long import ends at once and loses nothing."""
import contextlib
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from machine import Machine, cannot, wait_for
from programs import ROOT, program, run

PACKAGING = ROOT / "packaging"
# Exposure as systemd counts it, in tenths: 0 is nothing, 100 is a service without any wall. Debian's own for comparison:
# nginx 96, ssh 96, chrony 37, redis 12.
UNITS = {"daybreak.daybreakd.service": 13, "daybreak.daybreak-web.service": 18, "daybreak-sync.service": 13,
         "daybreak.daybreak-certificate.service": 14}
CONFIGURATIONS = {"daybreakd.conf": "appliance/settings.c", "daybreak-sync.conf": "sync/agent/settings.c",
                  "update.conf": "appliance/update/updater.c"}
STORE, SHARE = "/var/lib/daybreak/store", "/var/lib/daybreak/shares/late"
# path: owner, group, mode; of what the packages and the setup make.
FILES = {
    "/etc/daybreak/daybreakd.conf": ("root", "root", 0o644), "/etc/daybreak/daybreak-sync.conf": ("root", "root", 0o644),
    "/etc/daybreak/update.conf": ("root", "root", 0o644), "/etc/daybreak/nginx.conf": ("root", "root", 0o644),
    "/etc/daybreak/local": ("root", "root", 0o755),
    "/etc/daybreak/local/daybreakd.conf": ("root", "daybreak", 0o640),
    "/etc/daybreak/local/proxy-secret.conf": ("root", "www-data", 0o640),
    "/etc/daybreak/local/cloud.json": ("root", "daybreak-link", 0o640),
    "/etc/daybreak/local/tls/certificate.pem": ("root", "root", 0o644),
    "/etc/daybreak/local/tls/key.pem": ("root", "www-data", 0o640),
    "/var/lib/daybreak": ("root", "root", 0o755), STORE: ("daybreak", "daybreak", 0o700),
    f"{STORE}/box.key": ("daybreak", "daybreak", 0o600), f"{STORE}/daybreak.db": ("daybreak", "daybreak", 0o600),
    "/var/lib/daybreak/exports": ("daybreak", "daybreak", 0o2770), "/var/lib/daybreak/shares": ("root", "root", 0o755),
    "/var/lib/daybreak-sync": ("daybreak-sync", "daybreak-link", 0o700), "/var/lib/daybreak-update": ("root", "root", 0o755),
    "/run/daybreak": ("daybreak-sync", "daybreak-link", 0o750), "/run/daybreak/sync.sock": ("daybreak-sync", "daybreak-link", 0o660),
    "/run/daybreak-web": ("www-data", "www-data", 0o700),
}
ANSWERS = "clinic = Clinic of the Units\nadmin = ada\npassword_file = /root/password\nnames = box, 127.0.0.1\n"


# Without root


def exposures():
    assert UNITS.keys() == {path.name for path in (PACKAGING / "debian").glob("*.service")}
    for name, most in UNITS.items():
        said = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={most}", PACKAGING / "debian" / name],
                              capture_output=True, text=True)
        (figure,) = re.findall(r"exposure level for \S+: ([\d.]+)", said.stdout)
        print(f"{name}: exposure {figure}, at most {most / 10}")
        assert said.returncode == 0, said.stdout


def profiles():
    parser = shutil.which("apparmor_parser", path=f"{os.environ['PATH']}:/usr/sbin")
    if not parser:
        print("apparmor_parser is not installed: the profiles are not looked at")
        return
    for path in sorted((PACKAGING / "debian/apparmor").iterdir()):
        subprocess.run([parser, "--skip-kernel-load", "--skip-cache", path], check=True, capture_output=True)
        assert f"\nprofile {path.name} " in path.read_text()
        assert any(f"AppArmorProfile=-{path.name}\n" in (PACKAGING / "debian" / unit).read_text() for unit in UNITS), path


def options_of(text):
    """name -> default, of a file in which each option stands behind a "#"."""
    return dict(re.findall(r"^#(\w+) =[ \t]*(.*)$", text, re.M))


def configurations(folder):
    for name, source in CONFIGURATIONS.items():
        text = (PACKAGING / name).read_text()
        known = set(re.findall(r'\{"(\w+)", CONF_', (ROOT / source).read_text()))
        assert options_of(text).keys() == known, f"{name} and {source} name different options: {options_of(text).keys() ^ known}"
        assert not re.search(r"^[^#\n]", text, re.M), f"{name} switches something on"
    # The defaults that are written are the ones that are so: with all of them switched on, nothing is different.
    daemon = folder / "daybreakd.conf"
    text = (PACKAGING / "daybreakd.conf").read_text()
    beside = {"web", "profiles", "reader", "proxy_secret"}  # found beside the program, or made by the setup
    lines = [f"{option} = {value}" for option, value in options_of(text).items() if option not in beside and value]
    daemon.write_text("\n".join([*lines, "proxy_secret = 0123456789abcdef"]))
    assert "is right" in run("daybreakd", "--check-config", "--config", daemon).stdout
    written = {option: value for option, value in options_of(text).items() if option not in beside and value}
    source = (ROOT / "appliance/settings.c").read_text()
    for option, value in written.items():
        (default,) = re.findall(rf"\.{option} = \"?([^\",}}]*)\"?[,}}]", source) or ["0"]
        assert default == value, f"daybreakd.conf says {option} = {value}, settings.c {default}"
    # What the setup wrote counts more, and a mistake in it is named with its file.
    local = folder / "local"
    local.mkdir()
    (local / "daybreakd.conf").write_text("colour = red\n")
    said = run("daybreakd", "--check-config", "--config", daemon, check=False)
    assert said.returncode == 1 and "local/daybreakd.conf: line 1" in said.stderr, said.stderr
    (local / "daybreakd.conf").write_text("proxy_secret = short\n")
    assert run("daybreakd", "--check-config", "--config", daemon, check=False).returncode == 1


# In a machine


def show(box, unit, *names):
    said = box.run("systemctl", "show", unit, *[f"--property={name}" for name in names]).stdout
    values = dict(line.split("=", 1) for line in said.splitlines())
    return values[names[0]] if len(names) == 1 else values


def healthy(box, timeout=120):
    wait_for("daybreak health", lambda: box.run("daybreak", "health", check=False).returncode == 0, timeout)


def answers(box):
    def asked():
        said = box.curl("--cacert", box.path("/etc/daybreak/local/tls/certificate.pem"), "--resolve", "box:443:127.0.0.1",
                        "https://box/api/health")
        return '"ok"' in said.stdout
    wait_for("the daemon's answer through nginx", asked, 120)


def set_up(box):
    box.install("daybreak-models", "daybreak", "daybreak-sync")
    box.write("/root/password", "correct horse battery staple\n", 0o600)
    box.write("/root/answers", ANSWERS, 0o600)
    box.boot()
    for unit in ("daybreakd", "daybreak-web", "daybreak-sync"):
        assert show(box, unit, "ActiveState") == "inactive", f"{unit} runs before the setup"
    assert not box.run("systemctl", "--failed", "--plain", "--no-legend").stdout
    # Exports come whole here.
    box.write("/etc/daybreak/daybreakd.conf", box.path("/etc/daybreak/daybreakd.conf").read_text() + "settle_s = 1\n")
    box.run("daybreak", "setup", "--answers", "/root/answers")
    answers(box)


def readiness(box):
    for unit in ("daybreakd", "daybreak-web", "daybreak-sync"):
        assert show(box, unit, "ActiveState") == "active", box.log(unit)
        said = box.run("systemd-analyze", "verify", "--man=no", f"/lib/systemd/system/{unit}.service", check=False).stderr
        assert "daybreak" not in said, said
    assert show(box, "daybreakd", "Type") == "notify" and show(box, "daybreakd", "StatusText")
    daemon, web = (int(show(box, unit, "ActiveEnterTimestampMonotonic")) for unit in ("daybreakd", "daybreak-web"))
    assert daemon < web, "nginx was started before the daemon was ready"
    healthy(box)
    # As nginx would find out by itself only at the next start.
    box.run("systemctl", "reload", "daybreak-web")
    answers(box)
    print("ready in order: daybreakd, then daybreak-web;", box.run("daybreak", "health", "--quick").stdout.splitlines()[0])


def files(box):
    said = box.run("stat", "--format=%n %U %G %a", *FILES).stdout.splitlines()
    found = {name: (owner, group, int(mode, 8)) for name, owner, group, mode in (line.split() for line in said)}
    wrong = {path: (found[path], wanted) for path, wanted in FILES.items() if found[path] != wanted}
    assert not wrong, f"path: (is, should be): {wrong}"
    groups = {user: set(box.run("id", "-Gn", user).stdout.split()) for user in ("daybreak", "daybreak-sync")}
    assert all("daybreak-link" in names for names in groups.values()), groups
    print(f"{len(FILES)} files and folders have the owner and the mode that they should have")


def inside(box, unit, script):
    """What a shell prints that runs in the walls of this unit: the same file, with the shell instead of the program."""
    text = (PACKAGING / "debian" / unit).read_text()
    kept = [line for line in text.splitlines() if not re.match(
        r"(Condition|Type|PIDFile|Exec(Start|Reload)|Restart|Watchdog|Timeout|After|Wants|StartLimit|RuntimeDirectory|AppArmor)", line)]
    at = kept.index("[Service]")
    kept[at + 1:at + 1] = ["Type=oneshot", "ExecPaths=/usr/bin", "ExecStart=/bin/bash /opt/probe.sh", "StandardOutput=journal"]
    box.write("/opt/probe.sh", script)
    box.write("/etc/systemd/system/probe.service", "\n".join(kept) + "\n")
    box.run("systemctl", "daemon-reload")
    begun = box.run("date", "+%s").stdout.strip()
    box.run("systemctl", "start", "probe", check=False)
    box.run("journalctl", "--sync")
    return box.run("journalctl", "--no-pager", "--output=cat", "-u", "probe", f"--since=@{begun}").stdout


WALLS = r"""
try() { if ( eval "$2" ) >/dev/null 2>&1; then echo "can $1"; else echo "cannot $1"; fi; }
try store 'touch /var/lib/daybreak/store/probe && rm /var/lib/daybreak/store/probe'
try exports 'ls /var/lib/daybreak/exports'
try etc 'touch /etc/daybreak/probe'
try secret 'cat /etc/daybreak/local/tls/key.pem'
try agent 'ls /var/lib/daybreak-sync'
try usr 'touch /usr/probe'
try home 'ls /root'
for folder in /tmp /var/tmp /dev/shm /var/lib/daybreak/store; do
	try run "cp /usr/bin/true $folder/true && $folder/true"
	rm -f $folder/true
done
try share 'touch /var/lib/daybreak/shares/probe'
try processes '[ "$(ls -d /proc/[0-9]* | wc -l)" -gt 20 ]'
try disks 'ls /dev/mem'
try loopback 'exec 3<>/dev/tcp/127.0.0.1/8480'
try v6 'exec 3<>/dev/tcp/::1/8480'
try outside 'exec 3<>/dev/tcp/198.51.100.7/8480'
"""


def walls(box):
    # An address of this machine that is not loopback, with somebody who listens.
    box.run("ip", "address", "add", "198.51.100.7/32", "dev", "lo")
    listen = "import socket\nserver = socket.create_server(('198.51.100.7', 8480))\nwhile True:\n    server.accept()\n"
    listener = subprocess.Popen(["nsenter", "-t", box.leader(), "-n", sys.executable, "-c", listen])
    try:
        wait_for("somebody who listens", lambda: box.run("bash", "-c", "exec 3<>/dev/tcp/198.51.100.7/8480", check=False).returncode == 0, 30)
        said = inside(box, "daybreak.daybreakd.service", WALLS)
    finally:
        listener.terminate()
        listener.wait()
    can, not_can = (set(re.findall(rf"^{word} (\w+)$", said, re.M)) for word in ("can", "cannot"))
    assert len(can | not_can) == 14, said
    if "outside" in can and not enforces(box):
        print("this kernel has no address filter for services (BPF): the wall on addresses was not tried")
        can.discard("outside")
    assert can == {"store", "exports", "loopback"}, f"the daemon can do {sorted(can)}"
    print(f"the daemon's walls: it can reach {sorted(can)}, and cannot {sorted(not_can)}")


def enforces(box):
    """Whether systemd could put its address filter in place here."""
    return box.run("systemd-run", "--wait", "--quiet", "--property=IPAddressDeny=any", "bash", "-c",
                   "exec 3<>/dev/tcp/127.0.0.1/8480", check=False).returncode != 0


def comes_back(box):
    """Hung, not dead: only the watchdog can tell."""
    box.write("/etc/systemd/system/daybreakd.service.d/short.conf", "[Service]\nWatchdogSec=6s\nTimeoutAbortSec=2s\n")
    box.run("systemctl", "daemon-reload")
    box.run("systemctl", "restart", "daybreakd")
    healthy(box)
    # Alive for longer than the watchdog's time: it is heard of.
    time.sleep(8)
    assert show(box, "daybreakd", "NRestarts") == "0", box.log("daybreakd")
    process = show(box, "daybreakd", "MainPID")
    begun = time.monotonic()
    box.run("systemctl", "kill", "--signal=STOP", "--kill-whom=main", "daybreakd")
    wait_for("another daemon", lambda: show(box, "daybreakd", "MainPID") not in ("0", process), 90)
    healthy(box)
    took = time.monotonic() - begun
    assert show(box, "daybreakd", "NRestarts") == "1"
    assert "watchdog" in box.run("journalctl", "--no-pager", "-u", "daybreakd").stdout.lower()
    box.path("/etc/systemd/system/daybreakd.service.d/short.conf").unlink()
    box.run("systemctl", "daemon-reload")
    box.run("systemctl", "restart", "daybreakd")
    print(f"a daemon that hangs was killed by the watchdog (6 s) and answered again {took:.1f} s after it hung")


def frames(box):
    """What is committed, and so acknowledged."""
    with contextlib.closing(sqlite3.connect(f"file:{box.path(STORE)}/daybreak.db?mode=ro", uri=True, timeout=30)) as database:
        return database.execute("SELECT count(*) FROM frames").fetchone()[0]


def sees_shares(box):
    """What is mounted while the daemon runs appears inside its walls, too."""
    box.path(SHARE).mkdir()
    box.write("/srv/incubator/export.pdb", "the hospital's")
    box.run("mount", "--bind", "-o", "ro", "/srv/incubator", SHARE)
    assert "export.pdb" in box.run("ls", f"/proc/{show(box, 'daybreakd', 'MainPID')}/root{SHARE}").stdout
    box.run("umount", SHARE)
    print("a share that is mounted later is seen by the daemon")


def stops_in_import(box):
    # One rendered slide under many names, as one export.
    slides, wells, runs, planes = 12, 2, 90, 3
    morning = box.path("/var/lib/daybreak/exports/.morning")
    morning.mkdir()
    slide = morning / "D2026.01.01_S0000_I0001.pdb"
    run("daybreak-simulate", "--seed", 3, "--wells", wells, "--runs", runs, "--planes", planes, "--out", slide)
    for number in range(1, slides):
        shutil.copy(slide, morning / f"D2026.01.01_S{number:04}_I0001.pdb")
    morning.rename(morning.with_name("morning"))
    wait_for("the import to begin", lambda: frames(box) > 0, 180)
    begun = time.monotonic()
    box.run("systemctl", "stop", "daybreakd")
    took, kept, total = time.monotonic() - begun, frames(box), slides * wells * runs * planes
    assert took < 5, f"stopping took {took:.1f} s"
    assert kept < total, "the import had ended before it could be stopped"
    assert show(box, "daybreakd", "Result") == "success", box.log("daybreakd")
    unhealthy = box.run("daybreak", "health", check=False)
    assert unhealthy.returncode == 1 and "the daemon does not answer" in unhealthy.stderr, unhealthy
    box.run("systemctl", "start", "daybreakd")
    wait_for("all frames", lambda: frames(box) == total, 300)
    assert "; 0 problems" in box.run("daybreak", "verify", "--store", STORE, "--deep").stdout
    print(f"stopped in the middle of an import within {took:.1f} s: {kept} of {total} frames were kept, all are there after the start")


def in_a_machine():
    with tempfile.TemporaryDirectory(prefix="daybreak-units-") as folder:
        box = Machine(folder)
        try:
            for look in (set_up, readiness, files, walls, sees_shares, stops_in_import, comes_back):
                begun = time.monotonic()
                look(box)
                print(f"  ({look.__name__}: {time.monotonic() - begun:.0f} s)")
        except BaseException:
            if box.nspawn and box.nspawn.poll() is None:
                print(*(box.log(unit)[-3000:] for unit in ("daybreakd", "daybreak-web", "daybreak-sync")), file=sys.stderr)
            raise
        finally:
            box.stop()


def main():
    exposures()
    profiles()
    with tempfile.TemporaryDirectory(prefix="daybreak-units-") as folder:
        configurations(pathlib.Path(folder))
    if cannot():
        print(f"no machine: {cannot()}")
        return
    in_a_machine()


if __name__ == "__main__":
    main()
