#!/usr/bin/env python3
"""Starts daybreakd on an empty store, or on one with a rendered slide (--runs N of 12 wells and 5 planes), and says how long
it takes from exec to the first answer of /api/health and to READY as systemd hears it, how long it takes to end, and how much
memory it and its readers hold when nothing is to be done. Times are medians of --times starts."""
import argparse
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from programs import free_port, program, run  # noqa: E402

SECRET = "a-secret-for-the-bench"


def asked(port):
    """Whether /api/health answers."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(f"GET /api/health HTTP/1.1\r\nHost: box\r\nX-Daybreak-Proxy: {SECRET}\r\nConnection: close\r\n\r\n".encode())
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


def start(folder, port):
    """The process, seconds to READY=1, seconds to the first answer."""
    notify = folder / "notify"
    notify.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as said:
        said.bind(str(notify))
        begun = time.perf_counter()
        daemon = subprocess.Popen([program("daybreakd"), "--config", folder / "daybreakd.conf"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, env={**os.environ, "NOTIFY_SOCKET": str(notify)})
        while not asked(port):
            assert daemon.poll() is None, "daybreakd ended"
            time.sleep(0.0005)
        answered = time.perf_counter() - begun
        said.settimeout(60)
        assert said.recv(4096).startswith(b"READY=1")
        return daemon, time.perf_counter() - begun, answered


def held(process):
    """Resident and own memory of a process, kB."""
    lines = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    values = {line.split()[0].rstrip(":"): int(line.split()[1]) for line in lines[1:]}
    return values["Rss"], values["Pss"]


def family(process):
    children = [child for file in pathlib.Path(f"/proc/{process}/task").glob("*/children") for child in file.read_text().split()]
    return [(pathlib.Path(f"/proc/{one}/comm").read_text().strip(), *held(one)) for one in [process, *children]]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=11)
    arguments.add_argument("--runs", type=int, default=0)
    arguments.add_argument("--idle", type=float, default=5, help="seconds of quiet before memory is looked at")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="daybreak-start-") as name:
        folder, port = pathlib.Path(name), free_port()
        run("daybreak", "init", "--store", folder / "store", "--user", "bench")
        if options.runs:
            slide = folder / "D2026.01.01_S0001_I0001.pdb"
            run("daybreak-simulate", "--seed", 1, "--wells", 12, "--runs", options.runs, "--planes", 5, "--out", slide)
            run("daybreak", "import", "--store", folder / "store", slide)
        (folder / "daybreakd.conf").write_text(f"store = {folder}/store\nlisten_port = {port}\nproxy_secret = {SECRET}\n")
        readies, answers, stops = [], [], []
        for turn in range(options.times):
            daemon, ready, answered = start(folder, port)
            readies.append(ready)
            answers.append(answered)
            if turn == options.times - 1:
                time.sleep(options.idle)
                for comm, resident, share in family(daemon.pid):
                    print(f"{comm:<16} {resident / 1024:6.1f} MB resident, {share / 1024:6.1f} MB its share")
            begun = time.perf_counter()
            daemon.terminate()
            daemon.wait()
            stops.append(time.perf_counter() - begun)
        print(f"from exec to the first answer {1000 * statistics.median(answers):.0f} ms, to READY {1000 * statistics.median(readies):.0f} ms, "
              f"to stop {1000 * statistics.median(stops):.0f} ms; medians of {options.times}")


if __name__ == "__main__":
    main()
