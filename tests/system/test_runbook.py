#!/usr/bin/env python3
"""The commands of packaging/cloud/RUNBOOK.md, all of them, in their order, in one shell: a region is made, a box enrolled,
rotated and revoked. Only what the runbook tells its reader to fill in is replaced."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

from programs import BUILD, ROOT, free_port
from region import SITE, Agent, slot_ask, wait_for

RUNBOOK = ROOT / "packaging/cloud/RUNBOOK.md"


class Shell:
    """One bash that lives as long as the test; run() waits for a block and gives its output."""

    def __init__(self, folder):
        path = f"{BUILD / 'bin'}:{os.environ['PATH']}:/usr/sbin"
        self.log = folder / "shell.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(["bash", "-u"], stdin=subprocess.PIPE, stdout=log, stderr=log, text=True, cwd=folder,
                                            start_new_session=True, env={**os.environ, "PATH": path})
        self.blocks = 0

    def run(self, block):
        self.blocks += 1
        before, mark = len(self.log.read_text()), f"--block {self.blocks} ended "
        # Stops at the first command of a block that fails.
        self.process.stdin.write(f"set -e; trap 'echo \"{mark}failed\"' ERR\n{block}\nset +e; trap - ERR; echo '{mark}well'\n")
        self.process.stdin.flush()
        wait_for(f"the end of:\n{block}", lambda: mark in self.log.read_text() or self.process.poll() is not None, 60)
        said = self.log.read_text()[before:]
        assert f"{mark}well" in said, f"{block}\n--- said\n{said}"
        return said

    def end(self):
        """With the servers it started: they are of its group."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.stdin.close()
        self.process.wait(timeout=30)


class Runbook(unittest.TestCase):
    def test_every_command(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="daybreak-runbook-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        blocks = re.findall(r"^```sh\n(.*?)^```", RUNBOOK.read_text(), re.M | re.S)
        self.assertEqual(len(blocks), 12)
        shell = Shell(folder)
        self.addCleanup(shell.end)
        port, config = free_port(), folder / "sync.conf"
        values = {"GATEWAY": "localhost", "LISTEN": "127.0.0.1", "PORT": port, "FUNCTION_PORT": free_port(),
                  "AUTHORITY_PORT": free_port(), "FOLDER": folder / "region", "CONFIG": ROOT / "packaging/cloud/nginx/gateway.conf.in"}
        (variables, make, start, enrol, approve, status, rotate, renew_gateway, revoke, renew_list, serve_updates, publish) = blocks
        shell.run(filled_in(variables, values))
        shell.run(make)
        shell.run(start)
        gateway_log = folder / "region/gateway/error.log"
        wait_for("the gateway", lambda: subprocess.run(["curl", "-s", "--cacert", folder / "region/authority/ca.pem",
                                                        f"https://localhost:{port}/v1/crl"], capture_output=True).stdout
                 .startswith(b"-----BEGIN"), 30)
        agent = self.box(folder, port, config)

        # The administrator of the box waits while the one of the region approves.
        waiting = filled_in(enrol, {"CONF": config}).rstrip() + " &\nENROLMENT=$!\n"
        shell.run(waiting)
        asked = wait_for("the box to ask", lambda: re.search(r"^  ([0-9a-f]{64})$", shell.log.read_text(), re.M), 30)
        said = shell.run(filled_in(approve, {"FINGERPRINT": asked.group(1)}))
        self.assertRegex(said, rf"waiting +{SITE} .*{asked.group(1)}")
        shell.run("wait $ENROLMENT")
        self.assertIn("has a certificate until", shell.log.read_text())
        agent.start()
        wait_for("the endpoint", lambda: ask(agent)["endpoints"][0]["state"] == "ready", 30)
        self.assertRegex(shell.run(status), r"certificate +valid")

        before = ask(agent)["certificate"]["serial"]
        self.assertIn("has a certificate until", shell.run(rotate))
        wait_for("the new certificate", lambda: ask(agent)["certificate"]["serial"] != before, 30)
        server_before = ask(agent)["endpoints"][0]["server_not_after"]
        self.assertTrue(server_before)
        shell.run(renew_gateway)
        wait_for("the gateway's new certificate", lambda: serial_shown(port) == serial_of(folder / "region/tls/certificate.pem"), 30)

        self.updates(shell, folder, port, serve_updates, publish)

        self.assertIn("2 certificates taken back", shell.run(revoke))
        wait_for("the gateway to refuse", lambda: "revoked" in subprocess.run(
            ["daybreak-sync", "rotate", "--config", config], executable=BUILD / "bin/daybreak-sync", capture_output=True,
            text=True).stderr, 30)
        shell.run(renew_list)
        self.assertNotIn("emerg", gateway_log.read_text())

    def updates(self, shell, folder, port, serve_updates, publish):
        """A bundle is offered to boxes, and to nobody else."""
        # Not below the private folder: nginx's workers may be somebody else.
        place = pathlib.Path(tempfile.mkdtemp(prefix="daybreak-updates-"))
        self.addCleanup(shutil.rmtree, place)
        place.chmod(0o755)
        (folder / "new.raucb").write_bytes(b"a bundle" * 1000)
        shell.run(filled_in(serve_updates, {"UPDATES": place}))
        shell.run(filled_in(publish, {"BUNDLE": folder / "new.raucb"}))

        def fetch(name, *arguments):
            return subprocess.run(["curl", "-s", "--cacert", folder / "region/authority/ca.pem", *arguments,
                                   f"https://localhost:{port}/updates/{name}"], capture_output=True).stdout
        box = ("--cert", folder / "sync/certificate.pem", "--key", folder / "sync/key.pem")
        offer = json.loads(wait_for("the channel", lambda: (said := fetch("channel.json", *box)).startswith(b'{"version"') and said, 30))
        self.assertEqual((offer["file"], offer["size"], offer["sha256"]),
                         ("new.raucb", 8000, hashlib.sha256(b"a bundle" * 1000).hexdigest()))
        self.assertEqual(fetch(offer["file"], *box, "-r", "2-7"), b"bundle")
        self.assertIn(b"no client certificate was shown", fetch("channel.json"))

    def box(self, folder, port, config):
        """What a box has before it is enrolled."""
        shutil.copy(folder / "region/authority/ca.pem", folder)
        shutil.copy(folder / "region/function.public.pem", folder)
        cloud = json.loads((ROOT / "packaging/cloud/cloud.json").read_text())
        cloud["authority"]["url"] = cloud["endpoints"][0]["url"] = f"https://localhost:{port}"
        (folder / "cloud.json").write_text(json.dumps(cloud))
        config.write_text(f"folder = {folder / 'sync'}\nsocket = {folder / 'sync.sock'}\ncloud = {folder / 'cloud.json'}\n")
        agent = Agent("daybreak-sync", [BUILD / "bin/daybreak-sync", "run", "--config", config], folder / "sync.log")
        agent.socket = folder / "sync.sock"
        self.addCleanup(lambda: agent.process and agent.kill())
        return agent


def filled_in(block, values):
    """The block with those of its variables set to other values."""
    for name, value in values.items():
        block, count = re.subn(rf"(^|\s){name}=\S*", rf"\g<1>{name}={value}", block, flags=re.M)
        assert count == 1, (name, block)
    return block


def ask(agent):
    return slot_ask(agent.socket, {"what": "status"})


def serial_of(path):
    return subprocess.run(["openssl", "x509", "-in", path, "-noout", "-serial"], capture_output=True, text=True).stdout


def serial_shown(port):
    shown = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}"], input=b"", capture_output=True).stdout
    return subprocess.run(["openssl", "x509", "-noout", "-serial"], input=shown, capture_output=True).stdout.decode()


if __name__ == "__main__":
    unittest.main(verbosity=2)
