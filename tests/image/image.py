"""The image that firmware/build made, and versions of it for tests: the same tree with a few files changed, made into slots
and bundles by firmware's own scripts. Needs root, as the image does."""
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
OVERLAY = ROOT / "tests/image/overlay"
# What firmware/build wrote for release; it is only read here.
RELEASE = pathlib.Path(os.environ.get("DAYBREAK_IMAGE", ROOT / "build/image"))


def tool(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def version_of(tree):
    for line in (tree / "usr/lib/os-release").read_text().splitlines():
        if line.startswith("IMAGE_VERSION="):
            return line.partition("=")[2]
    raise AssertionError(f"{tree} names no version")


class Tree:
    """A copy of a root tree to change. Files are shared with the original until write() puts another in their place."""

    def __init__(self, source, folder):
        self.folder = pathlib.Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        tool("cp", "-al", source, self.folder)

    def write(self, path, text, mode=0o644):
        """As everything in a tree it is root's."""
        place = self.folder / path
        # The name goes, not what it shares.
        place.unlink(missing_ok=True)
        place.write_text(text)
        place.chmod(mode)
        return self

    def version(self, version):
        old = version_of(self.folder)
        text = (self.folder / "usr/lib/os-release").read_text()
        return self.write("usr/lib/os-release", text.replace(old, version))

    def overlay(self, source):
        tool("cp", "-R", "--remove-destination", "--no-preserve=ownership", f"{source}/.", self.folder)
        return self

    def slot(self, target):
        """root.img and boot.img in target; the tree is not needed any more."""
        target.mkdir(parents=True, exist_ok=True)
        tool(FIRMWARE / "slot", self.folder, target)
        shutil.rmtree(self.folder)
        return target


def bundle(slot, target, keys=None, version=None):
    tool(FIRMWARE / "bundle", slot, target, "--keys", keys or RELEASE / "keys", *(["--version", version] if version else []))
    return target


def disk(slot, target):
    tool(FIRMWARE / "disk", slot, target)
    return target


def foreign_keys(folder):
    """An authority and a signer like ours that nobody knows."""
    tool(FIRMWARE / "keys", folder)
    return folder


def small_slot(folder, version):
    """Images of a few bytes, for bundles that are to be refused before anything is written."""
    boot = folder / "boot"
    boot.mkdir(parents=True)
    (boot / "slot.cfg").write_text(f"set daybreak_version={version}\n")
    tool("mksquashfs", boot, folder / "boot.img", "-quiet", "-no-progress")
    (folder / "root.img").write_bytes(bytes(65536))
    return folder


def truncated(source, target, share=0.7):
    shutil.copy(source, target)
    os.truncate(target, int(source.stat().st_size * share))
    return target


def flipped(source, target, share=0.6):
    """One bit is another, in the middle of the payload."""
    shutil.copy(source, target)
    with target.open("r+b") as file:
        file.seek(int(source.stat().st_size * share))
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    return target


def stick(target, *files):
    """A stick as an administrator would prepare it: FAT, labelled DAYBREAK, with these files."""
    mib = sum(file.stat().st_size for file in files) // 2**20 * 11 // 10 + 64
    target.unlink(missing_ok=True)
    with target.open("wb") as image:
        image.truncate(mib * 2**20)
    tool("mkfs.vfat", "-F", "32", "-n", "DAYBREAK", target)
    for file in files:
        tool("mcopy", "-i", target, file, f"::{file.name}")
    return target
