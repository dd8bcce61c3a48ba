"""What people do with the box: read its screen, sign in with a browser, approve an update, plug a stick in."""
import contextlib
import hashlib
import http.client
import json
import re
import ssl
import time

from vm import Box, wait_until

# Quiet times are a tenth of these or less (README.md): other tests may have the machine too.
BOOT_SECONDS = 900
INSTALL_SECONDS = 900
IMPORT_SECONDS = 600
WEB_PORTS = (443, 80)


class Browser:
    """HTTPS as a browser speaks it. The certificate is the one whose fingerprint the screen showed, or none at all."""

    def __init__(self, port, fingerprint):
        self.port, self.fingerprint, self.cookie = port, fingerprint, None
        self.tls = ssl.create_default_context()
        # The box made its certificate itself: it is known by its fingerprint.
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE

    def ask(self, method, path, body=None, kind="application/json"):
        """(status, body); JSON is parsed."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=180, context=self.tls)
        with contextlib.closing(connection):
            connection.connect()
            shown = hashlib.sha256(connection.sock.getpeercert(binary_form=True)).hexdigest()
            assert shown == self.fingerprint, f"the certificate is {shown}, the screen says {self.fingerprint}"
            headers = {"X-Daybreak": "1"} if method != "GET" else {}
            if self.cookie:
                headers["Cookie"] = self.cookie
            if body is not None:
                headers["Content-Type"] = kind
                body = body if isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.getheader("Set-Cookie"):
                self.cookie = answer.getheader("Set-Cookie").split(";")[0]
            if answer.getheader("Content-Type", "").startswith("application/json"):
                content = json.loads(content)
            return answer.status, content

    def get(self, path):
        status, content = self.ask("GET", path)
        assert status == 200, f"GET {path}: {status} {content}"
        return content

    def send(self, method, path, body, **options):
        status, content = self.ask(method, path, body, **options)
        assert status in (200, 201, 202, 204), f"{method} {path}: {status} {content}"
        return content

    def sign_in(self, name, password):
        self.send("POST", "/api/session", {"name": name, "password": password})
        return self


class Appliance(Box):
    fingerprint = None
    person = None

    def screen(self):
        """What the screen has said: the fingerprint of the certificate and who signs in first."""
        fingerprint = re.findall(r"Certificate:\s+((?:[0-9A-F]{2}:){31}[0-9A-F]{2})", self.serial.read_text(errors="replace"))
        person = re.findall(r"name: (\S+)\s+password: (\S+)", self.serial.read_text(errors="replace"))
        return fingerprint and fingerprint[-1].replace(":", "").lower(), person and person[-1]

    def wait_for_screen(self, seconds=BOOT_SECONDS):
        def told():
            self.dead()
            return all(self.screen())
        wait_until(told, seconds, lambda: f"fingerprint and first sign-in on the screen, which ends\n{self.said()[-3000:]}")
        self.fingerprint, self.person = self.screen()

    def browser(self):
        return Browser(self.ports[443], self.fingerprint)

    def wait_for_page(self, seconds=BOOT_SECONDS):
        """The sign-in page answers: only a version that is confirmed opens its doors."""
        def page():
            self.dead()
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, content = self.browser().ask("GET", "/")
                return status == 200 and b"<title>" in content
            return False
        wait_until(page, seconds, lambda: f"the sign-in page; the console ends\n{self.said()[-3000:]}")

    def sign_in(self):
        return self.browser().sign_in(*self.person)

    def slot_started(self, seconds=BOOT_SECONDS):
        """The slot that GRUB starts next."""
        # It says so on every console it has; its welcome comes once.
        return self.wait_for(r"(?s)Welcome to GRUB!.*?daybreak: slot ([AB])", seconds).group(1)

    def wait_for_slot(self, slot, seconds=BOOT_SECONDS):
        chosen = self.slot_started(seconds)
        assert chosen == slot, f"slot {chosen} is started, not {slot}"

    def status(self):
        """What the updater says when it looks now. It waits for an installation to end."""
        return json.loads(self.run("daybreak update check --json", INSTALL_SECONDS))

    def waiting(self, version):
        return [each for each in self.status()["waiting"] if each["version"] == version]

    def take_in(self, slide):
        """Uploads a slide and waits until all of it is read and ranked."""
        browser = self.sign_in()
        browser.send("POST", f"/api/imports?name={slide.name}", slide.read_bytes(), kind="application/octet-stream")

        def ranked():
            imports = browser.get("/api/imports")["imports"]
            assert not any(each["state"] == "quarantined" for each in imports), imports
            work = browser.get("/api/board")["work"]
            return imports and all(each["state"] == "done" for each in imports) and work["pending"] + work["running"] == 0
        wait_until(ranked, IMPORT_SECONDS, lambda: browser.get("/api/imports"))

    def record(self):
        """What must survive everything, as a browser sees it."""
        browser = self.sign_in()
        inbox = browser.get("/api/board")["inbox"]
        for dish in inbox:
            # What is due next depends on the hour.
            dish.pop("due", None)
        return {"inbox": inbox, "preferences": browser.get("/api/preferences"),
                "imports": [each["name"] for each in browser.get("/api/imports")["imports"]]}

    def identity(self):
        return self.run("cat /etc/machine-id; sha256sum /etc/daybreak/local/tls/key.pem /var/lib/daybreak-sync/*.pem 2>/dev/null "
                        "|| true; blkid -o value -s UUID /dev/mapper/data")

    def read_stick(self, stick):
        """Plugs the stick in, waits for the screen's word that it can be taken out, and gives what was said of it."""
        self.run("rm -f /run/daybreak-usb/said")
        self.plug_in(stick)
        wait_until(lambda: "can be taken out" in self.run("cat /run/daybreak-usb/said 2>/dev/null || true"), INSTALL_SECONDS,
                   lambda: self.run("cat /run/daybreak-usb/said; journalctl -n 30 --no-pager -u 'daybreak-usb@*'"))
        said = self.run("cat /run/daybreak-usb/said")
        self.pull_out()
        return said

    def approve(self, version):
        """As an administrator does on the page Updates, once it waits there."""
        wait_until(lambda: self.waiting(version), INSTALL_SECONDS, self.status)
        waiting = [each for each in self.sign_in().get("/api/updates")["updater"]["waiting"] if each["version"] == version]
        assert waiting, f"{version} does not wait for anybody"
        assert waiting[0]["state"] == "waits-for-approval", waiting
        self.sign_in().send("POST", f"/api/updates/{waiting[0]['digest']}", {"approved": True})

    def install(self):
        """Starts the updater as its timer would; the box restarts by itself."""
        self.run("systemctl start --no-block daybreak-update.service")


class Watch:
    """Says how long each step took."""

    def __init__(self):
        self.began = time.monotonic()

    @contextlib.contextmanager
    def step(self, what):
        start = time.monotonic()
        print(f"  {what} ...", flush=True)
        yield
        print(f"  {what}: {time.monotonic() - start:.1f} s", flush=True)

    def total(self):
        return time.monotonic() - self.began
