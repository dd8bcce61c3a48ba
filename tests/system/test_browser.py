#!/usr/bin/env python3
"""The lab screen as a person uses it: Debian's chromium, Debian's nginx with TLS 1.3, the real daemon, a rendered slide."""
import os
import pathlib
import ssl
import subprocess
import tempfile
import time
import urllib.request

from box import ROOT, free_port, program, run

WEB_TESTS = ROOT / "tests/web"


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


def main():
    if not (WEB_TESTS / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=WEB_TESTS, check=True)
    with tempfile.TemporaryDirectory(prefix="daybreak-browser-") as folder:
        store = pathlib.Path(folder) / "store"
        slide = pathlib.Path(folder) / "D2026.03.01_S0001_I0001.pdb"
        password = run("daybreak", "init", "--store", store, "--user", "lab").stdout.strip()
        run("daybreak-simulate", "--seed", 21, "--wells", 3, "--runs", 60, "--planes", 3, "--interval", 6000, "--out", slide)
        run("daybreak", "import", "--store", store, slide)
        port, backend = free_port(), free_port()
        serve = subprocess.Popen([program("daybreak"), "serve", "--store", str(store), "--port", str(port)],
                                 env={**os.environ, "DAYBREAK_BACKEND_PORT": str(backend)})
        try:
            base = f"https://localhost:{port}"
            wait_for(f"{base}/api/health")
            environment = {**os.environ, "BASE_URL": base, "USER": "lab", "PASSWORD": password}
            tests = sorted(str(path) for path in WEB_TESTS.glob("*.test.mjs"))
            assert tests, "there is no browser test"
            subprocess.run(["node", "--test", *tests], cwd=WEB_TESTS, env=environment, check=True)
        finally:
            serve.terminate()
            serve.wait()


if __name__ == "__main__":
    main()
