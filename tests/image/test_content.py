#!/usr/bin/env python3
"""What the released image holds and does not hold, and that its parts are whole. Nothing is started. Needs root: it reads
a tree of other users' files."""
import json
import os
import pathlib
import re
import stat
import subprocess
import tempfile
import unittest

import image
from image import FIRMWARE, RELEASE, tool

TREE = RELEASE / "tree"
PRIVATE_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{32}")
# What the tests put into their own images (overlay/); a release has nothing of the sort.
TEST_WORDS = re.compile(rb"daybreak-test|mitigations=off")
# Nobody signs in at the box, so nobody may become somebody else.
SET_ID = set()
# What the password field of an account without a password begins with.
LOCKED = ("*", "!")


def files():
    for folder, _, names in os.walk(TREE):
        for name in names:
            path = pathlib.Path(folder, name)
            yield path, path.lstat()


class Content(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = list(files())

    def names(self, wanted):
        return sorted(str(path.relative_to(TREE)) for path, status in self.files if wanted(path, status))

    def test_no_key_and_no_test_shell(self):
        keys, shells = [], []
        for path, status in self.files:
            if not stat.S_ISREG(status.st_mode):
                continue
            content = path.read_bytes()
            # Libraries hold published keys, which they test themselves with.
            if not content.startswith(b"\x7fELF") and PRIVATE_KEY.search(content):
                keys.append(str(path))
            # Programs and modules may hold anything; what systemd and GRUB read is text.
            if status.st_size < 100_000 and TEST_WORDS.search(content) or TEST_WORDS.search(str(path).encode()):
                shells.append(str(path))
        self.assertEqual(keys, [], "a private key is shipped")
        self.assertEqual(shells, [], "a part of the tests is shipped")

    def test_nothing_listens_for_a_person(self):
        doors = self.names(lambda path, _: path.name in ("sshd", "telnetd", "dropbear", "in.telnetd", "agetty.socket"))
        self.assertEqual(doors, [])
        for unit in ("getty@.service", "serial-getty@.service", "console-getty.service", "debug-shell.service",
                     "rescue.service"):
            self.assertEqual(os.readlink(TREE / "etc/systemd/system" / unit), "/dev/null", unit)
        for line in (TREE / "etc/shadow").read_text().splitlines():
            name, password = line.split(":")[:2]
            self.assertTrue(password.startswith(LOCKED), f"{name} has a password")

    def test_nobody_becomes_somebody_else(self):
        self.assertEqual(set(self.names(lambda _, status: stat.S_ISREG(status.st_mode)
                                        and status.st_mode & (stat.S_ISUID | stat.S_ISGID))), SET_ID)
        capable = subprocess.run(["getcap", "-r", TREE], capture_output=True, text=True, check=True).stdout
        self.assertEqual(capable, "")

    def test_everything_has_its_owner(self):
        users = {int(line.split(":")[2]) for line in (TREE / "etc/passwd").read_text().splitlines()}
        groups = {int(line.split(":")[2]) for line in (TREE / "etc/group").read_text().splitlines()}
        self.assertEqual(self.names(lambda _, status: status.st_uid not in users or status.st_gid not in groups), [])
        self.assertEqual(self.names(lambda _, status: stat.S_ISREG(status.st_mode)
                                    and status.st_mode & stat.S_IWOTH), [])

    def test_no_identity_is_shipped(self):
        self.assertEqual((TREE / "etc/machine-id").read_bytes(), b"")
        for folder in ("etc/daybreak/local", "data", "var/lib/daybreak", "var/lib/daybreak-sync", "var/log/journal"):
            self.assertEqual([str(path) for path in (TREE / folder).rglob("*") if path.is_file()], [])

    def test_its_version_is_the_packages(self):
        package = tool("dpkg-query", f"--root={TREE}", "-W", "-f", "${Version}", "daybreak")
        self.assertEqual(image.version_of(TREE), package)

    def test_every_package_is_in_the_bill_of_materials(self):
        bill = json.loads((TREE / "usr/share/daybreak/sbom.cdx.json").read_text())
        named = {(each["name"], each["version"]) for each in bill["components"]}
        for line in (RELEASE / "packages.txt").read_text().splitlines():
            name, version = line.split()[:2]
            self.assertIn((name, version), named)

    def test_units_are_understood(self):
        ours = sorted(path.name for path in (FIRMWARE / "overlay/etc/systemd/system").glob("daybreak-*.service"))
        ours = [name.replace("@.", "@x.") for name in ours]
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", f"--root={TREE}", *ours], capture_output=True, text=True)
        complaints = [line for line in done.stderr.splitlines() if "daybreak" in line]
        self.assertEqual(complaints, [])


class Parts(unittest.TestCase):
    def root_hash(self):
        settings = tool("unsquashfs", "-cat", RELEASE / "boot.img", "slot.cfg")
        return dict(re.findall(r"set (\w+)=\"?([^\"\n]*)", settings))

    def test_the_root_is_what_the_boot_image_names(self):
        settings = self.root_hash()
        self.assertEqual(settings["daybreak_arguments"], "")
        words = ["veritysetup", "verify", f"--hash-offset={settings['daybreak_hashoffset']}"]
        root = RELEASE / "root.img"
        tool(*words, root, root, settings["daybreak_roothash"])
        with tempfile.TemporaryDirectory(dir=RELEASE) as folder:
            other = image.flipped(root, pathlib.Path(folder) / "root.img", 0.5)
            with self.assertRaises(AssertionError):
                tool(*words, other, other, settings["daybreak_roothash"])

    def test_the_bundle_holds_these_images_and_is_signed(self):
        info = tool(FIRMWARE / "bundle-info", RELEASE / "update.raucb", RELEASE / "keys/ca.pem")
        self.assertIn(image.version_of(TREE), info)
        with tempfile.TemporaryDirectory() as folder:
            foreign = image.foreign_keys(pathlib.Path(folder))
            with self.assertRaisesRegex(AssertionError, "verif|signature"):
                tool(FIRMWARE / "bundle-info", RELEASE / "update.raucb", foreign / "ca.pem")
            tool("unsquashfs", "-q", "-n", "-d", f"{folder}/bundle", RELEASE / "update.raucb")
            for name in ("root.img", "boot.img"):
                tool("cmp", RELEASE / name, f"{folder}/bundle/{name}")

    def test_the_disk_holds_slot_a_alone(self):
        disk = RELEASE / "disk.img"
        parts = {each["name"]: each for each in json.loads(tool("sfdisk", "-J", disk))["partitiontable"]["partitions"]}
        self.assertEqual(list(parts), ["daybreak-esp", "daybreak-env", "daybreak-boot-a", "daybreak-root-a",
                                       "daybreak-boot-b", "daybreak-root-b"])
        # systemd-repart finds partitions by type: one that two roles share could cost the data.
        kinds = {part["type"] for part in parts.values()}
        self.assertEqual(len(kinds), 4)
        with disk.open("rb") as file:
            for name in ("boot", "root"):
                content = (RELEASE / f"{name}.img").read_bytes()
                file.seek(parts[f"daybreak-{name}-a"]["start"] * 512)
                self.assertEqual(file.read(len(content)), content)
                file.seek(parts[f"daybreak-{name}-b"]["start"] * 512)
                self.assertEqual(file.read(1 << 20), bytes(1 << 20))

    def test_grub_understands_its_script(self):
        for script in (FIRMWARE / "grub").glob("*.cfg"):
            tool("grub-script-check", script)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("tests/image/test_content.py needs root and was skipped")
        raise SystemExit(77)
    unittest.main()
