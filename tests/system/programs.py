"""Our programs as the tests run them, and where things lie."""
import os
import pathlib
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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
