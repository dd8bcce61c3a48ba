#!/usr/bin/env python3
"""packaging/nginx in front of a real daybreakd: what the lab network sees."""
import http.client
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import time
import unittest

from daemon import ADMIN, PASSWORD, ROOT, SECRET, Daemon, run, wait_for

NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def setUpModule():
    global daemon, port, folder
    if not NGINX:
        raise unittest.SkipTest("nginx is not installed")
    daemon = Daemon()
    unittest.addModuleCleanup(daemon.remove)
    port, folder = free_port(), daemon.folder / "nginx"
    folder.mkdir()
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2, "-subj", "/CN=daybreak",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem")
    values = {"NGINX": ROOT / "packaging/nginx", "FOLDER": folder, "PORT": port, "BACKEND": daemon.port, "SECRET": SECRET,
              "CERTIFICATE": folder / "certificate.pem", "KEY": folder / "key.pem"}
    text = (ROOT / "packaging" / "nginx" / "daybreak.conf.in").read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    (folder / "nginx.conf").write_text(text)
    process = subprocess.Popen([NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"], stderr=subprocess.DEVNULL)
    unittest.addModuleCleanup(end, process)
    wait_for("nginx", lambda: (folder / "nginx.pid").exists() and answers())


def end(process):
    process.terminate()
    process.wait(timeout=20)


def answers():
    try:
        return ask("GET", "/api/health")[0] == 200
    except OSError:
        return False


def tls(**options):
    context = ssl.create_default_context(cafile=folder / "certificate.pem")
    for name, value in options.items():
        setattr(context, name, value)
    return context


def connect():
    return http.client.HTTPSConnection("localhost", port, timeout=30, context=tls())


def ask(method, path, headers=None, body=None):
    connection = connect()
    connection.request(method, path, body=body, headers=headers or {})
    reply = connection.getresponse()
    result = reply.status, reply.headers, reply.read()
    connection.close()
    return result


def sign_in():
    """The cookie. Waits where the limit on signing in asks for it."""
    body = json.dumps({"name": ADMIN, "password": PASSWORD})

    def attempt():
        status, headers, _ = ask("POST", "/api/session", {"Content-Type": "application/json", "X-Daybreak": "1"}, body)
        return status == 200 and headers["Set-Cookie"].split(";")[0]
    return wait_for("a sign-in", attempt, 20)


class Transport(unittest.TestCase):
    def test_only_tls_1_3(self):
        with socket.create_connection(("localhost", port)) as raw, tls().wrap_socket(raw, server_hostname="localhost") as secured:
            self.assertEqual(secured.version(), "TLSv1.3")
        with socket.create_connection(("localhost", port)) as raw, self.assertRaises(ssl.SSLError):
            tls(maximum_version=ssl.TLSVersion.TLSv1_2).wrap_socket(raw, server_hostname="localhost")

    def test_http_2(self):
        context = tls()
        context.set_alpn_protocols(["h2", "http/1.1"])
        with socket.create_connection(("localhost", port)) as raw, context.wrap_socket(raw, server_hostname="localhost") as secured:
            self.assertEqual(secured.selected_alpn_protocol(), "h2")

    def test_plain_http_is_shown_the_door(self):
        connection = http.client.HTTPConnection("localhost", port, timeout=30)
        connection.request("GET", "/x")
        reply = connection.getresponse()
        self.assertEqual((reply.status, reply.headers["Location"]), (301, f"https://localhost:{port}/x"))
        connection.close()

    def test_headers(self):
        status, headers, _ = ask("GET", "/api/health")
        self.assertEqual(status, 200)
        self.assertIn("max-age=", headers["Strict-Transport-Security"])
        self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
        self.assertEqual(headers["Server"], "nginx")


class Proxy(unittest.TestCase):
    def test_a_session_through_it(self):
        cookie = sign_in()
        status, _, body = ask("GET", "/api/session", {"Cookie": cookie})
        self.assertEqual((status, json.loads(body)["user"]["name"]), (200, ADMIN))

    def test_a_client_cannot_pose_as_the_proxy(self):
        self.assertEqual(ask("GET", "/api/session", {"X-Daybreak-Proxy": "forged"})[0], 401)
        for _ in range(6):
            ask("POST", "/api/session", {"Content-Type": "application/json", "X-Daybreak": "1", "X-Real-IP": "10.1.1.1"}, '{"name":"x","password":"y"}')
        self.assertNotIn("10.1.1.1", daemon.log_text())
        time.sleep(2)

    def test_large_json_is_stopped_here(self):
        headers = {"Content-Type": "application/json", "X-Daybreak": "1"}
        self.assertEqual(ask("POST", "/api/patients", headers, b"x" * (3 << 20))[0], 413)
        self.assertEqual(ask("POST", "/api/patients", headers, b"x" * (64 << 10))[0], 401)

    def test_uploads_stream_to_the_disk(self):
        cookie = sign_in()
        connection = connect()
        connection.putrequest("POST", "/api/imports?name=stream.pdb")
        for name, value in {"Cookie": cookie, "X-Daybreak": "1", "Content-Length": str(3 << 20)}.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(b"x" * (1 << 20))
        incoming = daemon.store / "incoming"
        wait_for("the first half on disk", lambda: any(p.stat().st_size > 1 << 19 for p in incoming.glob("*")))
        connection.send(b"x" * (2 << 20))
        self.assertEqual(connection.getresponse().status, 202)
        connection.close()
        connection = connect()
        connection.request("POST", "/api/imports?name=chunks.pdb", body=iter([b"x" * 100000] * 20), encode_chunked=True,
                           headers={"Cookie": cookie, "X-Daybreak": "1", "Transfer-Encoding": "chunked"})
        self.assertEqual(connection.getresponse().status, 202)
        connection.close()

    def test_events_pass_at_once(self):
        cookie = sign_in()
        connection = connect()
        connection.request("GET", "/api/stream", headers={"Cookie": cookie})
        reply = connection.getresponse()
        self.assertEqual(reply.status, 200)
        begun = time.monotonic()
        made = ask("POST", "/api/patients", {"Cookie": cookie, "X-Daybreak": "1", "Content-Type": "application/json"}, '{"name":"A B","identifier":"1"}')
        self.assertEqual(made[0], 201)
        while b"event: change" not in reply.readline():
            self.assertLess(time.monotonic() - begun, 5)
        reply.close()
        connection.close()

    def test_guessing_is_slowed(self):
        statuses = [ask("POST", "/api/session", {"X-Daybreak": "1"})[0] for _ in range(30)]
        self.assertIn(429, statuses)
        self.assertEqual(ask("GET", "/api/session")[0], 401)

    def test_nothing_is_left_on_disk(self):
        kept = [p for name in ("body", "proxy") for p in (folder / name).rglob("*") if p.is_file()]
        self.assertEqual(kept, [])
        self.assertNotIn("name=", (folder / "access.log").read_text())


if __name__ == "__main__":
    unittest.main(verbosity=1)
