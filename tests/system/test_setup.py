#!/usr/bin/env python3
"""daybreak setup below a folder that stands for /: what is written and by whose right it is read, that a second run changes
nothing, wrong answers, the conversation on a terminal, certificates of a hospital's authority, shares, an appliance's starts. The
same on a real machine is part of test_packages.py."""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import sqlite3
import stat
import subprocess
import tempfile
import time
import unittest

from programs import program, run

PASSWORD = "six in the morning"
LOCAL = "etc/daybreak/local"


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, text=True, **options).stdout


class Box(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="daybreak-setup-"))
        self.root = self.folder / "root"
        self.root.mkdir()
        self.local = self.root / LOCAL

    def tearDown(self):
        shutil.rmtree(self.folder)

    def setup(self, *arguments, **options):
        return run("daybreak", "setup", "--root", self.root, *arguments, **options)

    def refused(self, *arguments, because):
        done = self.setup(*arguments, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(because, done.stderr)

    def answers(self, text):
        path = self.folder / "answers"
        path.write_text(text)
        return path

    def text(self, name):
        return (self.local / name).read_text()

    def everything(self):
        return {path.relative_to(self.root): (path.lstat().st_mode, path.read_bytes() if path.is_file() else None)
                for path in self.root.rglob("*") if "store" not in path.parts}

    def admins(self):
        with sqlite3.connect(self.root / "var/lib/daybreak/store/daybreak.db") as database:
            return database.execute("SELECT name, role FROM users").fetchall()


class Answers(Box):
    def test_answers_of_a_file(self):
        password = self.folder / "password"
        password.write_text(f"{PASSWORD}\n")
        answers = self.answers(f"# of the clinic\nclinic = Clinic on the Hill\nadmin = petra\npassword_file = {password}\n"
                               "decision_hour = 08:15\ntime_zone = Europe/Paris\nregions = eu-central-1, eu-west-3\nbudget_day = 1.5\n"
                               "budget_month = 20\nnames = box.hospital.example, 192.0.2.7\nworking_hours = mon-fri 06:00-19:00\n"
                               "automatic_updates = no\n")
        would = self.setup("--answers", answers, "--check").stdout
        self.assertIn("nothing was changed", would)
        self.assertEqual(list(self.root.iterdir()), [])
        said = self.setup("--answers", answers).stdout
        self.assertEqual([line.removeprefix("would ") for line in would.splitlines() if line.startswith("would ")],
                         [line for line in said.splitlines() if re.match("make|write|link", line)])
        self.assertNotIn(PASSWORD, said)
        self.assertNotIn("password", said)
        self.assertEqual(self.admins(), [("petra", "admin")])
        self.assertEqual(os.readlink(self.root / "etc/localtime"), "/usr/share/zoneinfo/Europe/Paris")
        cloud = json.loads(self.text("cloud.json"))
        self.assertEqual({name: cloud[name] for name in ("regions", "budget", "decision_hour", "endpoints")},
                         {"regions": ["eu-central-1", "eu-west-3"], "budget": {"day": 1.5, "month": 20}, "decision_hour": "08:15", "endpoints": []})
        self.assertIn("working_hours = mon-fri 06:00-19:00\nautomatic = no\n", self.text("update.conf"))
        self.assertIn("clinic = Clinic on the Hill\n", self.text("setup.conf"))
        self.assertNotIn("password", self.text("setup.conf"))
        secret = re.search(r"^proxy_secret = ([0-9a-f]{48})$", self.text("daybreakd.conf"), re.M)[1]
        self.assertEqual(self.text("proxy-secret.conf"), f'proxy_set_header X-Daybreak-Proxy "{secret}";\n')
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in self.local.rglob("*") if path.is_file()}
        self.assertEqual(modes, {"daybreakd.conf": 0o640, "proxy-secret.conf": 0o640, "cloud.json": 0o640, "key.pem": 0o640,
                                 "certificate.pem": 0o644, "daybreak-sync.conf": 0o644, "update.conf": 0o644, "setup.conf": 0o644})
        for name, path in (("regions", "cloud.json"), ("names", "tls/certificate.pem")):
            self.assertIn(str(self.root / LOCAL / path), said, name)
        self.assertIn("address: https://box.hospital.example/\n", said)
        shown = openssl("x509", "-in", self.local / "tls/certificate.pem", "-noout", "-fingerprint", "-sha256").strip().split("=")[1]
        self.assertIn(shown, said)

    def test_the_programs_take_what_was_written(self):
        self.setup("--clinic", "Clinic")
        here = self.folder / "daybreakd.conf"
        here.write_text("")
        shutil.copytree(self.local, self.folder / "local")
        self.assertIn("is right", run("daybreakd", "--config", here, "--check-config").stdout)
        sync, layer = self.folder / "daybreak-sync.conf", self.folder / "local/daybreak-sync.conf"
        sync.write_text("")
        layer.write_text(layer.read_text().replace("/etc/daybreak", str(self.root / "etc/daybreak")))
        self.assertIn("is right: site clinic-", run("daybreak-sync", "check", "--config", sync).stdout)
        openssl("verify", "-CAfile", self.local / "tls/certificate.pem", self.local / "tls/certificate.pem")

    def test_a_second_run_changes_nothing(self):
        first = self.setup("--clinic", "Clinic").stdout
        self.assertRegex(first, r"(?m)^administrator: admin\npassword: [a-zA-Z2-9-]{23}$")
        before = self.everything()
        again = self.setup("--clinic", "Clinic").stdout
        self.assertNotRegex(again, "(?m)^(make|write|remove|password)")
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.setup("--check").stdout, "there is nothing to do\n")

    def test_what_others_added_stays(self):
        self.setup("--clinic", "Clinic")
        cloud = json.loads(self.text("cloud.json"))
        cloud["authority"] = {"url": "https://burst.example:8443", "ca": "ca.pem"}
        (self.local / "cloud.json").write_text(json.dumps(cloud))
        secret, certificate = self.text("proxy-secret.conf"), self.text("tls/certificate.pem")
        said = self.setup("--decision-hour", "06:45", "--admin", "other").stdout
        self.assertNotIn("password:", said)
        self.assertEqual(json.loads(self.text("cloud.json")), {**cloud, "decision_hour": "06:45"})
        self.assertEqual((self.text("proxy-secret.conf"), self.text("tls/certificate.pem")), (secret, certificate))
        self.assertEqual(self.admins(), [("admin", "admin")])
        (self.local / "cloud.json").write_text("{")
        self.refused("--decision-hour", "07:00", because="cloud.json")
        self.assertEqual(self.text("cloud.json"), "{")
        (self.local / "cloud.json").unlink()
        (self.local / "daybreakd.conf").write_text("threads = 8\n")
        self.setup("--decision-hour", "07:00")
        self.assertEqual(self.text("daybreakd.conf.before"), "threads = 8\n")

    def test_servers_of_the_cloud(self):
        for name in ("group", "maker"):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 30, "-subj", f"/CN={name}",
                    "-keyout", self.folder / f"{name}.key", "-out", self.folder / f"{name}.pem")
        self.setup("--answers", self.answers("authority_url = https://burst.example:8443\nauthority_ca = group.pem\n"
                                             "updates_url = https://updates.example/daybreak\nupdates_ca = maker.pem\n"))
        cloud = json.loads(self.text("cloud.json"))
        self.assertEqual(cloud["authority"], {"url": "https://burst.example:8443", "ca": "authority-ca.pem"})
        self.assertEqual(cloud["updates"], {"url": "https://updates.example/daybreak", "ca": "updates-ca.pem"})
        self.assertEqual(self.text("authority-ca.pem"), (self.folder / "group.pem").read_text())
        sync = self.folder / "daybreak-sync.conf"
        sync.write_text(f"cloud = {self.local / 'cloud.json'}\n")
        run("daybreak-sync", "check", "--config", sync)
        (self.folder / "maker.pem").unlink()
        self.setup("--updates-url", "https://other.example")
        self.assertEqual(json.loads(self.text("cloud.json"))["updates"]["url"], "https://other.example")
        (self.local / "updates-ca.pem").unlink()
        self.refused("--updates-url", "https://other.example", because="updates_url needs updates_ca")
        self.refused("--updates-url", "http://other.example", because="https://")
        self.refused("--updates-ca", self.folder / "group.key", because="not a certificate")

    def test_wrong_answers(self):
        short = self.folder / "short"
        short.write_text("1234567")
        before = self.everything()
        for name, value, because in (("site", "Praxis Dr. Huber", "pseudonym"), ("decision-hour", "half past seven", "07:30"),
                                     ("time-zone", "Europe/Nowhere", "Europe/Nowhere"), ("time-zone", "../../etc/hosts", "timedatectl"),
                                     ("budget-day", "-1", "budget"), ("names", "a b", "host name"), ("tls", "off", "self-made"),
                                     ("share", "x nfs", "host:/path"), ("working-hours", "always", "always"),
                                     ("password-file", "/nowhere/at/all", "/nowhere/at/all"), ("password-file", short, "8 to 256 bytes"),
                                     ("answers", self.answers("clinik = X\n"), "line 1"), ("automatic-updates", "perhaps", "yes or no")):
            self.refused(f"--{name}", value, because=because)
            self.assertEqual(self.everything(), before, (name, value))
        self.assertEqual(self.setup("--colour", "red", check=False).returncode, 2)
        self.assertEqual(self.setup("--key", "x", check=False).returncode, 2)
        self.assertEqual(self.setup("surplus", check=False).returncode, 2)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to give a store to somebody else")
    def test_a_store_stays_its_owners(self):
        self.setup("--clinic", "Clinic")
        self.folder.chmod(0o755)
        store = self.root / "var/lib/daybreak/store"
        for path in [store, *store.rglob("*")]:
            os.chown(path, 65534, 65534)
        for parent in store.parents:
            if self.folder in parent.parents:
                parent.chmod(0o755)
        export = self.folder / "D2026.01.01_S0001_I0001.pdb"
        run("daybreak-simulate", "--slide", "D2026.01.01_S0001_I0001_D", "--wells", 1, "--runs", 2, "--planes", 1, "--quiet", "--out", export)
        export.chmod(0o644)
        run("daybreak", "import", "--no-score", "--store", store, export)
        run("daybreak", "verify", f"--store={store}")
        self.assertEqual({path.stat().st_uid for path in store.rglob("*")}, {65534})


class Terminal(Box):
    def talk(self, lines):
        """What is said on a terminal to somebody who types these lines; None: goes away."""
        process, terminal = pty.fork()
        if process == 0:
            os.execv(program("daybreak"), ["daybreak", "setup", "--root", str(self.root)])
        heard, until, lines = "", time.monotonic() + 60, list(lines)
        asked = 0
        while time.monotonic() < until:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                chunk = os.read(terminal, 4096).decode()
            except OSError:
                break
            if not chunk:
                break
            heard += chunk
            while heard[asked:].find("] ") >= 0 and lines:
                asked += heard[asked:].find("] ") + 2
                line = lines.pop(0)
                os.write(terminal, b"\x04" if line is None else f"{line}\n".encode())
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        os.close(terminal)
        return status, heard.replace("\r\n", "\n")

    def test_everything_is_asked(self):
        status, heard = self.talk(["Clinic on the Hill", "", "7", "07:15", "petra", "", "box.example", "", "", "-", "", "", "mon-fri 06:00-18:00",
                                   "perhaps", "no", "inc local", "inc local /srv", "", "yes"])
        self.assertEqual(status, 0, heard)
        self.assertIn("the decision hour is a time of the day, as 07:30", heard)
        self.assertIn("share inc: what local takes is a folder", heard)
        self.assertIn("automatic_updates is yes or no", heard)
        said = self.text("setup.conf")
        for line in ("clinic = Clinic on the Hill", "decision_hour = 07:15", "admin = petra", "names = box.example", "share = inc local /srv",
                     "working_hours = mon-fri 06:00-18:00", "automatic_updates = no", "regions = "):
            self.assertIn(f"{line}\n", said)
        self.assertEqual(self.admins(), [("petra", "admin")])
        status, heard = self.talk([""] * 20)
        self.assertEqual(status, 0, heard)
        self.assertIn("[Clinic on the Hill]", heard)
        self.assertEqual(self.text("setup.conf"), said)

    def test_who_goes_away_has_changed_nothing(self):
        for lines in (["Clinic", None], [""] * 14 + ["no"]):
            status, heard = self.talk(lines)
            self.assertEqual(status, 1, heard)
            self.assertIn("nothing was changed", heard)
            self.assertEqual(list(self.root.iterdir()), [])


class Certificates(Box):
    def setUp(self):
        super().setUp()
        self.said = self.setup("--tls", "request", "--names", "box.hospital.example,192.0.2.7").stdout
        self.request = self.local / "tls/request.pem"
        self.authority("ca", "rsa:2048")

    def authority(self, name, kind):
        openssl("req", "-x509", "-newkey", kind, "-nodes", "-days", 30, "-subj", f"/O=Hospital/CN=Hospital {name}",
                "-keyout", self.folder / f"{name}.key", "-out", self.folder / f"{name}.pem")

    def sign(self, name="box", request=None, days=30, names=True, ca="ca"):
        path = self.folder / f"{name}.pem"
        openssl("x509", "-req", "-in", request or self.request, "-CA", self.folder / f"{ca}.pem", "-CAkey", self.folder / f"{ca}.key",
                "-CAcreateserial", "-days", days, *(["-copy_extensions", "copyall"] if names else []), "-out", path)
        return path

    def test_a_request_is_signed_and_installed(self):
        asked = openssl("req", "-in", self.request, "-noout", "-verify", "-text")
        self.assertIn("DNS:box.hospital.example, IP Address:192.0.2.7", asked)
        self.assertIn("have the hospital's authority sign", self.said)
        self_made = self.text("tls/certificate.pem")
        chain = self.folder / "chain.pem"
        chain.write_text(self.sign().read_text() + (self.folder / "ca.pem").read_text())
        said = self.setup("--certificate", chain).stdout
        self.assertIn("CN=Hospital ca", said)
        self.assertNotIn("have the hospital's authority sign", said)
        self.assertEqual(self.text("tls/certificate.pem"), chain.read_text())
        self.assertEqual(self.text("tls/certificate.before.pem"), self_made)
        # Nothing self-made ever takes its place; a new request is for the same key.
        self.setup("--tls", "self-made", "--names", "other.example")
        self.setup("--tls", "request", "--names", "other.example")
        self.assertEqual(self.text("tls/certificate.pem"), chain.read_text())
        before = self.everything()
        self.setup("--certificate", chain, "--names", "box.hospital.example", "--tls", "self-made")
        self.assertEqual({path for path in before if self.everything()[path] != before[path]}, {pathlib.Path(LOCAL, "setup.conf")})

    def test_a_key_of_the_hospitals_own(self):
        for kind in ("rsa:3072", "ec"):
            curve = ["-pkeyopt", "ec_paramgen_curve:P-384"] if kind == "ec" else []
            key, request = self.folder / "own.key", self.folder / "own.csr"
            openssl("req", "-newkey", kind, *curve, "-nodes", "-subj", "/CN=box", "-addext", "subjectAltName=DNS:*.hospital.example",
                    "-keyout", key, "-out", request)
            certificate = self.sign("own", request)
            said = self.setup("--certificate", certificate, "--key", key).stdout
            self.assertIn("note: the certificate is not for 192.0.2.7", said)
            self.assertEqual(self.text("tls/key.pem"), key.read_text())
            self.assertEqual(stat.S_IMODE((self.local / "tls/key.pem").stat().st_mode), 0o640)
        self.refused("--tls", "request", "--names", "x.example", because="P-256")

    def test_what_does_not_fit(self):
        before = self.everything()
        good = self.sign()
        other, request = self.folder / "other.key", self.folder / "other.csr"
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=box", "-keyout", other, "-out", request)
        locked = self.folder / "locked.key"
        openssl("pkey", "-in", other, "-aes256", "-passout", "pass:secret", "-out", locked)
        der = self.folder / "box.der"
        openssl("x509", "-in", good, "-outform", "DER", "-out", der)
        turned = self.folder / "turned.pem"
        turned.write_text(good.read_text() + self.text("tls/certificate.pem"))
        for arguments, because in (((good, "--key", other), "another key"), ((self.folder / "ca.pem",), "another key"),
                                   ((good, "--key", locked), "locked by a password"), ((der,), "-inform DER"),
                                   ((self.sign("nameless", names=False),), "no name at all"), ((other,), "not a certificate"),
                                   ((turned,), "out of order"), ((self.folder / "nowhere.pem",), "nowhere.pem"),
                                   ((good, "--names", "elsewhere.example"), "elsewhere.example")):
            self.refused("--certificate", *arguments, because=because)
        late = self.folder / "late.pem"
        (self.folder / "index").write_text("")
        subprocess.run(["openssl", "ca", "-batch", "-config", "/dev/stdin", "-in", self.request, "-out", late, "-notext", "-cert",
                        self.folder / "ca.pem", "-keyfile", self.folder / "ca.key", "-startdate", "20200101000000Z", "-enddate",
                        "20210101000000Z"], check=True, capture_output=True, text=True,
                       input=f"[ca]\ndefault_ca=c\n[c]\ndatabase={self.folder}/index\nrand_serial=yes\nnew_certs_dir={self.folder}\n"
                             "default_md=sha256\npolicy=p\ncopy_extensions=copy\n[p]\ncommonName=supplied\n")
        self.refused("--certificate", late, because="ended at 2021-01-01")
        self.assertEqual(self.everything(), before)

    def test_a_self_made_one_is_made_anew_in_time(self):
        key = self.text("tls/key.pem")
        openssl("req", "-x509", "-key", self.local / "tls/key.pem", "-days", 20, "-subj", "/CN=box.hospital.example", "-addext",
                "subjectAltName=DNS:box.hospital.example,IP:192.0.2.7", "-out", self.local / "tls/certificate.pem")
        self.assertEqual(self.setup("--renew").stdout.count("write "), 1)
        self.assertEqual(self.setup("--renew").stdout, "")
        ends = openssl("x509", "-in", self.local / "tls/certificate.pem", "-noout", "-checkend", 800 * 86400)
        self.assertIn("will not expire", ends)
        self.assertEqual(self.text("tls/key.pem"), key)


class Shares(Box):
    def unit(self, name, kind):
        return self.root / f"etc/systemd/system/var-lib-daybreak-shares-{name}.{kind}"

    def test_units_and_credentials(self):
        secret = self.folder / "smb"
        secret.write_text("username=daybreak\npassword=hush\n")
        said = self.setup("--share", f"inc-1 smb //192.0.2.20/Embryo Data credentials={secret}", "--share", "inc2 nfs 192.0.2.21:/export",
                          "--share", "old local /srv/old").stdout
        for package in ("cifs-utils", "nfs-common"):
            self.assertIn(f"apt install {package}", said)
        kept = self.local / "shares/inc-1.credentials"
        self.assertEqual((kept.read_text(), stat.S_IMODE(kept.stat().st_mode)), (secret.read_text(), 0o600))
        secret.write_bytes(b"username=daybreak\r\npassword=hush\r\n")
        self.setup("--answers", self.answers("\ufeffshare = inc-1 smb //192.0.2.20/Embryo Data credentials=smb\r\n"))
        self.assertEqual(kept.read_text(), "username=daybreak\npassword=hush\n")
        secret.unlink()
        self.assertNotIn("hush", "".join(path.read_text() for path in self.root.glob("etc/systemd/system/*")) + self.text("setup.conf") + said)
        mount = self.unit(r"inc\x2d1", "mount").read_text()
        self.assertIn("What=//192.0.2.20/Embryo Data\nWhere=/var/lib/daybreak/shares/inc-1\nType=cifs\nOptions=ro,nosuid,nodev,noexec,", mount)
        self.assertIn(f"credentials=/{LOCAL}/shares/inc-1.credentials", mount)
        self.assertEqual(re.findall(r"^watch = (.*)$", self.text("daybreakd.conf"), re.M),
                         ["/var/lib/daybreak/exports", *(f"/var/lib/daybreak/shares/{name}" for name in ("inc-1", "inc2", "old"))])
        if shutil.which("systemd-analyze"):
            for path in self.root.glob("etc/systemd/system/*"):
                said = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True)
                self.assertNotIn(path.name, said.stderr)
        # The credentials that are there are kept; a share is taken away by its name.
        self.setup("--share", "old none", "--share", "inc-1 smb //192.0.2.20/Other")
        self.assertFalse(self.unit("old", "mount").exists() or self.unit("old", "automount").exists())
        self.assertIn("What=//192.0.2.20/Other\n", self.unit(r"inc\x2d1", "mount").read_text())
        self.assertIn("credentials=", self.unit(r"inc\x2d1", "mount").read_text())
        self.refused("--share", "inc-1 smb //192.0.2.20/Other credentials=/nowhere", because="/nowhere")


class Appliance(Box):
    def test_the_first_start_and_later_ones(self):
        said = self.setup("--first-boot").stdout
        shown = self.root / "run/daybreak-setup/first-sign-in"
        text = shown.read_text()
        self.assertRegex(text, r"^name: admin\npassword: [a-zA-Z2-9-]{23}\n$")
        self.assertEqual(stat.S_IMODE(shown.stat().st_mode), 0o600)
        self.assertNotIn(text.split()[-1], said)
        self.assertEqual(self.setup("--first-sign-in").stdout, text)
        # The next start: /run is empty, nothing else is made anew, and the store is not opened.
        shown.unlink()
        before = self.everything()
        (self.root / "var/lib/daybreak/store").rename(self.folder / "away")
        self.setup("--first-boot")
        (self.folder / "away").rename(self.root / "var/lib/daybreak/store")
        self.assertEqual(shown.read_text(), text)
        shown.unlink()
        self.assertEqual(self.everything(), before)
        # Once the password is another, nobody is shown the first one.
        with sqlite3.connect(self.root / "var/lib/daybreak/store/daybreak.db") as database:
            database.execute("UPDATE users SET password = '$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'")
        self.assertEqual(self.setup("--first-sign-in").stdout, "")
        self.assertFalse(shown.exists() or (self.local / "first-sign-in").exists())
        self.setup("--first-boot")
        self.assertFalse(shown.exists())

    def test_answers_on_a_stick(self):
        (self.folder / "password").write_text(PASSWORD)
        answers = self.answers("clinic = Clinic on the Hill\nadmin = petra\npassword_file = password\n")
        self.setup("--first-boot", "--answers", answers)
        self.assertEqual(self.admins(), [("petra", "admin")])
        self.assertFalse((self.root / "run/daybreak-setup/first-sign-in").exists())
        # Later they change what was answered, without a look into the store.
        (self.root / "var/lib/daybreak/store/box.key").unlink()
        self.setup("--first-boot", "--answers", self.answers("decision_hour = 06:30\n"))
        self.assertIn("decision_hour = 06:30\n", self.text("setup.conf"))
        self.assertIn("clinic = Clinic on the Hill\n", self.text("setup.conf"))

    def test_a_clock_of_a_read_only_system(self):
        (self.root / "etc").mkdir()
        (self.root / "etc/localtime").symlink_to(f"/{LOCAL}/localtime")
        self.setup("--first-boot", "--time-zone", "Europe/Paris")
        self.assertEqual(os.readlink(self.root / "etc/localtime"), f"/{LOCAL}/localtime")
        self.assertEqual(os.readlink(self.local / "localtime"), "/usr/share/zoneinfo/Europe/Paris")


if __name__ == "__main__":
    unittest.main(verbosity=1)
