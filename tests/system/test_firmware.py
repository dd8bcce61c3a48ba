#!/usr/bin/env python3
"""What can be said of the appliance's image without building it: its parts agree with each other, and a stick's network.conf
becomes settings or a sentence, never a line of its own. The image itself: tests/image."""
import configparser
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

FIRMWARE = pathlib.Path(__file__).resolve().parents[2] / "firmware"
OVERLAY = FIRMWARE / "overlay"
NETWORK = OVERLAY / "usr/lib/daybreak/network"


def layout():
    """The variables of firmware/layout, and its partitions as (number, label, MiB, type, id)."""
    printed = subprocess.run(["sh", "-c", f". '{FIRMWARE}/layout'; echo \"$compatible\"; echo \"$type_data\"; echo \"$partitions\""],
                             capture_output=True, text=True, check=True).stdout.splitlines()
    return printed[0], printed[1], [line.split() for line in printed[2:] if line]


class Agreement(unittest.TestCase):
    def test_every_partition_has_its_own_name_and_number(self):
        _, data, partitions = layout()
        labels = [each[1] for each in partitions]
        identities = [each[4] for each in partitions]
        self.assertEqual(labels, ["daybreak-esp", "daybreak-env", "daybreak-boot-a", "daybreak-root-a", "daybreak-boot-b",
                                  "daybreak-root-b"])
        self.assertEqual(len(set(identities)), len(identities))
        # systemd-repart looks for the data partition by its type: no slot may have it.
        self.assertNotIn(data, [each[3] for each in partitions])
        for way in ("tpm", "key"):
            text = (OVERLAY / f"usr/lib/daybreak/repart-{way}/data.conf").read_text()
            self.assertIn(f"Type={data}\n", text)

    def test_rauc_writes_the_slots_of_the_layout(self):
        compatible, _, partitions = layout()
        rauc = configparser.ConfigParser()
        rauc.read(OVERLAY / "etc/rauc/system.conf")
        self.assertEqual(rauc["system"]["compatible"], compatible)
        devices = {rauc[name]["device"] for name in rauc.sections() if name.startswith("slot.")}
        slots = {f"/dev/disk/by-partlabel/{each[1]}" for each in partitions if re.search("-[ab]$", each[1])}
        self.assertEqual(devices, slots)

    def test_grub_starts_what_the_layout_says(self):
        text = (FIRMWARE / "grub/grub.cfg").read_text()
        numbers = {each[1]: each[0] for each in layout()[2]}
        self.assertIn(f"gpt{numbers['daybreak-env']})/grubenv", text)
        for slot in "ab":
            self.assertRegex(text, f"set boot={numbers[f'daybreak-boot-{slot}']}\n\tset part=daybreak-root-{slot}\n")

    @unittest.skipUnless(shutil.which("grub-script-check"), "grub-script-check is not installed")
    def test_grub_understands_its_script(self):
        for script in (FIRMWARE / "grub").glob("*.cfg"):
            subprocess.run(["grub-script-check", script], check=True)

    def test_the_shell_understands_every_script(self):
        scripts = [path for path in [*FIRMWARE.iterdir(), *(OVERLAY / "usr/lib/daybreak").iterdir(), FIRMWARE / "rauc/hook"]
                   if path.is_file() and path.read_bytes().startswith(b"#!/bin/sh")]
        self.assertGreater(len(scripts), 12)
        for script in scripts:
            self.assertTrue(script.stat().st_mode & 0o100, f"{script} cannot be run")
            subprocess.run(["sh", "-n", script], check=True)


class Network(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file, self.out = pathlib.Path(folder.name, "network.conf"), pathlib.Path(folder.name, "out/10.network")

    def taken(self, text):
        self.file.write_bytes(text.encode())
        subprocess.run([NETWORK, self.file, self.out], check=True, capture_output=True)
        return self.out.read_text()

    def refused(self, text):
        self.file.write_bytes(text.encode())
        done = subprocess.run([NETWORK, "--check", self.file], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, text)
        self.assertEqual(subprocess.run([NETWORK, self.file, self.out], capture_output=True).returncode, 1)
        self.assertFalse(self.out.exists())
        return done.stdout

    def test_an_address_of_its_own(self):
        written = self.taken("# from the laboratory's IT\r\naddress = 10.1.2.3/24\r\ngateway=10.1.2.1\r\n\r\n"
                             "dns = 10.1.2.5\r\ndns = fd00::5 # the second\r\nntp = time.lab.example")
        self.assertTrue(written.startswith("[Match]\nName=en* eth*\n"))
        for line in ("DHCP=no", "Address=10.1.2.3/24", "Gateway=10.1.2.1", "DNS=10.1.2.5", "DNS=fd00::5", "NTP=time.lab.example"):
            self.assertIn(f"\n{line}\n", written)
        self.assertNotIn("DHCP=yes", written)

    def test_servers_beside_dhcp(self):
        written = self.taken("ntp = 10.1.2.6\n")
        self.assertIn("\nDHCP=yes\n", written)
        self.assertIn("\nNTP=10.1.2.6\n", written)

    def test_what_is_not_understood_is_a_sentence(self):
        self.assertIn("length of its network", self.refused("address = 10.1.2.3\n"))
        self.assertIn("not understood", self.refused("address = 10.1.2.3/24\nhostname = box\n"))
        self.assertIn("not understood", self.refused("dns =\n"))
        self.assertIn("not understood", self.refused("just words\n"))
        self.assertIn("too large", self.refused("#" * 5000))

    def test_nothing_becomes_a_section(self):
        for value in ("1.2.3.4]", "1.2.3.4 [Link]", "$(reboot)", "`reboot`", "1.2.3.4;x", "\x1b[2J", "a\\nb"):
            self.refused(f"dns = {value}\n")


if __name__ == "__main__":
    unittest.main()
