"""A Debian machine of its own for a test: a fresh tree, the packages as an admin installs them, and a real systemd in it.

    tree = Machine(folder)            # a fresh minimal Debian 12; apt finds what our packages need without a network
    tree.install("daybreak")
    tree.boot()
    tree.run("daybreak", "setup", "--answers", "/root/answers")
    tree.curl("https://localhost/api/health")
    tree.stop()

Needs root, mmdebstrap and systemd-container; the first tree of a build folder needs Debian's mirror. DAYBREAK_DEBS names the
folder that packaging/build-deb made."""
import fcntl
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

from programs import BUILD, ROOT

DEBS = pathlib.Path(os.environ.get("DAYBREAK_DEBS", ROOT / "build/debs"))
# What an admin's Debian has besides.
INCLUDE = "systemd,systemd-sysv,dbus,iproute2"


def cannot():
    """Why there can be no machine here; None if there can."""
    if os.geteuid() != 0:
        return "needs root, to make a Debian tree"
    for tool in ("mmdebstrap", "systemd-nspawn"):
        if not shutil.which(tool):
            return f"needs {tool}"
    return None


def debs(*names, folder=None):
    """The packages of these names that build-deb made."""
    found = [sorted((folder or DEBS).glob(f"{name}_*.deb")) for name in names]
    assert all(len(one) == 1 for one in found), \
        f"not exactly one of each of {names} in {folder or DEBS}: build them with packaging/build-deb"
    return [one[0] for one in found]


def ours():
    return sorted(path.name.split("_")[0] for path in DEBS.glob("daybreak*_*.deb") if "-dbgsym_" not in path.name)


def fields(deb, *names):
    said = subprocess.run(["dpkg-deb", "--field", deb, *names], check=True, capture_output=True, text=True)
    return said.stdout


def base():
    """The tree that each machine is unpacked from, made once for what our packages depend on."""
    needs = "".join(fields(deb, "Package", "Depends", "Recommends") for deb in debs(*ours()))
    name = hashlib.sha256((INCLUDE + needs).encode()).hexdigest()[:16]
    path = BUILD / "machine" / f"{name}.tar"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Another test may be making it.
    with open(path.parent / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            make_base(path)
    return path


def make_base(path):
    for old in path.parent.glob("*.tar*"):
        old.unlink()
    # Everything our packages pull in is fetched and not installed: installing them later is what an admin does.
    files = " ".join(f"'{deb}'" for deb in debs(*ours()))
    fetch = (f'mkdir -p "$1/ours" && cp {files} "$1/ours/" && '
             'chroot "$1" sh -c "apt-get install -q -y --download-only /ours/*.deb" >/dev/null && rm -r "$1/ours"')
    made = path.with_suffix(".tar.new")
    subprocess.run(["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={INCLUDE}", "--skip=cleanup/apt",
                    "--aptopt=Acquire::Retries 3", "--dpkgopt=path-exclude=/usr/share/locale/*", "--dpkgopt=force-unsafe-io",
                    f"--customize-hook={fetch}", "--format=tar", "bookworm", made], check=True, timeout=600)
    os.replace(made, path)


class Machine:
    def __init__(self, folder):
        self.root = pathlib.Path(folder) / "root"
        self.root.mkdir(parents=True)
        subprocess.run(["tar", "-xf", base(), "--numeric-owner", "-C", self.root], check=True)
        (self.root / "etc/machine-id").write_text("")
        (self.root / "etc/hostname").write_text("box\n")
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost box\n::1 localhost\n")
        (self.root / "debs").mkdir()
        self.nspawn = None

    def path(self, inside):
        return self.root / inside.lstrip("/")

    def write(self, inside, text, mode=0o644):
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def options(self):
        return ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--resolv-conf=off",
                "--timezone=off", "--link-journal=no", "-D", self.root]

    def boot(self, timeout=180):
        """Starts systemd in it and waits until it has started all."""
        log = open(self.root.parent / "console", "ab")
        self.nspawn = subprocess.Popen([*self.options(), "--boot", "--console=pipe"], stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=log, start_new_session=True)
        log.close()
        wait_for("the machine's systemd", lambda: self.leader(), timeout)
        wait_for("the machine to be up", lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip()
                 in ("running", "degraded"), timeout)

    def leader(self):
        """The process id of its systemd, seen from outside; None while there is none."""
        assert self.nspawn.poll() is None, f"systemd-nspawn has ended:\n{(self.root.parent / 'console').read_text()[-2000:]}"
        children = pathlib.Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children").read_text().split()
        for child in children:
            if "systemd" in pathlib.Path(f"/proc/{child}/comm").read_text() and self.sees(child):
                return child
        return None

    @staticmethod
    def sees(child):
        return subprocess.run(["nsenter", "-t", child, "-a", "/usr/bin/systemctl", "show", "--property=Version"],
                              capture_output=True).returncode == 0

    def run(self, *command, check=True, timeout=300, env=None, **options):
        """Runs a command in it, as root: in the running system, or in the tree when it is not booted."""
        environment = [f"{key}={value}" for key, value in {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root",
            "DEBIAN_FRONTEND": "noninteractive", **(env or {})}.items()]
        enter = ["nsenter", "-t", self.leader(), "-a"] if self.nspawn else [*self.options(), "--pipe"]
        done = subprocess.run([*map(str, enter), "/usr/bin/env", "-i", *environment, *map(str, command)], capture_output=True,
                              text=True, timeout=timeout, **options)
        if check and done.returncode != 0:
            raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def curl(self, *arguments, **options):
        """The host's curl, from within the machine's network."""
        return subprocess.run(["nsenter", "-t", self.leader(), "-n", "curl", "--silent", "--show-error", "--max-time", "60",
                               *map(str, arguments)], capture_output=True, text=True, **options)

    def install(self, *packages, check=True, options=()):
        """Installs packages of ours by name, or .deb files, with what they depend on and nothing they only recommend."""
        paths = [path for one in packages for path in ([one] if isinstance(one, pathlib.Path) else debs(one))]
        for path in paths:
            shutil.copy(path, self.root / "debs")
        return self.run("apt-get", "install", "-q", "-y", "--no-install-recommends", *options,
                        *[f"/debs/{path.name}" for path in paths], check=check)

    def log(self, unit):
        return self.run("journalctl", "--no-pager", "--output=cat", "-u", unit, check=False).stdout

    def stop(self):
        """Powers it off; what it held stays in its tree."""
        if not self.nspawn:
            return
        self.run("systemctl", "poweroff", check=False)
        try:
            self.nspawn.wait(timeout=90)
        except subprocess.TimeoutExpired:
            os.killpg(self.nspawn.pid, signal.SIGKILL)
            self.nspawn.wait()
        self.nspawn = None


def wait_for(what, ready, timeout):
    until = time.monotonic() + timeout
    while not (seen := ready()):
        assert time.monotonic() < until, f"{what} did not come within {timeout} s"
        time.sleep(0.2)
    return seen
