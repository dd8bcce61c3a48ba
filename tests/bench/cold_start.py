#!/usr/bin/env python3
"""How long daybreak-function takes from nothing to its first answer, on this machine: the process alone, over HTTP, behind
a Lambda Runtime API. As built and as packaged for deployment.
    DAYBREAK_BUILD=build/release tests/bench/cold_start.py [ROUNDS]"""
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from functions import REGION, Batch, Function, Runtime, make_key, package  # noqa: E402
from programs import program  # noqa: E402


def milliseconds(since):
    return 1000 * (time.perf_counter() - since)


def loaded(path):
    """The loader and the libraries, nothing of ours."""
    since = time.perf_counter()
    subprocess.run([path, "--help"], check=True, stdout=subprocess.DEVNULL)
    return milliseconds(since)


def over_http(path, key, batch):
    """(process to listening, process to the first answer of a batch, start-up as it is billed)"""
    since = time.perf_counter()
    with Function(key, path) as function:
        assert function.port
        listening = milliseconds(since)
        status, headers, _ = function.call("POST", "/v1/read", batch.body, batch.headers())
        answered = milliseconds(since)
        assert status == 200 and headers["X-Daybreak-Cold"] == "1"
        return listening, answered, function.line("started")["startup_ms"]


def under_lambda(path, key):
    """Process to the answer of the first event, which asks for the version."""
    with Runtime() as runtime:
        runtime.send({"daybreak": "version"})
        since = time.perf_counter()
        with Function(key, path, PORT=None, DAYBREAK_REGION=None, AWS_REGION=REGION, AWS_LAMBDA_RUNTIME_API=runtime.address):
            assert runtime.answer()[1]["status"] == 200
            return milliseconds(since)


def show(name, values):
    values = sorted(values)
    print(f"  {name:44} {statistics.median(values):7.1f} ms   {values[0]:6.1f} .. {values[int(0.95 * (len(values) - 1))]:6.1f}")


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        key = make_key(folder)
        batch = Batch(key, "--cuts", 64)
        packed = package(folder / "package") / "bootstrap"
        for name, path in (("as built", program("daybreak-function")), ("as packaged", packed)):
            print(f"{name}: median, least .. 95 % of {rounds}")
            show("loading the program and its libraries", [loaded(path) for _ in range(rounds)])
            http = [over_http(path, key, batch) for _ in range(rounds)]
            show("process to listening", [each[0] for each in http])
            show("process to the answer of a batch of 64 cuts", [each[1] for each in http])
            show("start-up as it is billed", [each[2] for each in http])
            show("process to an answer through Lambda's API", [under_lambda(path, key) for _ in range(rounds)])


if __name__ == "__main__":
    main()
