"""A box in QEMU: firmware, a TPM, a disk, a network card whose ports are forwarded, USB, a watchdog, and a shell on the second
serial port when the image has one (tests/image/overlay). Without hardware virtualisation, on purpose: it runs everywhere."""
import contextlib
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

FIRMWARE = pathlib.Path("/usr/share/OVMF")
MEMORY_MIB = 2048
# Linux: a process gets this signal when the one that started it is gone, however that came about.
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


class Died(AssertionError):
    pass


def copy_sparse(source, target):
    subprocess.run(["cp", "--sparse=always", "--reflink=auto", source, target], check=True)


def wait_until(condition, seconds, what):
    """The first true answer of condition()."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.2)


def start_process(command, log):
    """One that does not outlive the test, not even when the test is killed."""
    return subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))


class Monitor:
    """QEMU's machine protocol."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(300)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile("r")
        self.events = []
        json.loads(self.lines.readline())
        self("qmp_capabilities")

    def __call__(self, command, **arguments):
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            line = self.lines.readline()
            if not line:
                raise Died(f"QEMU ended during {command}")
            answer = json.loads(line)
            if "error" in answer:
                raise AssertionError(f"{command}: {answer['error']}")
            if "return" in answer:
                return answer["return"]
            self.events.append(answer)

    def wait_for(self, event, seconds):
        def seen():
            self("query-status")
            return any(each.get("event") == event for each in self.events)
        wait_until(seen, seconds, f"event {event}")

    def close(self):
        self.lines.close()
        self.socket.close()


class Box:
    """One box. Its folder keeps what a real one keeps without power: disk, firmware settings, TPM."""

    def __init__(self, folder, disk=None, clock=None, network=None, within=(), online=False):
        """online: the box reaches this machine, as 10.0.2.2. network: QEMU's -netdev instead of forwarded ports; within: a
        command that runs QEMU elsewhere."""
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.clock, self.network, self.within, self.online = clock, network, list(within), online
        self.disk, self.settings, self.tpm = self.folder / "disk.img", self.folder / "settings.fd", self.folder / "tpm"
        self.serial, self.errors = self.folder / "serial.log", self.folder / "qemu.log"
        if disk:
            copy_sparse(disk, self.disk)
            copy_sparse(FIRMWARE / "OVMF_VARS_4M.fd", self.settings)
            self.tpm.mkdir()
        self.qemu = self.swtpm = self.monitor = self.shell = None
        self.sockets = None
        self.read_from = 0
        self.ports = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()

    # Power

    def start(self, state=None):
        """Switches on, or goes on where a snapshot was taken."""
        try:
            return self._start(state)
        except BaseException:
            self.cut()
            raise

    def _start(self, state):
        # The path of a socket is short, a build folder's may be long.
        self.sockets = pathlib.Path(tempfile.mkdtemp(prefix="box-"))
        self.serial.touch()
        self.read_from = self.serial.stat().st_size
        with self.errors.open("a") as errors:
            self.swtpm = start_process(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.tpm}", "--ctrl",
                                        f"type=unixio,path={self.sockets}/tpm", "--flags", "not-need-init"], errors)
            wait_until((self.sockets / "tpm").exists, 60, "swtpm")
            incoming = ["-incoming", f"exec:cat '{state}'"] if state else []
            self.qemu = start_process(self._command() + incoming, errors)
        wait_until(lambda: (self.sockets / "monitor").exists() or self.dead(), 180, "QEMU's monitor")
        self.monitor = Monitor(self.sockets / "monitor")
        if state:
            wait_until(self._state_is_read, 300, "the snapshot to be read")
            self.monitor("cont")
        self.shell = None
        return self

    def _state_is_read(self):
        try:
            return self.monitor("query-status")["status"] != "inmigrate"
        except OSError:
            self.qemu.wait(60)
            return self.dead()

    def _command(self):
        network = self.network or f"user,id=net,restrict={'off' if self.online else 'on'}{self._forwarded()}"
        clock = ["-rtc", f"base={self.clock:%Y-%m-%dT%H:%M:%S},clock=vm"] if self.clock else []
        return [*self.within, "qemu-system-x86_64", "-nodefaults", "-display", "none", "-vga", "none", "-machine", "q35",
                # tcg alone: a host's /dev/kvm may open and then hang.
                "-accel", "tcg,thread=multi,tb-size=512", "-cpu", "Nehalem", "-m", str(MEMORY_MIB), "-smp", "2", *clock,
                "-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE}/OVMF_CODE_4M.fd",
                "-drive", f"if=pflash,format=raw,file={self.settings}",
                "-drive", f"if=virtio,format=raw,cache=unsafe,file={self.disk}",
                "-chardev", f"file,id=console,append=on,path={self.serial}", "-serial", "chardev:console",
                "-chardev", f"socket,id=shell,server=on,wait=off,path={self.sockets}/shell", "-serial", "chardev:shell",
                "-netdev", network, "-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci",
                "-chardev", f"socket,id=tpm,path={self.sockets}/tpm", "-tpmdev", "emulator,id=tpm,chardev=tpm",
                "-device", "tpm-crb,tpmdev=tpm", "-device", "i6300esb", "-action", "watchdog=reset",
                "-device", "nec-usb-xhci,id=usb", "-qmp", f"unix:{self.sockets}/monitor,server=on,wait=off"]

    def _forwarded(self):
        return "".join(f",hostfwd=tcp:127.0.0.1:{host}-:{guest}" for guest, host in self.ports.items())

    def forward(self, *guest_ports):
        """To be said before start(): these ports of the guest get a port here, in self.ports."""
        for port in guest_ports:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.ports[port] = probe.getsockname()[1]
        return self

    def dead(self):
        if self.qemu and self.qemu.poll() is not None:
            raise Died(f"QEMU ended with {self.qemu.returncode}: {self.errors.read_text()[-800:]}")

    def cut(self):
        """The power is gone this instant."""
        if self.monitor:
            self.monitor.close()
            self.monitor = None
        for process in (self.qemu, self.swtpm):
            if process and process.poll() is None:
                process.send_signal(signal.SIGKILL if process is self.qemu else signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.qemu = self.swtpm = self.shell = None
        if self.sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)
            self.sockets = None

    def snapshot(self, target):
        """Stops the box and keeps it as it is, memory and TPM included."""
        target = pathlib.Path(target)
        target.mkdir(parents=True)
        self.monitor("stop")
        self.monitor("migrate", uri=f"exec:cat > '{target}/memory'")
        wait_until(lambda: self.monitor("query-migrate").get("status") == "completed", 300,
                   lambda: self.monitor("query-migrate"))
        with contextlib.suppress(Died, OSError):
            self.monitor("quit")
        self.qemu.wait(60)
        self.swtpm.wait(60)
        self.cut()
        for part in (self.disk, self.settings):
            copy_sparse(part, target / part.name)
        shutil.copytree(self.tpm, target / "tpm")

    @classmethod
    def restored(cls, snapshot, folder, ports=(), **options):
        """A running box in a new folder, a few seconds from where the snapshot was taken."""
        snapshot = pathlib.Path(snapshot)
        box = cls(folder, **options)
        for part in (box.disk, box.settings):
            copy_sparse(snapshot / part.name, part)
        shutil.copytree(snapshot / "tpm", box.tpm)
        return box.forward(*ports).start(snapshot / "memory")

    # What it says

    def said(self):
        """The console since it was started or since the last wait_for()."""
        with self.serial.open("rb") as serial:
            serial.seek(self.read_from)
            return serial.read().decode(errors="replace")

    def wait_for(self, pattern, seconds):
        """The first match on the console; what follows it is for the next wait."""
        def seen():
            text = self.said()
            match = re.search(pattern, text)
            if not match:
                return self.dead()
            self.read_from += len(text[:match.end()].encode())
            return match
        return wait_until(seen, seconds, lambda: f"{pattern!r} on the console, which ends\n{self.said()[-3000:]}")

    # What it is told

    def ready(self, seconds):
        """Waits until the shell answers."""
        wait_until(lambda: self._shell_answers() or self.dead(), seconds,
                   lambda: f"a shell; the console ends\n{self.said()[-3000:]}")

    def _shell_answers(self):
        with contextlib.suppress(TimeoutError, OSError):
            return self._run("true", 5)[0] == 0
        return False

    def run(self, command, seconds=600, check=True):
        """Runs a command in the box; gives what it printed, or (status, printed) with check=False."""
        status, printed = self._run(command, seconds)
        if not check:
            return status, printed
        assert status == 0, f"{command!r} ended with {status} in the box:\n{printed}"
        return printed

    def tell(self, command):
        """Types it in and does not wait: the box may be gone before it has ended."""
        self.dead()
        if not self.shell:
            self.shell = socket.socket(socket.AF_UNIX)
            self.shell.connect(str(self.sockets / "shell"))
        self.shell.sendall(f"\n{command}\n".encode())

    def _run(self, command, seconds):
        mark = f"E{time.monotonic_ns()}"
        # In two pieces, so that a terminal that echoes does not end the answer.
        self.tell(f"{{ {command}\n}} 2>&1 </dev/null; echo \"<{mark}\"\">$?<\"")
        self.shell.settimeout(0.5)
        end, answer = time.monotonic() + seconds, b""
        while time.monotonic() < end:
            try:
                piece = self.shell.recv(65536)
            except TimeoutError:
                self.dead()
                continue
            if not piece:
                self.dead()
                raise OSError("the shell's line was closed")
            answer += piece
            found = re.search(rf"<{mark}>(\d+)<\r?\n".encode(), answer)
            if found:
                return int(found.group(1)), answer[:found.start()].decode(errors="replace").replace("\r", "")
        raise TimeoutError(f"{command!r} took more than {seconds} s; so far {answer.decode(errors='replace')}")

    def plug_in(self, stick):
        self.monitor("blockdev-add", **{"node-name": "stick", "driver": "raw", "read-only": True,
                                        "file": {"driver": "file", "filename": str(stick), "read-only": True}})
        self.monitor("device_add", driver="usb-storage", id="stick-device", drive="stick", bus="usb.0")

    def pull_out(self):
        self.monitor.events.clear()
        self.monitor("device_del", id="stick-device")
        self.monitor.wait_for("DEVICE_DELETED", 300)
        self.monitor("blockdev-del", **{"node-name": "stick"})

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.qemu.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
