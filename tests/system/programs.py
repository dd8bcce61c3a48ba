"""Our programs as the tests run them, and where things lie."""
import os
import pathlib
import random
import socket
import subprocess

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


# Below the ports that Linux gives to outgoing connections, so that none of those can take one before it is listened on.
PORTS = range(10000, 32000)
given = set()


def free_port():
    """A port of the loopback that nobody listens on, and never the same one twice."""
    while True:
        port = random.choice(PORTS)
        if port in given:
            continue
        given.add(port)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
