#!/usr/bin/env python3
"""What is said of what is shipped: lists, licences, known weaknesses; and releases that are signed. The lists are held against
CycloneDX's own schema and against the packages that packaging/build-deb made (DAYBREAK_DEBS)."""
import hashlib
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile

import jsonschema

from functions import CLOUD_TESTS, npm_packages
from programs import ROOT, program, run

SUPPLY = ROOT / "packaging/supply"
sys.path.insert(0, str(SUPPLY))
sys.dont_write_bytecode = True
import inventory  # noqa: E402
import versions   # noqa: E402

DEBS = pathlib.Path(os.environ.get("DAYBREAK_DEBS", ROOT / "build/debs"))
HAVE_DEBS = any(DEBS.glob("*.deb"))


def script(name, *arguments, **environment):
    return subprocess.run([SUPPLY / name, *map(str, arguments)], capture_output=True, text=True,
                          env={**os.environ, **environment})


def made(name, *arguments, **environment):
    done = script(name, *arguments, **environment)
    if done.returncode != 0:
        raise AssertionError(f"{name} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def schema():
    """CycloneDX 1.5, as its makers publish it."""
    npm_packages()
    folder = CLOUD_TESTS / "node_modules/@cyclonedx/cyclonedx-library/res/schema"
    main, *others = [json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text())
                     for name in ("bom-1.5", "spdx", "jsf-0.82")]
    for definition in main["definitions"].values():
        for choice in definition.get("oneOf", []):
            # maxItems says the same, and Debian's validator stumbles over this.
            choice.pop("additionalItems", None)
    store = {each["$id"]: each for each in others}
    store.update({f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json": each
                  for name, each in zip(("spdx", "jsf-0.82"), others)})
    return jsonschema.Draft7Validator(main, resolver=jsonschema.RefResolver(main["$id"], main, store=store))


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def put(self, path, content):
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path


class Lists(Case):
    @classmethod
    def setUpClass(cls):
        cls.schema = schema()

    def hold(self, path):
        """Valid, nothing twice, every reference leads somewhere, a licence for everything. Gives components by name."""
        content = json.loads(path.read_text())
        self.assertEqual([error.message[:200] for error in self.schema.iter_errors(content)], [])
        components = content["components"]
        references = [each["bom-ref"] for each in components] + [content["metadata"]["component"]["bom-ref"]]
        self.assertEqual(len(references), len(set(references)))
        for each in content["dependencies"]:
            self.assertLessEqual({each["ref"], *each["dependsOn"]}, set(references))
        for each in components:
            self.assertTrue(each["licenses"], each["name"])
            self.assertRegex(each["purl"], r"^pkg:(deb|npm|generic)/[\w.%@/+~?=&-]+$")
        return {each["name"] + ("-model" if each["type"] == "machine-learning-model" else ""): each for each in components}

    @unittest.skipUnless(HAVE_DEBS, "no packages here: packaging/build-deb build/debs")
    def test_packages(self):
        held = self.hold(DEBS / "daybreak.cdx.json")
        for path in DEBS.glob("*.deb"):
            name, version, _ = path.stem.split("_")
            if name.endswith("-dbgsym"):
                continue
            self.assertEqual(held[name]["version"], version)
            self.assertEqual(held[name]["hashes"][0]["content"], hashlib.sha256(path.read_bytes()).hexdigest())
            depends = subprocess.run(["dpkg-deb", "--field", path, "Depends"], check=True, capture_output=True,
                                     text=True).stdout
            for library in re.findall(r"\blib[\w.+-]+", depends):
                self.assertIn(library, held)
        # What is built in, and nothing else, has its licence in THIRD-PARTY.
        built_in = {name for name, each in held.items() if "built in" in json.dumps(each["properties"])}
        self.assertEqual(built_in, set(inventory.BUILT_IN_PROGRAMS))
        self.assertEqual(held["daybreak-model"]["version"], "2.0")
        self.assertEqual(held["preact"]["licenses"], [{"license": {"id": "MIT"}}])
        self.assertEqual(len(held["uplot"]["hashes"][0]["content"]), 128)

    @unittest.skipUnless(HAVE_DEBS, "no packages here: packaging/build-deb build/debs")
    def test_same_bytes(self):
        for name in ("one", "two"):
            made("sbom", self.folder / name, "--packages", DEBS, TZ="Asia/Tokyo" if name == "two" else "UTC")
        self.assertEqual((self.folder / "one").read_bytes(), (self.folder / "two").read_bytes())
        later = self.folder / "later"
        made("sbom", later, "--packages", DEBS, SOURCE_DATE_EPOCH="1800000000")
        self.assertEqual(json.loads(later.read_text())["metadata"]["timestamp"], "2027-01-15T08:00:00Z")

    def root(self):
        """A root of three packages, one of which is removed, and one ours."""
        self.put("root/etc/os-release", 'VERSION_ID="12"\n')
        self.put("root/var/lib/dpkg/status", "\n".join([
            "Package: base\nStatus: install ok installed\nVersion: 1:2.0+b1\nArchitecture: amd64\nMaintainer: A <a@b>\n"
            "Provides: basis (= 2)\nDescription: x\n more of it\n",
            "Package: user\nStatus: install ok installed\nVersion: 3-1\nSource: using (3-0)\nArchitecture: all\n"
            "Maintainer: A <a@b>\nPre-Depends: none | basis\nDepends: base:any (>= 1), gone\n",
            "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: all\nMaintainer: A <a@b>\n",
            "Package: daybreak\nStatus: install ok installed\nVersion: 0.9.0\nSource: daybreak\nArchitecture: amd64\n"
            "Maintainer: D <d@d>\nDepends: user\n"]))
        self.put("root/usr/share/doc/base/copyright", "Format: https://x\n\nFiles: *\nLicense: Expat or GPL-2+\n Text.\n\n"
                 "Files: a\nLicense: LGPL-2.1\n\nFiles: b\nLicense: house rule\n")
        self.put("root/usr/share/doc/user/copyright", "It is in /usr/share/common-licenses/GPL-3.\n")
        return self.folder / "root"

    def test_root(self):
        root = self.root()
        lists = self.put("lists/a_Packages", "Package: base\nVersion: 1\nArchitecture: amd64\nSHA256: " + "0" * 64 + "\n\n"
                         "Package: base\nVersion: 1:2.0+b1\nArchitecture: amd64\nSHA256: " + "1" * 64 + "\n")
        path = self.folder / "list.json"
        made("sbom", path, "--root", root, "--archives", lists.parent)
        held = self.hold(path)
        self.assertEqual(set(held), {"base", "user", "daybreak"})
        self.assertEqual(held["base"]["purl"], "pkg:deb/debian/base@1%3A2.0%2Bb1?arch=amd64&distro=debian-12")
        self.assertEqual(held["base"]["hashes"], [{"alg": "SHA-256", "content": "1" * 64}])
        self.assertEqual([next(iter(each["license"].values())) for each in held["base"]["licenses"]],
                         ["GPL-2.0-or-later", "house rule", "LGPL-2.1-only", "MIT"])
        self.assertEqual(held["user"]["licenses"], [{"license": {"name": "GPL-3"}}])
        self.assertIn({"name": "debian:source-version", "value": "3-0"}, held["user"]["properties"])
        self.assertTrue(held["daybreak"]["purl"].startswith("pkg:deb/daybreak/daybreak@0.9.0"))
        content = json.loads(path.read_text())
        self.assertEqual(content["metadata"]["component"]["version"], "0.9.0")
        needs = {each["ref"]: each["dependsOn"] for each in content["dependencies"]}
        self.assertEqual(needs[held["user"]["bom-ref"]], [held["base"]["bom-ref"]])


class Licences(Case):
    def test_pages_use_only_what_is_named(self):
        used = set()
        for path in (ROOT / "web/src").rglob("*.ts*"):
            used.update(re.findall(r"""(?:from|import)\s*\(?["']((?:@[\w-]+/)?[\w-]+)[\w/.-]*["']""", path.read_text()))
        self.assertGreater(len(used), 2)
        self.assertLessEqual(used, {module.name for module in inventory.modules()})

    @unittest.skipUnless((ROOT / "web/node_modules/preact").exists(), "no modules here: packaging/build-web")
    def test_text(self):
        path = self.folder / "THIRD-PARTY"
        made("licences", path)
        text = path.read_text()
        for module in inventory.modules():
            self.assertIn(f"{module.name} {module.version}", text)
            self.assertIn(module.text(), text)
        self.assertIn("Tim Kientzle", text)
        self.assertIn("timelapse-marks: MIT", text)
        if HAVE_DEBS:
            (deb,) = DEBS.glob("daybreak-doc_*.deb")
            subprocess.run(["dpkg-deb", "--extract", deb, self.folder / "doc"], check=True)
            (packed,) = (self.folder / "doc").rglob("THIRD-PARTY*")
            self.assertEqual(subprocess.run(["zcat", "-f", packed], check=True, capture_output=True, text=True).stdout, text)


class Versions(unittest.TestCase):
    def test_debian(self):
        some = ["1.0", "1.0~rc1", "1.0-1", "1.0-1+deb12u1", "1.0-1~deb12u1", "1:0.9", "1.0a", "1.0+b", "1.00", "1.0-1-2",
                "2.36-9+deb12u14", "2.36-9+deb12u9", "0~2017", "0", "1.0-0", "1.0~~", "1.0~"]
        for first, second in itertools.combinations(some, 2):
            is_less = subprocess.run(["dpkg", "--compare-versions", first, "lt", second]).returncode == 0
            is_more = subprocess.run(["dpkg", "--compare-versions", first, "gt", second]).returncode == 0
            keys = versions.debian(first), versions.debian(second)
            self.assertEqual((keys[0] < keys[1], keys[0] > keys[1]), (is_less, is_more), (first, second))

    def test_npm(self):
        order = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0",
                 "1.2.0", "1.10.0", "2.0.0"]  # semver.org, section 11
        self.assertEqual(sorted(order, key=versions.npm), order)
        self.assertEqual(versions.npm("1.0.0+build"), versions.npm("1.0.0"))


class Weaknesses(Case):
    def setUp(self):
        super().setUp()
        self.list = self.put("list.json", {"components": [
            self.package("libssl3", "openssl", "3.0.11-1"), self.package("openssl", "openssl", "3.0.11-1"),
            {"name": "preact", "version": "10.5.0", "purl": "pkg:npm/preact@10.5.0"},
            {"name": "daybreak", "version": "1", "purl": "pkg:deb/daybreak/daybreak@1"}]})
        self.accepted = self.put("accepted", "# nothing\n")

    @staticmethod
    def package(name, source, version):
        return {"name": name, "version": version, "purl": f"pkg:deb/debian/{name}@{version}?arch=amd64&distro=debian-12",
                "properties": [{"name": "debian:source", "value": source},
                               {"name": "debian:source-version", "value": version}]}

    def look(self, debian=(), osv=(), *more):
        """(exit status, findings as (identifier, state), what is printed)."""
        tracker = self.put("tracker.json", {
            "openssl": {name: {"releases": {"bookworm": release}} for name, release in debian}})
        with zipfile.ZipFile(self.folder / "osv.zip", "w") as archive:
            for record in osv:
                archive.writestr(f"{record['id']}.json", json.dumps(record))
        found = self.folder / "found.json"
        found.unlink(missing_ok=True)
        done = script("vulnerabilities", self.list, "--debian", tracker, "--osv", self.folder / "osv.zip", "--accepted",
                      self.accepted, "--json", found, "--today", "2027-01-01", *more)
        findings = json.loads(found.read_text()) if found.exists() else []
        return done.returncode, [(each["identifier"], each["state"]) for each in findings], done.stdout + done.stderr

    def test_debian(self):
        status, found, said = self.look([
            ("CVE-1", {"status": "resolved", "fixed_version": "3.0.11-1", "urgency": "high"}),
            ("CVE-2", {"status": "resolved", "fixed_version": "3.0.11-1+deb12u1", "urgency": "high"}),
            ("CVE-3", {"status": "resolved", "fixed_version": "0", "urgency": "high"}),
            ("CVE-4", {"status": "open", "urgency": "not yet assigned"}),
            ("CVE-5", {"status": "open", "urgency": "unimportant"})])
        self.assertEqual((status, found), (1, [("CVE-2", "a fix is there"), ("CVE-4", "no fix yet")]))
        self.assertIn("openssl 3.0.11-1, fixed in 3.0.11-1+deb12u1 (high): libssl3, openssl", said)

    def test_nothing_to_do(self):
        waits = [("CVE-4", {"status": "open", "urgency": "low"})]
        self.assertEqual(self.look()[:2], (0, []))
        self.assertEqual(self.look(waits)[:2], (0, [("CVE-4", "no fix yet")]))
        self.assertEqual(self.look(waits, (), "--strict")[0], 1)

    def test_accepted(self):
        due = [("CVE-2", {"status": "resolved", "fixed_version": "9", "urgency": "high"})]
        self.put("accepted", "CVE-2 openssl 2027-01-01 it is not called\n")
        status, found, said = self.look(due)
        self.assertEqual((status, found), (0, [("CVE-2", "looked at and accepted")]))
        self.assertIn("until 2027-01-01: it is not called", said)
        self.put("accepted", "CVE-2 openssl 2026-12-31 it is not called\n")
        self.assertEqual(self.look(due)[0], 1)
        self.put("accepted", "CVE-2 curl 2027-12-31 another package\n")
        self.assertEqual(self.look(due)[0], 1)
        self.put("accepted", "CVE-2 openssl 2027-12-31\n")
        self.assertEqual(self.look(due)[0], 3)

    def test_npm(self):
        def record(name, *events, package="preact", **more):
            return {"id": name, "summary": "words", **more, "affected": [
                {"package": {"ecosystem": "npm", "name": package}, "ranges": [{"type": "SEMVER", "events": list(events)}]}]}
        status, found, said = self.look((), [
            record("G-fixed-later", {"introduced": "0"}, {"fixed": "10.5.1"}),
            record("G-fixed-here", {"introduced": "0"}, {"fixed": "10.5.0"}),
            record("G-came-later", {"introduced": "10.6.0"}),
            record("G-back-again", {"introduced": "0"}, {"fixed": "9.0.0"}, {"introduced": "10.0.0"}, {"fixed": "10.6.0"}),
            record("G-last", {"introduced": "0"}, {"last_affected": "10.4.0"}),
            record("G-open", {"introduced": "10.5.0"}),
            record("G-other", {"introduced": "0"}, package="react"),
            record("G-withdrawn", {"introduced": "0"}, withdrawn="2026-01-01T00:00:00Z")])
        self.assertEqual(status, 1, said)
        self.assertEqual(dict(found), {"G-fixed-later": "a fix is there", "G-back-again": "a fix is there",
                                       "G-open": "no fix yet"})

    def test_nothing_can_be_said(self):
        self.assertEqual(script("vulnerabilities", self.list).returncode, 3)
        broken = self.put("broken.json", "{")
        done = script("vulnerabilities", self.list, "--debian", broken, "--osv", self.folder)
        self.assertEqual(done.returncode, 3)
        self.assertIn("nothing can be said", done.stderr)
        self.list = self.put("list.json", {"components": [
            {"name": "x", "version": "1", "purl": "pkg:deb/debian/x@1?distro=debian-9", "properties": []}]})
        self.assertEqual(self.look()[0], 3)


class Releases(Case):
    def setUp(self):
        super().setUp()
        self.key = self.folder / "release.pem"
        run("daybreak", "model", "key", "--out", self.key)
        debs = self.folder / "debs"
        debs.mkdir()
        for name in ("daybreak_1_amd64.deb", "daybreak_1_amd64.changes", "daybreak.cdx.json"):
            (debs / name).write_text(f"{name}\n")
        image = self.folder / "image"
        image.mkdir()
        for name in ("update.raucb", "sbom.cdx.json", "packages.txt", "disk.img"):
            (image / name).write_text(f"{name}\n")
        with (image / "disk.img").open("ab") as disk:
            disk.truncate(64 << 20)
        self.out = self.folder / "out"

    def release(self):
        made("release", self.out, "--key", self.key, "--debs", self.folder / "debs", "--image", self.folder / "image",
             "--build", pathlib.Path(program("daybreak-release")).parents[1])

    def verify(self, key="release.public.pem"):
        done = run("daybreak-release", "verify", self.out, "--key", self.folder / key, check=False)
        return done.returncode, done.stdout + done.stderr

    @unittest.skipUnless((ROOT / "web/node_modules/preact").exists(), "no modules here: packaging/build-web")
    def test_release(self):
        self.release()
        self.assertEqual(self.verify()[0], 0)
        facts = json.loads((self.out / "release.json").read_text())
        kinds = {each["name"]: each["kind"] for each in facts["files"]}
        self.assertEqual(kinds["packages/daybreak_1_amd64.deb"], "package")
        self.assertEqual(kinds["image/update.raucb"], "update bundle")
        self.assertLess((self.out / "image/disk.img.zst").stat().st_size, 1 << 20)
        self.assertFalse(list(self.out.rglob("release*.pem")))
        # With nothing of ours, as README.md tells an administrator.
        for command in re.findall(r"^    ((?:openssl|sha256sum) .*)$", (SUPPLY / "README.md").read_text(), re.M):
            command = command.replace("release.public.pem", str(self.folder / "release.public.pem"))
            subprocess.run(command.split(), cwd=self.out, check=True, stdout=subprocess.DEVNULL)
        with (self.out / "image/update.raucb").open("ab") as bundle:
            bundle.write(b" ")
        status, said = self.verify()
        self.assertEqual(status, 1)
        self.assertIn("image/update.raucb is not the file that was signed", said)
        # A release is made in a new folder.
        done = script("release", self.out, "--key", self.key)
        self.assertEqual(done.returncode, 2)

    def test_another_key(self):
        self.out.mkdir()
        (self.out / "file").write_text("x")
        run("daybreak-release", "sign", self.out, "--key", self.key)
        self.assertEqual(self.verify()[0], 0)
        run("daybreak", "model", "key", "--out", self.folder / "other.pem")
        status, said = self.verify("other.public.pem")
        self.assertEqual(status, 1)
        self.assertIn("not signed by this key", said)
        self.assertEqual(run("daybreak-release", "sign", self.out, check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
