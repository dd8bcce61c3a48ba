"""A box for tests: the real programs on a temporary store, started and stopped like a clinic's."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("DAYBREAK_BUILD", ROOT / "build/release"))
DATA = pathlib.Path(os.environ.get("DAYBREAK_DATA", ROOT.parent / "shared/data"))


def program(name):
    return str(BUILD / "bin" / name)


def run(*arguments, check=True, **options):
    """Runs one of our programs; its output is shown when it fails."""
    done = subprocess.run([program(arguments[0]), *map(str, arguments[1:])], capture_output=True, text=True, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Box:
    """with Box() as box: a store with one administrator, lab; box.start() runs daybreakd on it."""

    def __init__(self, settle_s=1):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="daybreak-system-"))
        self.store = self.folder / "store"
        self.watch = self.folder / "watch"
        self.watch.mkdir()
        self.password = run("daybreak", "init", "--store", self.store, "--user", "lab").stdout.strip()
        self.port = free_port()
        self.secret = "0123456789abcdef0123456789abcdef"
        self.daemon = None
        self.config = self.folder / "daybreakd.conf"
        self.config.write_text(
            f"store = {self.store}\nlisten_port = {self.port}\nwatch = {self.watch}\nsettle_s = {settle_s}\n"
            f"proxy_secret = {self.secret}\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder)

    def start(self):
        self.log = open(self.folder / "daybreakd.log", "a")
        self.daemon = subprocess.Popen([program("daybreakd"), "--config", str(self.config)], stdout=self.log,
                                       stderr=self.log)

    def wait_ready(self, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/health", timeout=1) as answer:
                    return json.load(answer)
            except OSError:
                if self.daemon.poll() is not None:
                    break
                time.sleep(0.05)
        raise AssertionError("the daemon does not answer:\n" + (self.folder / "daybreakd.log").read_text()[-3000:])

    def kill(self):
        if self.daemon:
            self.daemon.kill()
            self.daemon.wait()
            self.daemon = None


def skip(sentence):
    print(f"skipped: {sentence}")
    raise SystemExit(0)
