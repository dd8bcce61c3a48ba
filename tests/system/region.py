"""A cloud region on loopback, and the box that uses it: everything a burst needs, with real programs.

    daybreakd ──socket── daybreak-sync ──mTLS── [Wire] ── nginx ── [Faults] ── daybreak-function x N

    with Region(functions=8) as region:              # certificates, functions, nginx; all in region.folder, gone afterwards
        agent = region.agent()                        # daybreak-sync; its Unix socket is region.socket
        daemon = region.daemon(watch=..., lanes=1)    # Box: tests/api/daemon.Daemon with cloud and sync_socket; env={...} is its
                                                      # environment; cloud=None: without a cloud
        region.ask({"what": "status"})                # a question to the agent's books
        region.gateway.kill(); region.gateway.start() # every program has start, stop, kill (kill -9, the whole group), alive
        region.functions[0].kill()

    Region(functions=0, upstream=port)       nginx in front of a server of yours instead
    Region(wire=Wire())                      a relay between agent and nginx: cuts connections, counts and keeps bytes
    Region(faults=Faults(deck={...}))        between nginx and functions: see FATES; faults.keep = True keeps requests in .taken
    Region(function="waiting-function")      a program of tests/CMakeLists.txt in the place of daybreak-function
    Region(requests=4)                       nginx takes so many requests on a connection, so that there are many of them
    region.authority.issue(name, ...)        more certificates; .revoke(certificate), .crl(); region.gateway.reload()
    region.cloud(budget={...}, ...)          writes cloud.json with members replaced, returns its path
    region.cloud(endpoint={"slots": 4})      the same for the one endpoint
    render_morning(folder, runs=24)          16 patients, 128 embryos, exports in folder; 24 runs take about 3 s
    zone_until(seconds)                      a TZ for a process: its 07:30 strikes in so many seconds
    readings_of(store), progress_of(store)   what was read, row for row; how far the store is
    wait_for(what, condition, seconds)       the first true value

Only the standard library, openssl and nginx: certificates here do not depend on the code that is tested."""
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import socketserver
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time

from programs import BUILD, ROOT, free_port, program, run

os.environ.setdefault("DAYBREAK_BUILD", str(BUILD))
sys.path.insert(0, str(ROOT / "tests/api"))
from daemon import Daemon, wait_for  # noqa: E402

SITE, REGION, ENDPOINT = "clinic-7f3a", "eu-central-1", "frankfurt"
GATEWAY_SECRET = "only-the-gateway-knows-this"
# A seed whose 16 patients have 128 embryos together.
MORNING_SEED, MORNING_PATIENTS, MORNING_EMBRYOS = 22, 16, 128


# Certificates, by openssl alone.

OPENSSL = """
[ca]
default_ca = authority
[authority]
database = {folder}/index.txt
serial = {folder}/serial
crlnumber = {folder}/crlnumber
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
default_days = 30
default_crl_days = 30
policy = any
unique_subject = no
[any]
organizationName = optional
commonName = supplied
[ca_extensions]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[req]
distinguished_name = none
[none]
"""


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"openssl {arguments}: {done.stderr}")
    return done.stdout


def utc(seconds_from_now):
    """As openssl takes times: UTCTime."""
    return time.strftime("%y%m%d%H%M%SZ", time.gmtime(time.time() + seconds_from_now))


class Authority:
    """A CA of its own; issue() gives (certificate, key) as paths."""

    def __init__(self, folder, name="Test authority"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.certificate, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        self.config = self.folder / "openssl.cnf"
        self.config.write_text(OPENSSL.format(folder=self.folder))
        (self.folder / "index.txt").touch()
        (self.folder / "serial").write_text("1000\n")
        (self.folder / "crlnumber").write_text("01\n")
        make_key(self.key)
        openssl("req", "-x509", "-new", "-key", self.key, "-subj", f"/O=Daybreak/CN={name}", "-days", 30, "-config",
                self.config, "-extensions", "ca_extensions", "-out", self.certificate)

    def issue(self, name, organisation="Daybreak site", server=False, names=("DNS:localhost", "IP:127.0.0.1"),
              begins=-3600, ends=7 * 86400, key=None):
        """begins and ends are seconds from now. server: for a gateway, with those names; else for a box."""
        path = self.folder / f"{name}-{len(list(self.folder.iterdir()))}"
        certificate, request, extensions = (path.with_suffix(end) for end in (".pem", ".csr", ".ext"))
        if key is None:
            key = make_key(path.with_suffix(".key"))
        extensions.write_text("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                              f"extendedKeyUsage={'serverAuth' if server else 'clientAuth'}\n"
                              + (f"subjectAltName={','.join(names)}\n" if server else ""))
        openssl("req", "-new", "-key", key, "-subj", f"/O={organisation}/CN={name}", "-config", self.config, "-out", request)
        openssl("ca", "-batch", "-notext", "-config", self.config, "-in", request, "-out", certificate, "-extfile",
                extensions, "-startdate", utc(begins), "-enddate", utc(ends))
        return certificate, key

    def revoke(self, certificate):
        openssl("ca", "-config", self.config, "-revoke", certificate)

    def crl(self):
        """A fresh list of what is revoked; give gateway.reload() afterwards."""
        path = self.folder / "crl.pem"
        openssl("ca", "-config", self.config, "-gencrl", "-out", path)
        return path


def make_key(path):
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    return path


# Programs

class Program:
    """A process in a group of its own, so that kill() takes its children too."""

    def __init__(self, name, arguments, log, environment=None, folder=None):
        self.name, self.arguments, self.log = name, [str(a) for a in arguments], pathlib.Path(log)
        self.environment, self.folder, self.process = environment, folder, None

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(self.arguments, stdout=log, stderr=log, env=self.environment, cwd=self.folder,
                                            process_group=0)
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, number=signal.SIGTERM):
        """Exit status."""
        if self.alive():
            self.process.send_signal(number)
        return self.reap()

    def reap(self):
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end\n{self.tail()}") from None

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def tail(self, lines=15):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


class Served(Program):
    """One that listens on self.port; start() waits until it does."""

    def __init__(self, name, port, *arguments, **options):
        super().__init__(name, *arguments, **options)
        self.port = port

    def start(self):
        super().start()
        wait_for(f"{self.name} on port {self.port}", lambda: is_listening(self.port) or not self.alive(), 30)
        assert self.alive(), f"{self.name} did not start\n{self.tail()}"
        return self


class Gateway(Served):
    def reload(self):
        """New certificates and lists are taken up without a request being lost; waits until no old worker welcomes anybody."""
        old = self.workers()
        self.process.send_signal(signal.SIGHUP)
        wait_for("the gateway's old workers to stop", lambda: not old & self.workers(), 20)

    def workers(self):
        """Those that take connections; one that is shutting down says so in its title."""
        master = self.process.pid
        children = pathlib.Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return {child for child in children if b"shutting down" not in command_line(child)}


def command_line(process):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return pathlib.Path(f"/proc/{process}/cmdline").read_bytes()
    return b"shutting down"


def is_listening(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


# What goes wrong on the way

class Wire(socketserver.ThreadingTCPServer):
    """A relay of bytes between the agent and nginx: TLS passes through it unread. cut_percent of the connections are cut, in
    turn after a random count of bytes up to cut_after, and when the answer comes. keep: all that the agent sent, as it was on
    the wire, is in .sent"""
    daemon_threads, allow_reuse_address, request_queue_size = True, True, 64

    def __init__(self, cut_percent=0, cut_after=400_000, keep=False, seed=1):
        super().__init__(("127.0.0.1", 0), None)
        self.port, self.target = self.server_address[1], None
        self.cut_percent, self.cut_after, self.keep = cut_percent, cut_after, keep
        self.chance, self.lock = random.Random(seed), threading.Lock()
        self.opened = self.cut = self.doomed = self.bytes_up = 0
        self.sent = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        with self.lock:
            self.opened += 1
            flow = {"up": 0, "sockets": (request,), "limit": None, "answer": False, "taken": bytearray()}
            if self.chance.uniform(0, 100) < self.cut_percent:
                self.doomed += 1
                flow["answer"] = self.doomed % 2 == 0
                flow["limit"] = None if flow["answer"] else self.chance.randrange(self.cut_after)
            if self.keep:
                self.sent.append(flow["taken"])
        try:
            with socket.create_connection(("127.0.0.1", self.target), timeout=5) as onward:
                onward.settimeout(None)
                flow["sockets"] = (request, onward)
                back = threading.Thread(target=self.relay, args=(onward, request, flow, False), daemon=True)
                back.start()
                self.relay(request, onward, flow, True)
                back.join()
        except OSError:
            pass  # nginx is down: the agent sees a closed connection

    def is_cut(self, flow, data, upwards):
        """Counts what goes by. An answer is what comes down once more than a handshake has gone up."""
        with self.lock:
            if upwards:
                flow["up"] += len(data)
                self.bytes_up += len(data)
                if self.keep:
                    flow["taken"] += data
            answered = flow["answer"] and not upwards and flow["up"] > 20_000
            end = answered or (flow["limit"] is not None and flow["up"] > flow["limit"])
            if end:
                self.cut += 1
                flow["limit"], flow["answer"] = None, False
            return end

    def relay(self, source, to, flow, upwards):
        """Until either side ends or the connection is cut; then both sides end."""
        try:
            while data := source.recv(65536):
                if self.is_cut(flow, data, upwards):
                    break
                to.sendall(data)
        except OSError:
            pass
        for end in flow["sockets"]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


# What may happen to a request behind nginx.
FATES = ("pass", "delay", "500", "429", "other", "flipped", "lost", "twice")


class Faults(socketserver.ThreadingTCPServer):
    """Between nginx and the functions: what a gateway, a queue and a platform do to requests. A deck of a hundred fates is
    shuffled and dealt, so that the shares are exact over a hundred batches:

        delay    answered delay_s later          500, 429   not forwarded, Retry-After: 1 on the latter
        other    answered with another batch's answer (200)
        flipped  one byte of the answer is flipped            lost   computed, then the connection is closed
        twice    given to two functions, the later answer counts

    wait_s holds every batch for so long before it is forwarded. Only POST /v1/read is touched; counts tells what was dealt.
    One request at a time goes to a function; the rest wait here, as in a platform's queue."""
    daemon_threads, allow_reuse_address, request_queue_size = True, True, 64

    def __init__(self, deck=None, delay_s=2.0, wait_s=0.0, keep=False, seed=1):
        super().__init__(("127.0.0.1", 0), FaultsHandler)
        self.port, self.targets = self.server_address[1], []
        self.shares, self.delay_s, self.wait_s, self.keep = dict(deck or {}), delay_s, wait_s, keep
        self.chance, self.free = random.Random(seed), threading.Condition()
        self.deck, self.busy, self.taken, self.earlier, self.swaps = [], set(), [], {}, 0
        self.counts = dict.fromkeys(FATES, 0)
        assert set(self.shares) <= set(FATES) and sum(self.shares.values()) <= 100, self.shares
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def deal(self):
        with self.free:
            if not self.deck:
                self.deck = [fate for fate, share in self.shares.items() for _ in range(share)]
                self.deck += ["pass"] * (100 - len(self.deck))
                self.chance.shuffle(self.deck)
            fate = self.deck.pop()
            self.counts[fate] += 1
            return fate

    def take_target(self):
        with self.free:
            self.free.wait_for(lambda: len(self.busy) < len(self.targets))
            target = self.chance.choice([t for t in self.targets if t not in self.busy])
            self.busy.add(target)
            return target

    def give_target(self, target):
        with self.free:
            self.busy.discard(target)
            self.free.notify()

    def handle_error(self, request, client_address):
        pass  # nginx or a function was killed in mid-request: that is what this is for


class FaultsHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm, wbufsize = True, -1

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.answer(*self.forward(self.server.targets[0], None))

    def do_POST(self):
        faults = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/v1/read":
            return self.answer(*self.forward(faults.targets[0], body))
        if faults.keep:
            faults.taken.append((dict(self.headers), body))
        fate = faults.deal()
        time.sleep(faults.wait_s + (faults.delay_s if fate == "delay" else 0))
        if fate in ("500", "429"):
            error = {"error": {"code": "internal" if fate == "500" else "too-many", "sentence": "injected by a test"}}
            return self.answer(int(fate), {"Content-Type": "application/json", "Retry-After": "1"} if fate == "429" else
                               {"Content-Type": "application/json"}, json.dumps(error).encode())
        for _ in range(2 if fate == "twice" else 1):
            status, headers, answer = self.read_once(body)
        self.answer_as(fate, status, headers, answer)

    def read_once(self, body):
        target = self.server.take_target()
        try:
            return self.forward(target, body)
        finally:
            self.server.give_target(target)

    def answer_as(self, fate, status, headers, answer):
        faults = self.server
        batch = self.headers.get("Idempotency-Key", "")
        if status == 200:
            others = [a for b, a in faults.earlier.items() if b != batch]
            faults.earlier = {batch: (headers, answer)}
            if fate == "other" and others:
                # In turn with the other's headers and with this batch's own: the body alone must give it away.
                faults.swaps += 1
                headers, answer = others[0] if faults.swaps % 2 else (headers, others[0][1])
            elif fate == "other":  # the first batch of all: nothing to mix it up with yet
                answer = bytes(reversed(answer))
            if fate == "flipped":
                at = faults.chance.randrange(len(answer))
                answer = answer[:at] + bytes([answer[at] ^ 1 << faults.chance.randrange(8)]) + answer[at + 1:]
        if fate == "lost":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.answer(status, headers, answer)

    def forward(self, target, body):
        """(status, headers, body) from one function; 502 when it is down."""
        connection = http.client.HTTPConnection("127.0.0.1", target, timeout=60)
        try:
            head = {n: v for n, v in self.headers.items() if n.lower() not in ("connection", "content-length")}
            connection.request(self.command, self.path, body=body, headers=head)
            reply = connection.getresponse()
            data = reply.read()
            keep = {n: v for n, v in reply.getheaders() if n.lower() not in ("connection", "content-length",
                                                                             "transfer-encoding", "date", "server")}
            return reply.status, keep, data
        except (OSError, http.client.HTTPException):
            error = {"error": {"code": "unavailable", "sentence": "no function answers"}}
            return 502, {"Content-Type": "application/json"}, json.dumps(error).encode()
        finally:
            connection.close()

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Region:
    def __init__(self, functions=8, site=SITE, name=REGION, upstream=None, wire=None, faults=None, requests=1000,
                 concurrency=1, environment=None, function="daybreak-function"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="daybreak-region-"))
        self.site, self.name, self.wire, self.faults = site, name, wire, faults
        self.upstream = upstream
        self.programs, self.daemons, self.clouds = [], [], 0
        self.authority = Authority(self.folder / "authority")
        self.certificate, self.key = self.authority.issue("gateway", "Daybreak region", server=True)
        self.client_certificate, self.client_key = self.authority.issue(site)
        self.authority.crl()
        self.function_key = make_key(self.folder / "function.pem")
        self.function_public = self.folder / "function.public.pem"
        openssl("pkey", "-in", self.function_key, "-pubout", "-out", self.function_public)
        self.functions = [self.make_function(function, n, concurrency, environment or {}) for n in range(functions)]
        if faults:
            faults.targets = [f.port for f in self.functions] or [upstream]
        self.gateway = self.make_gateway(requests)
        self.port = wire.port if wire else self.gateway.port
        self.url = f"https://127.0.0.1:{self.port}"
        self.socket = self.folder / "sync.sock"
        if wire:
            wire.target = self.gateway.port

    def __enter__(self):
        try:
            for each in [*self.functions, self.gateway]:
                each.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, *_):
        if kind not in (None, KeyboardInterrupt):
            print(self.explain(), file=sys.stderr)
        for daemon in self.daemons:
            if daemon.process.poll() is None:
                daemon.kill()
            shutil.rmtree(daemon.folder, ignore_errors=True)
        for each in reversed(self.programs):
            if each.process:
                each.kill()
        for server in (self.wire, self.faults):
            if server:
                server.shutdown()
                server.server_close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def explain(self):
        """The last lines of every log, for a test that fails."""
        logs = [*sorted(self.folder.glob("*.log")), *sorted(self.folder.glob("*/error.log")),
                *(daemon.folder / "log" for daemon in self.daemons)]
        told = []
        for log in logs:
            lines = log.read_text(errors="replace").splitlines() if log.exists() else []
            told += [f"--- {log.name} of {log.parent.name}", *lines[-(2 if "function" in log.name else 12):]] if lines else []
        for box in self.daemons:
            with contextlib.suppress(sqlite3.Error):
                told += [f"--- the plan of {box.folder.name}", json.dumps(box.plan())[:4000]]
        return "\n".join(told)

    def make_function(self, name, number, concurrency, environment):
        port = free_port()
        surroundings = {"PATH": os.environ["PATH"], "PORT": str(port), "DAYBREAK_KEY_FILE": str(self.function_key),
                        "DAYBREAK_REGION": self.name, "DAYBREAK_SITES": self.site, "DAYBREAK_GATEWAY_SECRET": GATEWAY_SECRET,
                        "DAYBREAK_CONCURRENCY": str(concurrency), **environment}
        # Another machine's work in truth: here it gets the processor time that the box leaves.
        function = Served(f"function {number}", port, ["nice", "-n", 15, program(name)],
                          self.folder / f"function-{number}.log", environment=surroundings)
        self.programs.append(function)
        return function

    def make_gateway(self, requests):
        """nginx by the configuration that a region is set up with; only limits of a test's own are added."""
        folder, port = self.folder / "gateway", free_port()
        folder.mkdir(mode=0o700)
        targets = [self.faults.port] if self.faults else [f.port for f in self.functions] or [self.upstream]
        (folder / "functions.conf").write_text("".join(f"server 127.0.0.1:{t} max_fails=0;\n" for t in targets))
        text = (ROOT / "packaging/cloud/nginx/gateway.conf.in").read_text()
        for name, value in {"FOLDER": folder, "LISTEN": "127.0.0.1", "PORT": port, "CERTIFICATE": self.certificate,
                            "KEY": self.key, "CA": self.authority.certificate, "CRL": self.authority.folder / "crl.pem",
                            "AUTHORITY": 9, "SECRET": GATEWAY_SECRET}.items():
            text = text.replace(f"@{name}@", str(value))
        place = "keepalive_time 10m;"
        assert text.count(place) == 1
        text = text.replace(place, f"{place} keepalive_requests {requests};")
        (folder / "nginx.conf").write_text(text)
        nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        gateway = Gateway("nginx", port, [nginx, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"],
                          self.folder / "nginx.log")
        self.programs.append(gateway)
        return gateway

    def cloud(self, endpoint=None, **members):
        """cloud.json of a clinic that uses this region; members of it or of its one endpoint replaced."""
        content = {"site": self.site, "regions": [self.name], "budget": {"day": 2.0, "month": 20.0},
                   "decision_hour": "07:30", "uplink": [], "hedge_percent": 5, "always_on_month": 40.0,
                   "endpoints": [{"name": ENDPOINT, "url": self.url, "region": self.name,
                                  "ca": str(self.authority.certificate), "key": str(self.function_public),
                                  "slots": max(1, len(self.functions)), "memory_mb": 1769,
                                  "price_gb_s": 0.0000166667, "price_request": 0.0000002, **(endpoint or {})}], **members}
        self.clouds += 1
        path = self.folder / f"cloud-{self.clouds}.json"
        path.write_text(json.dumps(content, indent=1))
        return path

    def agent(self, cloud=None, identity=None, start=True):
        """daybreak-sync run, listening on self.socket. identity: (certificate, key); by default a valid one."""
        folder = self.folder / f"agent-{len(self.programs)}"
        folder.mkdir(mode=0o700)
        certificate, key = identity or (self.client_certificate, self.client_key)
        shutil.copy(certificate, folder / "certificate.pem")
        shutil.copy(key, folder / "key.pem")
        config = self.folder / f"{folder.name}.conf"
        config.write_text(f"folder = {folder}\nsocket = {self.socket}\ncloud = {cloud or self.cloud()}\n")
        agent = Agent("daybreak-sync", [program("daybreak-sync"), "run", "--config", config],
                      self.folder / f"{folder.name}.log")
        agent.socket, agent.config, agent.data = self.socket, config, folder
        self.programs.append(agent)
        return agent.start() if start else agent

    def daemon(self, cloud="", env=None, **settings):
        """A daybreakd. cloud: path of a cloud.json, "" for the usual one, None for none."""
        if cloud is not None:
            settings = {"cloud": cloud or self.cloud(), "sync_socket": self.socket, **settings}
        box = Box(env or {}, **settings)
        self.daemons.append(box)
        return box

    def ask(self, question):
        return slot_ask(self.socket, question)


class Box(Daemon):
    """A daybreakd whose environment is kept over restarts. plan() is what it says of its burst, batches() what left."""

    def __init__(self, env, **settings):
        self.env = env
        super().__init__(**settings)

    def start(self):
        with changed_environment(self.env):
            super().start()

    def plan(self):
        found = rows(self.store, "SELECT json FROM burst_plan")
        return json.loads(found[0][0]) if found else None

    def batches(self):
        """Oldest first; times in microseconds."""
        names = ("id", "lane", "why", "cuts", "embryos", "state", "made_us", "ended_us", "sentence", "hedge")
        return [dict(zip(names, row)) for row in rows(self.store, f"SELECT {', '.join(names)} FROM batches ORDER BY seq")]


class Agent(Program):
    def start(self):
        super().start()
        wait_for("daybreak-sync's socket", lambda: slot_answers(self.socket) or not self.alive(), 30)
        assert self.alive(), f"daybreak-sync did not start\n{self.tail()}"
        return self


@contextlib.contextmanager
def changed_environment(changes):
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


# The Unix socket between box and agent (sync/wire/slot.h)

SLOT_HEAD = struct.Struct("<4sHHII")
SLOT_SEND, SLOT_ANSWER, SLOT_FAILED, SLOT_ASK, SLOT_TELL = range(1, 6)


def slot_send(connection, kind, text, body=b""):
    text = json.dumps(text).encode()
    connection.sendall(SLOT_HEAD.pack(b"DBSY", 1, kind, len(text), len(body)) + text + body)


def slot_receive(connection):
    """(kind, text, body)"""
    _, _, kind, text_size, body_size = SLOT_HEAD.unpack(receive_all(connection, SLOT_HEAD.size))
    text = json.loads(receive_all(connection, text_size))
    return kind, text, receive_all(connection, body_size)


def receive_all(connection, size):
    data = bytearray()
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ConnectionError("the agent closed the connection")
        data += part
    return bytes(data)


def slot_connect(path, seconds=20):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(seconds)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection


def slot_ask(path, question):
    with slot_connect(path) as connection:
        slot_send(connection, SLOT_ASK, question)
        kind, text, _ = slot_receive(connection)
        assert kind == SLOT_TELL, kind
        return text


def slot_answers(path):
    try:
        slot_ask(path, {"what": "status"})
        return True
    except (OSError, ConnectionError):
        return False


# A morning

def render_morning(folder, runs=24, planes=1, side=128, patients=MORNING_PATIENTS, seed=MORNING_SEED):
    """Exports of a clinic's morning, one .pdb a patient, small pictures of one focal plane; their paths. With the defaults
    there are 128 embryos."""
    run("daybreak-simulate", "--morning", folder, "--patients", patients, "--runs", runs, "--planes", planes, "--side", side,
        "--seed", seed, "--quiet")
    exports = sorted(pathlib.Path(folder).glob("*.pdb"))
    assert len(exports) == patients, exports
    if (patients, seed) == (MORNING_PATIENTS, MORNING_SEED):
        embryos = sum(len(json.loads(pathlib.Path(f"{e}.truth.json").read_text())["wells"]) for e in exports)
        assert embryos == MORNING_EMBRYOS, embryos
    return exports


def zone_until(seconds, hour="07:30"):
    """A value of TZ in whose local time the hour strikes in so many seconds."""
    hours, minutes = map(int, hour.split(":"))
    now = time.time()
    local = (hours * 3600 + minutes * 60 - seconds) % 86400
    west = (now % 86400 - local + 43200) % 86400 - 43200
    sign, west = ("-", -west) if west < 0 else ("", west)
    west = round(west)
    return f"TST{sign}{west // 3600:02}:{west // 60 % 60:02}:{west % 60:02}"


def rows(store, query, *values):
    with contextlib.closing(sqlite3.connect(f"file:{store}/daybreak.db?mode=ro", uri=True, timeout=20)) as database:
        return database.execute(query, values).fetchall()


def readings_of(store):
    """Every reading by slide, well and run: all that a reading and its cut say, without what numbers a store gave."""
    with contextlib.closing(sqlite3.connect(f"file:{store}/daybreak.db?mode=ro", uri=True, timeout=20)) as database:
        database.row_factory = sqlite3.Row
        found = {}
        for row in database.execute("SELECT d.slide, e.well, r.version, r.digest, x.* FROM readings x JOIN embryos e ON e.id = "
                                    "x.embryo_id JOIN dishes d ON d.id = e.dish_id JOIN readers r ON r.id = x.reader_id"):
            values = dict(row)
            for name in ("embryo_id", "reader_id"):
                del values[name]
            found[values.pop("slide"), values.pop("well"), values.pop("run")] = tuple(sorted(values.items()))
        return found


def progress_of(store):
    """{"runs": all, "read": with a reading or damaged, "ranked": dishes with a ranking, "jobs": left, "failed": for good}"""
    try:
        (runs, read), = rows(store, "SELECT count(*), coalesce(sum(state <> 0), 0) FROM runs")
        (ranked,), = rows(store, "SELECT count(*) FROM rankings")
        (jobs, failed), = rows(store, "SELECT coalesce(sum(state <> 'failed'), 0), coalesce(sum(state = 'failed'), 0) FROM jobs")
    except sqlite3.OperationalError:
        return {"runs": 0, "read": 0, "ranked": 0, "jobs": 0, "failed": 0}  # not migrated yet
    return {"runs": runs, "read": read, "ranked": ranked, "jobs": jobs, "failed": failed}
