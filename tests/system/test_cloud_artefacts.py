#!/usr/bin/env python3
"""What is deployed to clouds, as packaging/cloud/artefacts makes it: the same bytes each time, everything needed inside and
named in its list, and the same answers on both architectures. 64-bit ARM runs in QEMU's user mode. What has no tool here
is skipped with a line."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import zipfile

from functions import Batch, Function, Image, make_key
from programs import BUILD, ROOT

CLOUD = ROOT / "packaging/cloud"
# Kept from one run to the next: Debian's libraries for the other architecture and what was built with them.
OUT = BUILD / "cloud"
VERSION = subprocess.run([ROOT / "packaging/supply/facts", "version"], check=True, capture_output=True,
                         text=True).stdout.strip()
EMULATOR = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
MISSING = [tool for tool in ("mmdebstrap", "aarch64-linux-gnu-gcc") if not shutil.which(tool)]
ELF_MACHINES = {"amd64": 62, "arm64": 183}
# Far below AWS's limits of 50 and 250 MB: what is loaded is paid for with every cold start.
ZIP_MAX, UNPACKED_MAX = 12_000_000, 26_000_000


def make(script, *arguments):
    subprocess.run([CLOUD / script, *arguments], check=True, stdout=subprocess.DEVNULL)


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


class Artefacts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if MISSING:
            print(f"64-bit ARM is not built: no {', '.join(MISSING)} here")
            cls.architectures = ["amd64"]
            make("package", OUT / "amd64", BUILD)
            make("image", OUT / "image", OUT / "amd64/function")
        else:
            cls.architectures = ["amd64", "arm64"]
            make("artefacts", OUT, BUILD)
        cls.owner = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.owner.name)
        cls.key = make_key(cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.owner.cleanup()

    def test_zip(self):
        for architecture in self.architectures:
            with zipfile.ZipFile(OUT / architecture / "function.zip") as content:
                entries = {entry.filename: entry for entry in content.infolist()}
                programs = {name: content.read(name) for name in entries if name.startswith(("bin/", "lib/"))}
                self.assertEqual(entries["bootstrap"].external_attr >> 16 & 0o777, 0o755)
                self.assertIn(b"BEGIN CERTIFICATE", content.read("share/daybreak/ca-certificates.crt"))
            for name, program in programs.items():
                self.assertEqual(int.from_bytes(program[18:20], "little"), ELF_MACHINES[architecture], name)
            size = (OUT / architecture / "function.zip").stat().st_size
            unpacked = sum(entry.file_size for entry in entries.values())
            print(f"{architecture}: function.zip {size} bytes, unpacked {unpacked}, {len(programs)} programs and libraries")
            self.assertLess(size, ZIP_MAX)
            self.assertLess(unpacked, UNPACKED_MAX)

    def test_list_and_licences(self):
        for architecture in self.architectures:
            function = OUT / architecture / "function"
            components = json.loads((OUT / architecture / "function.cdx.json").read_text())["components"]
            held = {each["name"] for each in components if each["purl"].startswith("pkg:deb/debian/")}
            # libarchive is built in; as a library it would bring ICU, half of all bytes.
            self.assertLessEqual({"libc6", "libcurl4", "libmbedcrypto7", "libssl3", "ca-certificates", "libarchive-dev"}, held)
            self.assertFalse(held & {"libarchive13", "libxml2", "libicu72"})
            self.assertEqual({path.name for path in (function / "share/licences").iterdir()}, held | {"daybreak"})
            self.assertIn(f"arch={architecture}", next(each["purl"] for each in components if each["name"] == "libc6"))
            self.assertEqual([each["name"] for each in components if each["type"] == "machine-learning-model"], ["daybreak"])

    def test_same_bytes(self):
        again = self.folder / "again"
        make("package", again, BUILD)
        make("image", again / "image", again / "function")
        make("image", again / "second", again / "function")
        for name in ("function.zip", "function.cdx.json"):
            self.assertEqual((again / name).read_bytes(), (OUT / "amd64" / name).read_bytes(), name)
        self.assertEqual(files(again / "image"), files(again / "second"))

    def test_image(self):
        for architecture in self.architectures:
            root = self.folder / architecture
            entry, _ = Image(OUT / "image", VERSION, architecture).unpack(root)
            self.assertTrue((root / entry[0].lstrip("/")).exists())
            for part in ("bin", "lib", "share"):
                self.assertEqual(files(root / part), files(OUT / architecture / "function" / part))
        print(f"image: {sum(path.stat().st_size for path in (OUT / 'image/blobs/sha256').iterdir())} bytes")

    @unittest.skipUnless(shutil.which("skopeo"), "no skopeo here")
    def test_image_is_taken_by_others(self):
        copied = self.folder / "copied"
        subprocess.run(["skopeo", "copy", "--quiet", "--all", f"oci:{OUT}/image:{VERSION}", f"dir:{copied}"], check=True)
        shown = subprocess.run(["skopeo", "inspect", f"oci:{OUT}/image:{VERSION}"], check=True, capture_output=True, text=True)
        self.assertEqual(json.loads(shown.stdout)["Labels"]["org.opencontainers.image.version"], VERSION)

    @unittest.skipIf(MISSING or not EMULATOR, "no cross compiler or no emulator of 64-bit ARM here")
    def test_arm_answers_the_same(self):
        batch = Batch(self.key, "--cuts", 4)
        root = OUT / "arm64/function"
        start = [EMULATOR, root / "lib/ld-linux-aarch64.so.1", "--library-path", root / "lib"]
        with Function(self.key, root / "bin/daybreak-function", *start) as function:
            self.assertEqual(function.call("GET", "/v1/health")[0], 200)
            status, _, answer = function.call("POST", "/v1/read", batch.body, batch.headers())
            self.assertEqual(status, 200, answer)
            # Read by the box's own program here, with this machine's instructions.
            self.assertTrue(batch.opened(answer)["identical"])
            self.assertEqual(function.stop(), 0)


if __name__ == "__main__":
    unittest.main()
