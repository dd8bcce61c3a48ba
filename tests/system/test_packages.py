#!/usr/bin/env python3
"""The life of the packages on a fresh Debian 12 with a real systemd: the previous version is installed and set up, a slide is
scored, then comes the update (with a database to migrate), the way back that is refused, a reinstallation, the removal, and the
purge that keeps the data unless somebody types the clinic's name. Needs root; skipped without."""
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from machine import DEBS, Machine, cannot, debs, fields, wait_for
from programs import ROOT

PREVIOUS, CLINIC, PASSWORD = "0.0.9", "Clinic of the Rendered Morning", "correct horse battery staple"
BOX = ("daybreak-models", "daybreak", "daybreak-sync")
ANSWERS = f"""clinic = {CLINIC}
admin = ada
password_file = /root/password
decision_hour = 09:00
time_zone = Europe/Paris
names = box, 127.0.0.1
share = incubator local /srv/incubator
"""


def version():
    (found,) = re.findall(r"^project\(daybreak VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.M)
    return found


def repacked(folder, to):
    """Our packages under another version."""
    of = version()
    for deb in debs(*BOX):
        tree = folder / "tree"
        subprocess.run(["dpkg-deb", "--raw-extract", deb, tree], check=True)
        control = tree / "DEBIAN/control"
        control.write_text(control.read_text().replace(f"Version: {of}\n", f"Version: {to}\n").replace(f"(= {of})", f"(= {to})"))
        again = folder / deb.name.replace(f"_{of}_", f"_{to}_")
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, again], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(tree)
    return debs(*BOX, folder=folder)


def built():
    """What can be said of the packages without installing them."""
    log = (ROOT / "packaging/debian/changelog").read_text()
    assert log.startswith(f"daybreak ({version()}) "), "debian/changelog and CMakeLists.txt name different versions"
    for deb in sorted(DEBS.glob("daybreak*.deb")):
        if "-dbgsym" not in deb.name:
            held = subprocess.run(["dpkg-deb", "--contents", deb], check=True, capture_output=True, text=True).stdout
            assert "root/root" in held and not re.search(r"^(-r[w-]s|-...r-s|......w|........w)", held, re.M), held
            print(f"{deb.name}: {deb.stat().st_size:,} bytes, installed {int(fields(deb, 'Installed-Size').split()[-1]):,} KiB")
    (changes,) = DEBS.glob("*.changes")
    said = subprocess.run(["lintian", "--info", "--display-info", "--pedantic", "--allow-root",
                           "--fail-on", "error,warning,info,pedantic", changes], capture_output=True, text=True)
    assert said.returncode == 0, said.stdout
    print("lintian: nothing that is not argued for")


def tree_of(box):
    """Every path of the machine but for what is anybody's: logs, caches, records of the package tools."""
    anybodys = re.compile(
        r"^(debs|dev|proc|sys|run|tmp|root|srv|var/(tmp|log|cache|backups)|var/lib/(dpkg|apt|systemd|ucf|pam|polkit-1)|"
        r"etc/((passwd|group|shadow|gshadow|subuid|subgid)-?|\.pwd\.lock|ld\.so\.cache|machine-id|resolv\.conf|localtime|timezone))"
        r"(/|$)")
    found = set()
    for folder, folders, files in os.walk(box.root):
        inside = os.path.relpath(folder, box.root)
        inside = "" if inside == "." else f"{inside}/"
        folders[:] = [name for name in folders if not anybodys.match(f"{inside}{name}")]
        found.update(f"{inside}{name}" for name in [*folders, *files] if not anybodys.match(f"{inside}{name}"))
    return found


def export(box):
    """What the clinic's data is, independent of the form of the database."""
    return json.loads(box.run("daybreak", "export", "--store", "/var/lib/daybreak/store").stdout)


def same(found, wanted, place="export"):
    """Says where two exports differ."""
    if isinstance(found, dict) and isinstance(wanted, dict) and found.keys() == wanted.keys():
        for key in found:
            same(found[key], wanted[key], f"{place}.{key}")
    elif isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        for i, (one, other) in enumerate(zip(found, wanted)):
            same(one, other, f"{place}[{i}]")
    else:
        assert found == wanted, f"{place} is {found} and was {wanted}"


def ask(box, path, *options):
    return box.curl("--cacert", box.path("/etc/daybreak/local/tls/certificate.pem"), "--resolve", "box:443:127.0.0.1", *options,
                    f"https://box{path}")


def answers(box):
    wait_for("the daemon's answer through nginx", lambda: ask(box, "/api/health").stdout.startswith("{"), 120)
    return json.loads(ask(box, "/api/health").stdout)


def signs_in(box):
    jar = box.root.parent / "jar"
    body = json.dumps({"name": "ada", "password": PASSWORD})
    ask(box, "/api/session", "-c", jar, "-H", "X-Daybreak: 1", "-H", "Content-Type: application/json", "-d", body)
    board = ask(box, "/api/board", "-b", jar)
    assert "seq" in board.stdout, f"{board.stdout} {board.stderr}"


def first_install(box, previous):
    said = box.install(*previous)
    assert "daybreak setup" in said.stdout + said.stderr, "the next step is not named"
    for unit in ("daybreakd", "daybreak-web", "daybreak-sync"):
        assert box.run("systemctl", "is-enabled", unit).stdout.strip() == "enabled", unit
        assert box.run("systemctl", "is-active", unit, check=False).stdout.strip() == "inactive", unit
    assert not box.run("systemctl", "--failed", "--plain", "--no-legend").stdout, "before the setup nothing may have failed"
    offered = box.run("bash", "-c", "source /usr/share/bash-completion/completions/daybreak; COMP_WORDS=(daybreak he); "
                      "COMP_CWORD=1; _daybreak; echo ${COMPREPLY[*]}").stdout.split()
    assert offered == ["health"], offered
    print(f"installed {PREVIOUS}: enabled, and quiet before the setup")


def set_up(box):
    box.write("/root/password", PASSWORD + "\n", 0o600)
    box.write("/root/answers", ANSWERS, 0o600)
    box.write("/srv/incubator/not-an-export.txt", "the hospital's\n")
    # What an administrator changes in a file of ours.
    conf = box.path("/etc/daybreak/daybreakd.conf")
    conf.write_text(conf.read_text() + "\n# ours: slides come whole\nsettle_s = 1\n")
    box.run("daybreak", "setup", "--answers", "/root/answers")
    health = answers(box)
    assert health["version"] == health["build"] == version(), health
    moved = box.curl("--head", "http://127.0.0.1/board")
    assert " 301 " in moved.stdout and "https://" in moved.stdout, moved.stdout
    signs_in(box)
    print("set up without a question: the lab screen answers over TLS, the administrator signs in")


def score(box):
    slide = "/var/lib/daybreak/D2026.01.05_S0001_I0001.pdb"
    box.run("daybreak-simulate", "--seed", 11, "--wells", 2, "--runs", 30, "--planes", 1, "--interval", 7200, "--quiet",
            "--out", slide)
    box.run("mv", slide, "/var/lib/daybreak/exports/")

    def scored():
        dishes = export(box)
        done = dishes and len(dishes[0]["ranking"] or []) == 2 and all(
            embryo["evaluation"] and embryo["evaluation"]["points"] == 30 for embryo in dishes[0]["embryos"])
        time.sleep(2 if done else 0)
        return dishes if done and export(box) == dishes else None

    begun = time.monotonic()
    (dish,) = wait_for("the slide to be scored", scored, 180)
    assert all(one["state"] in ("value", "not computable", "excluded") for embryo in dish["embryos"]
               for one in embryo["evaluation"]["profiles"])
    print(f"a rendered slide in the watched folder was scored and ranked within {time.monotonic() - begun:.0f} s")


def take_back_a_migration(box):
    """The store as a program before the last migration left it: with the statements of the unit tests."""
    text = (ROOT / "tests/unit/store/fixture.h").read_text()
    statement = "".join(re.findall(r'"(.*?)"', text[text.index("take_back_lab_sql[] ="):text.index("A picture of its own")]))
    box.run("systemctl", "stop", "daybreakd")
    store = box.path("/var/lib/daybreak/store")
    with sqlite3.connect(store / "daybreak.db") as db:
        db.executescript(statement)
        (schema,) = db.execute("SELECT max(number) FROM migrations").fetchone()
    db.close()
    for copy in store.glob("copies/*"):
        copy.unlink()
    owner = (store / "box.key").stat()
    for path in store.glob("daybreak.db*"):
        os.chown(path, owner.st_uid, owner.st_gid)
    return schema


def upgrade(box):
    before = export(box)
    schema = take_back_a_migration(box)
    conf = box.path("/etc/daybreak/daybreakd.conf").read_text()
    box.install(*BOX)
    answers(box)
    copies = list(box.path("/var/lib/daybreak/store/copies").glob("*.db"))
    assert copies, "no copy was made before the migration"
    with sqlite3.connect(copies[0]) as db:
        assert db.execute("SELECT max(number) FROM migrations").fetchone() == (schema,)
    db.close()
    same(export(box), before)
    assert box.path("/etc/daybreak/daybreakd.conf").read_text() == conf, "the administrator's change is gone"
    box.run("daybreak", "verify", "--store", "/var/lib/daybreak/store", "--deep")
    signs_in(box)
    print(f"updated to {version()}: a copy before the migration ({copies[0].name}), every result as before, settings kept")


def downgrade(box, previous):
    said = box.install(*previous, check=False, options=["--allow-downgrades"])
    text = said.stdout + said.stderr
    assert said.returncode != 0 and f"daybreak: version {version()} has been in use here, and {PREVIOUS} is older" in text, text
    installed = box.run("dpkg-query", "-f", "${db:Status-Abbrev} ${Version}\n", "-W", *BOX).stdout
    assert installed == f"ii  {version()}\n" * len(BOX), installed
    assert box.run("systemctl", "is-active", "daybreakd", "daybreak-web", "daybreak-sync").returncode == 0
    answers(box)
    print("an older version over it: refused with a sentence, nothing was changed")


def going_back(box, before):
    """The commands of the guide, which take the copy from before the update."""
    (guide,) = re.findall(r"### Going back\n.*?\n\n((?:    [^\n]*\n)+)", (ROOT / "packaging/README.md").read_text(), re.S)
    (copy,) = box.path("/var/lib/daybreak/store/copies").glob("before-*.db")
    box.run("sh", "-ec", "cd /debs\n" + guide.replace("OLD", PREVIOUS).replace("before-NNNN.db", copy.name))
    assert box.run("dpkg-query", "-f", "${Version}", "-W", "daybreak").stdout == PREVIOUS
    answers(box)
    same(export(box), before)
    signs_in(box)
    box.install(*BOX)
    answers(box)
    print("the guide's way back to the version before: all as it was; then updated once more")


def reinstall(box):
    conf = box.path("/etc/daybreak/daybreakd.conf").read_text()
    box.install(*BOX, options=["--reinstall"])
    answers(box)
    assert box.path("/etc/daybreak/daybreakd.conf").read_text() == conf
    print("reinstalled: the changed settings are as they were")


def remove(box, before):
    def stored():
        inside = [path for path in tree_of(box) if path.startswith("var/lib/daybreak/store/")]
        return sorted(path for path in inside if not path.endswith(("-wal", "-shm")))

    kept = stored()
    box.run("apt-get", "remove", "-q", "-y", *BOX)
    assert stored() == kept
    assert box.path("/etc/daybreak/local/daybreakd.conf").exists() and box.path("/etc/daybreak/daybreakd.conf").exists()
    running = box.run("sh", "-c", "cat /proc/[0-9]*/comm").stdout
    assert "systemd" in running and not re.search("daybreak|nginx", running), running
    box.install(*BOX)
    answers(box)
    same(export(box), before)
    print("removed and installed again: settings and data were kept")


def purge(box, answer):
    if answer is not None:
        box.run("debconf-set-selections", input=f"daybreak daybreak/erase string {answer}\n")
    said = box.run("apt-get", "purge", "-q", "-y", *BOX)
    return said.stdout + said.stderr


def left(box, fresh):
    """What is there now and was not before, but for what Debian's packages that were pulled in have or make."""
    listed = set(box.run("sh", "-c", "cat /var/lib/dpkg/info/*.list").stdout.split("\n"))
    theirs = re.compile(r"(usr/share/(fonts|info|mime|fontconfig)|var/lib/(nginx|fontconfig|dbus)|var/www|usr/lib/.*cache|"
                        r"usr/local/share|etc/(nginx|fonts|ssl|ca-certificates|rc\d)|"
                        r"etc/systemd/system/(multi-user\.target\.wants/nginx|timers))")
    return sorted(path for path in tree_of(box) - fresh
                  if not listed & {f"/{path}", f"/{path}".removeprefix("/usr")} and not theirs.match(path))


def purges(box, before, fresh):
    data = "var/lib/daybreak"
    said = purge(box, None)
    assert f"{CLINIC} is kept in /{data}" in said, said
    ours = [path for path in left(box, fresh) if not path.startswith((f"{data}/", "var/lib/daybreak-sync/ledger.db"))]
    assert ours in ([data], [data, "var/lib/daybreak-sync"]), f"left besides the data: {ours}"
    assert box.path("/srv/incubator/not-an-export.txt").exists()

    said = purge_again(box, before, "another clinic")
    assert f"{CLINIC} is kept" in said, said
    said = purge_again(box, before, CLINIC)
    assert f"{CLINIC} was erased" in said, said
    assert not left(box, fresh), f"left after the purge by name: {left(box, fresh)}"
    people = box.path("/etc/passwd").read_text() + box.path("/etc/group").read_text()
    assert "daybreak" not in people, people
    assert box.path("/srv/incubator/not-an-export.txt").read_text() == "the hospital's\n", "a share was touched"
    print("purged: without the name the data is kept and it is said, with it nothing is left; the incubator's share is untouched")


def purge_again(box, before, answer):
    """Installs over the data that was kept, sees it, and purges."""
    box.install(*BOX)
    box.run("daybreak", "setup", "--answers", "/root/answers")
    answers(box)
    same(export(box), before)
    return purge(box, answer)


def region(box):
    """The packages of a region's servers, which are no clinic's, come and go."""
    fresh = tree_of(box)
    box.install("daybreak-models", "daybreak-function", "daybreak-doc")
    assert "usage" in box.run("daybreak-function", "--help").stdout
    # Wherever a sentence of ours sends its reader, there is something.
    guide = "/usr/share/doc/daybreak/INSTALLATION.md"
    assert guide in (ROOT / "packaging/debian/daybreak.preinst").read_text() and "### Going back" in box.path(guide).read_text()
    for path in ("doc/daybreak/RUNBOOK.md", "doc/daybreak/THIRD-PARTY", "man/man8/daybreak-function.8.gz"):
        assert box.path(f"/usr/share/{path}").exists(), path
    box.run("apt-get", "purge", "-q", "-y", "daybreak-models", "daybreak-function", "daybreak-doc")
    assert not left(box, fresh), left(box, fresh)
    print("daybreak-function and daybreak-doc: installed, purged, nothing left")


def main():
    if reason := cannot():
        print(f"skipped: {reason}")
        return
    built()
    with tempfile.TemporaryDirectory(prefix="daybreak-packages-") as folder:
        folder = pathlib.Path(folder)
        old = folder / "previous"
        old.mkdir()
        previous = repacked(old, PREVIOUS)
        box = Machine(folder)
        fresh = tree_of(box)
        try:
            box.boot()
            first_install(box, previous)
            set_up(box)
            score(box)
            upgrade(box)
            downgrade(box, previous)
            before = export(box)
            going_back(box, before)
            reinstall(box)
            remove(box, before)
            purges(box, before, fresh)
            region(box)
        except BaseException:
            print(box.run("journalctl", "--no-pager", "--output=short", "-n", "60", check=False).stdout, file=sys.stderr)
            raise
        finally:
            box.stop()


if __name__ == "__main__":
    sys.exit(main())
