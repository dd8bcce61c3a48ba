#!/usr/bin/env python3
"""The lab screen as a person uses it, in Debian's chromium. Against a pretended box: fast, with patients of its own. And
against the real daemon behind Debian's nginx with TLS 1.3 and rendered slides: what the box says is what is shown."""
import concurrent.futures
import os
import pathlib
import ssl
import subprocess
import tempfile
import time
import urllib.request

from programs import ROOT, free_port, program, run

WEB_TESTS = ROOT / "tests/web"
SUMMARY = tuple(f"{mark} {count}" for mark in "#ℹ" for count in ("tests", "pass", "fail", "skipped"))


def prepare():
    """The pages and the browser driver, of the versions the lockfiles name."""
    subprocess.run([ROOT / "packaging/build-web"], check=True)
    lock, installed = WEB_TESTS / "package-lock.json", WEB_TESTS / "node_modules/.package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"],
                       cwd=WEB_TESTS, check=True)


def node_test(part, suites, environment):
    """Runs suites one after the other, for they share a box; each skips what the box at hand cannot answer."""
    for suite in suites:
        node_suite(f"{part}, {suite}", f"{suite}.test.mjs", environment)


def node_suite(name, file, environment):
    names = ("BASE_URL", "USER", "PASSWORD", "EXPORT")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    started = time.monotonic()
    done = subprocess.run(["node", "--test", file], cwd=WEB_TESTS, env={**kept, **environment}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    summary = [line for line in done.stdout.splitlines() if line.startswith(SUMMARY)]
    print(f"{name}: {', '.join(line[2:] for line in summary)}, {time.monotonic() - started:.0f} s", flush=True)
    if done.returncode != 0 or not summary:
        raise AssertionError(f"{name}:\n{done.stdout}")


def wait_for(url):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=2, context=context) as answer:
                return answer.read()
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def render(path, seed, wells, runs, hours):
    run("daybreak-simulate", "--seed", seed, "--wells", wells, "--runs", runs, "--planes", 3,
        "--interval", hours * 3600 // runs, "--out", path)
    return path


def real_box(folder):
    store = folder / "store"
    password = run("daybreak", "init", "--store", store, "--user", "lab").stdout.strip()
    run("daybreak", "import", "--store", store, render(folder / "D2026.03.01_S0001_I0001.pdb", 21, 3, 160, 112))
    export = render(folder / "D2026.03.02_S0002_I0001.pdb", 22, 2, 40, 40)
    port, backend = free_port(), free_port()
    serve = subprocess.Popen([program("daybreak"), "serve", "--store", str(store), "--port", str(port)],
                             env={**os.environ, "DAYBREAK_BACKEND_PORT": str(backend)})
    try:
        base = f"https://localhost:{port}"
        wait_for(f"{base}/api/health")
        node_test("the real box", ("review", "real"),
                  {"BASE_URL": base, "USER": "lab", "PASSWORD": password, "EXPORT": str(export)})
    finally:
        serve.terminate()
        serve.wait()


def main():
    prepare()
    # Two at a time, the longest first.
    with tempfile.TemporaryDirectory(prefix="daybreak-browser-") as folder, concurrent.futures.ThreadPoolExecutor(2) as two:
        parts = [two.submit(real_box, pathlib.Path(folder)),
                 *(two.submit(node_test, "a pretended box", (suite,), {}) for suite in ("review", "console", "keys"))]
    for part in parts:
        part.result()


if __name__ == "__main__":
    main()
