"""What both test_image.py and long play: versions to update to, the first start, and the ways an update may go."""
import datetime
import pathlib
import shutil
import tempfile

import image
from appliance import BOOT_SECONDS, INSTALL_SECONDS, WEB_PORTS, Appliance, Watch
from image import RELEASE, Tree

# Tomorrow, at an hour at which a clinic lets its box restart: the certificates of today are valid, nothing ends soon.
NIGHT = datetime.datetime.combine(datetime.date.today() + datetime.timedelta(days=1), datetime.time(0, 30))
BROKEN_DAEMON = "#!/bin/sh\necho 'This daemon is broken, on purpose.' >&2\nexit 1\n"
# systemd never comes; the kernel panics because its first process ends.
BROKEN_INIT = "#!/bin/sh\nexit 1\n"


def later(version, step):
    """A version after this one; its parts are numbers."""
    first, *rest = version.split(".")
    return ".".join([first, *rest[:-1], str(int(rest[-1]) + step)])


class Stage:
    """The images and bundles of one run, in a folder that is removed at the end."""

    def __init__(self, keep=None):
        self.folder = pathlib.Path(keep or tempfile.mkdtemp(prefix="stage-", dir=RELEASE))
        self.keep = bool(keep)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.version = image.version_of(RELEASE / "tree")
        self.watch = Watch()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.keep:
            shutil.rmtree(self.folder)

    def tree(self):
        """The released tree with the tests' shell."""
        return Tree(RELEASE / "tree", self.folder / "tree").overlay(image.OVERLAY)

    def disk(self):
        """What a factory would write, of a test image."""
        return image.disk(self.tree().slot(self.folder / "now"), self.folder / "disk.img")

    def update(self, name, step, change=None):
        """A signed bundle of a later version; change(tree) breaks it."""
        tree = self.tree().version(later(self.version, step))
        if change:
            change(tree)
        slot = tree.slot(self.folder / name)
        bundle = image.bundle(slot, self.folder / f"{name}.raucb")
        shutil.rmtree(slot)
        return bundle

    def good(self):
        return self.update("good", 1)

    def bad(self):
        """A release whose daemon does not start."""
        return self.update("bad", 2, lambda tree: tree.write("usr/bin/daybreakd", BROKEN_DAEMON, 0o755))

    def hanging(self):
        """A release that never gets as far as to say that it is bad."""
        return self.update("hanging", 2, lambda tree: tree.write("usr/lib/systemd/systemd", BROKEN_INIT, 0o755))

    def refused(self):
        """Bundles of a few bytes that no box may take."""
        fine = image.small_slot(self.folder / "small", later(self.version, 1))
        old = image.small_slot(self.folder / "small-old", "0.0.1")
        whole = image.bundle(fine, self.folder / "whole.raucb")
        stranger = image.foreign_keys(self.folder / "foreign-keys")
        return [image.bundle(fine, self.folder / "foreign.raucb", keys=stranger),
                image.bundle(old, self.folder / "older.raucb"),
                image.truncated(whole, self.folder / "truncated.raucb")]

    def box(self, name, disk=None, **options):
        return Appliance(self.folder / name, disk, clock=NIGHT, **options).forward(*WEB_PORTS)

    def restored(self, snapshot, name, like, **options):
        """The box `like` as it was when the snapshot was taken."""
        box = Appliance.restored(self.folder / snapshot, self.folder / name, ports=WEB_PORTS, clock=NIGHT, **options)
        box.fingerprint, box.person = like.fingerprint, like.person
        return box

    def step(self, what):
        return self.watch.step(what)


def first_start(stage, box):
    """From a disk that was never started to the sign-in page."""
    box.start()
    box.wait_for_slot("A")
    box.wait_for_screen()
    box.wait_for_page()
    box.ready(BOOT_SECONDS)
    status = box.status()
    assert status["appliance"] and status["slot"] == "A" and status["confirmed"], status
    assert status["version"] == stage.version, status


def refuse(stage, box):
    """None of these is taken from a stick, and a reason is said of each."""
    bundles = stage.refused()
    said = box.read_stick(image.stick(stage.folder / "refused.img", *bundles))
    waiting = box.status()["waiting"]
    for bundle in bundles:
        taken = [each for each in waiting if each["file"].endswith(bundle.name)]
        assert all(each["state"] == "refused" and each["why"] for each in taken), taken
        assert taken or f"{bundle.name} was refused: " in said, f"nobody said that {bundle.name} is refused\n{said}"
    print(f"{said}{[each['why'] for each in waiting]}")


def wait_for_confirmed(box, slot, version, seconds=BOOT_SECONDS):
    """The box has started from that slot, has said that it is well and lets people in."""
    box.wait_for_slot(slot, seconds)
    box.wait_for_page(seconds)
    box.ready(BOOT_SECONDS)
    status = box.status()
    assert (status["slot"], status["confirmed"], status["version"]) == (slot, True, version), status
    return status


def install_from_stick(stage, box, bundle, version):
    """Stick, an administrator's word, and the updater does the rest; it ends when the box restarts."""
    box.read_stick(image.stick(stage.folder / f"{bundle.stem}.img", bundle))
    box.approve(version)
    box.install()
    box.wait_for("Restarting system", INSTALL_SECONDS)


def listening(box):
    """(protocol, address, port) of every socket that waits for somebody, as the kernel names them."""
    found = set()
    for line in box.run("ss -H -lntu").splitlines():
        protocol, _, _, _, local = line.split()[:5]
        address, _, port = local.rpartition(":")
        found.add((protocol, address.strip("[]").split("%")[0], int(port)))
    return found


def outside(sockets):
    """Those that somebody on the network could reach if there were no firewall."""
    return {(protocol, port) for protocol, address, port in sockets if not address.startswith("127.") and address != "::1"}
