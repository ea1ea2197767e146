"""Real nodes of a cluster on loopback, real writers that retry, and the check of what was kept.

Used by the tests of this folder. Nothing but Python's standard library.
"""

import fcntl
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from etcd import Etcd

# Where clusters keep their metadata, and what is in front of them: run_tests() sets both.
engine = "raft"
front = "nginx"
# Of a test that failed, files are removed too unless this is set.
KEEPS_FILES = "LYNXDB_TEST_KEEP_FILES" in os.environ


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def await_true(what, condition, seconds=60):
    """Until `condition()` is true; its value. Fails with `what` when time is over."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


def request(address, method, path, body=None, headers=None, seconds=40):
    """(status, body) of an HTTP request to (host, port). Raises OSError when nobody answers."""
    connection = http.client.HTTPConnection(*address, timeout=seconds)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()


class Node:
    """One `lynxdb server`: its configuration, its process, its log."""

    def __init__(self, cluster, number, http_port, cluster_port):
        self.cluster = cluster
        self.number = number
        self.name = f"node-{number}"
        # Where it listens, and the command that starts a program on its machine.
        self.host, self.launcher = cluster.machine(number)
        self.http_port = http_port
        self.cluster_port = cluster_port
        self.directory = os.path.join(cluster.directory, self.name)
        self.process = None
        os.makedirs(self.directory, exist_ok=True)

    def write_config(self):
        seeds = "".join(f'    - "{self.cluster.address_of(node)}"\n'
                        for node in self.cluster.founders)
        # Else it finds itself among the seeds.
        is_seed = self.cluster.address_of(self) == f"{self.host}:{self.cluster_port}"
        advertise = "" if is_seed else f'  advertise: "{self.cluster.address_of(self)}"\n'
        settings = "".join(f"  {line}\n" for line in self.cluster.cluster_settings)
        storage = "".join(f"  {line}\n" for line in self.cluster.storage_settings)
        with open(os.path.join(self.directory, "config.yaml"), "w") as file:
            file.write(
                f'listen: "{self.host}:{self.http_port}"\n'
                f'data_dir: "{self.directory}/data"\n'
                f"cluster:\n"
                f'  node_id: "{self.name}"\n'
                f"  roles: [meta, ingest, query]\n"
                f'  listen: "{self.host}:{self.cluster_port}"\n'
                f"{advertise}"
                f"  seeds:\n{seeds}{settings}"
                f"storage:\n{storage}"
            )

    def start(self):
        assert self.process is None
        self.write_config()
        log = open(os.path.join(self.directory, "log"), "ab")
        self.process = subprocess.Popen(
            self.launcher + [self.cluster.binary, "server", "--config", os.path.join(self.directory, "config.yaml")],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.cluster.environment)
        log.close()

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self, seconds=60):
        self.process.terminate()
        try:
            code = self.process.wait(seconds)
        finally:
            if self.process.poll() is None:
                self.process.kill()
            self.process = None
        assert code == 0, f"{self.name} stopped with {code}"

    def wipe(self):
        shutil.rmtree(os.path.join(self.directory, "data"), ignore_errors=True)

    def request(self, *arguments, **options):
        return request((self.host, self.http_port), *arguments, **options)

    def is_healthy(self):
        try:
            return self.request("GET", "/health", seconds=5)[0] == 200
        except OSError:
            return False

    def status(self):
        """What this node says of its cluster, or None."""
        try:
            status, body = self.request("GET", "/api/v1/status", seconds=5)
        except OSError:
            return None
        return json.loads(body)["data"].get("cluster") if status == 200 else None

    def query(self, text, seconds=60):
        """Rows of a query. Tries again what is refused with 503 until the time is over."""
        end = time.monotonic() + seconds
        while True:
            try:
                status, body = self.request(
                    "POST", "/api/v1/query/stream", json.dumps({"q": text}),
                    {"Content-Type": "application/json"})
            except OSError:
                status, body = 0, b""
            if status == 200:
                rows = [json.loads(line) for line in body.splitlines() if line]
                if not any("__error" in row for row in rows):
                    return [row for row in rows if "__meta" not in row]
                body = body[-2000:]
            if time.monotonic() > end:
                raise AssertionError(f"{self.name}: {text}: {status} {body[:400]}")
            time.sleep(0.1)

    def log_text(self):
        with open(os.path.join(self.directory, "log"), errors="replace") as file:
            return file.read()


class Balancer:
    """A program in front of all nodes, as docs/guide/small-cluster.md configures it."""

    def __init__(self, cluster, port):
        self.directory = os.path.join(cluster.directory, front)
        self.port = port
        os.makedirs(self.directory)
        words = self._haproxy(cluster) if front == "haproxy" else self._nginx(cluster)
        self.log = open(os.path.join(self.directory, "log"), "wb")
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log)

    def _nginx(self, cluster):
        servers = "".join(f"    server {node.host}:{node.http_port} max_fails=1 fail_timeout=1s;\n"
                          for node in cluster.nodes)
        path = os.path.join(self.directory, "nginx.conf")
        with open(path, "w") as file:
            file.write(
                f"daemon off; pid {self.directory}/pid; error_log {self.directory}/error.log;\n"
                "worker_processes 1;\n"
                "events {}\n"
                "http {\n"
                f"  access_log off; client_body_temp_path {self.directory}/body;\n"
                f"  proxy_temp_path {self.directory}/proxy; fastcgi_temp_path {self.directory}/f;\n"
                f"  uwsgi_temp_path {self.directory}/u; scgi_temp_path {self.directory}/s;\n"
                "  upstream lynxdb {\n" + servers + "  }\n"
                "  server {\n"
                f"    listen 127.0.0.1:{self.port};\n"
                "    client_max_body_size 50m;\n"
                "    location / {\n"
                "      proxy_pass http://lynxdb; proxy_http_version 1.1;\n"
                '      proxy_set_header Connection ""; proxy_set_header Host $host;\n'
                "      proxy_set_header X-Real-IP $remote_addr;\n"
                "      proxy_buffering off; proxy_connect_timeout 1s; proxy_read_timeout 3600s;\n"
                "      proxy_next_upstream error timeout http_503 non_idempotent;\n"
                "    }\n"
                "  }\n"
                "}\n")
        return ["nginx", "-c", path, "-e", os.path.join(self.directory, "error.log")]

    def _haproxy(self, cluster):
        servers = "".join(f"  server {node.name} {node.host}:{node.http_port} "
                          "check inter 1s fall 2 rise 1 on-marked-down shutdown-sessions\n"
                          for node in cluster.nodes)
        path = os.path.join(self.directory, "haproxy.cfg")
        with open(path, "w") as file:
            file.write(
                "defaults\n"
                "  mode http\n"
                "  timeout connect 1s\n"
                "  timeout check 1s\n"
                "  timeout client 3600s\n"
                "  timeout server 3600s\n"
                "  option redispatch 1\n"
                "frontend clients\n"
                f"  bind 127.0.0.1:{self.port}\n"
                "  default_backend lynxdb\n"
                "backend lynxdb\n"
                "  balance roundrobin\n"
                "  option httpchk GET /health\n"
                "  http-check expect status 200\n"
                "  retry-on conn-failure empty-response 503\n" + servers)
        return ["haproxy", "-db", "-f", path]

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


def balancer_is_here():
    """Installs it where that is possible: clients then reach the nodes through a load balancer."""
    if shutil.which(front) is None:
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        # Two tests that start at once must not fight about dpkg's lock.
        with open(os.path.join(tempfile.gettempdir(), "lynxdb-install-deps.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if shutil.which(front) is None:
                subprocess.run([os.path.join(root, "scripts", "install-deps"), "--tests"],
                               check=False, timeout=400, stdout=subprocess.DEVNULL)
    if shutil.which(front) is None:
        print(f"{front} is missing and could not be installed: clients reach the nodes directly")
        return False
    return True


def shared_store(directory):
    """Settings of the object store: S3 where the environment names one, else a directory."""
    endpoint = os.environ.get("LYNXDB_S3_TEST_ENDPOINT")
    if endpoint:
        return [f's3_bucket: "{os.environ["LYNXDB_S3_TEST_BUCKET"]}"',
                f's3_endpoint: "{endpoint}"', 's3_force_path_style: true',
                f's3_prefix: "{os.path.basename(directory)}"']
    objects = os.path.join(directory, "objects")
    os.makedirs(objects)
    return [f'object_store: "file://{objects}"']


class Cluster:
    """`count` nodes over one object store; a context manager that leaves nothing running."""

    def __init__(self, binary, count=3, spare=0, cluster_settings=()):
        self.binary = binary
        self.directory = tempfile.mkdtemp(prefix="lynxdb-cluster-")
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.startswith("LYNXDB_")}
        ports = free_ports(2 * (count + spare) + 3)
        self.cluster_settings = list(cluster_settings) or ["partition_count: 12"]
        self.storage_settings = shared_store(self.directory) + ['flush_idle_timeout: "1s"']
        self.nodes = [Node(self, i + 1, ports[i], ports[count + spare + i])
                      for i in range(count + spare)]
        self.founders = self.nodes[:count]
        self.etcd = None
        if engine == "etcd":
            self.etcd = Etcd(os.path.join(self.directory, "etcd"), ports[-2], ports[-3])
            self.etcd.start()
            self.cluster_settings += ["metadata: etcd", f'etcd: {{endpoints: ["{self.etcd.url}"]}}']
        self.balancer = Balancer(self, ports[-1]) if balancer_is_here() else None

    def machine(self, number):
        """Host address of a node, and the words before a command that run it there."""
        return "127.0.0.1", []

    def address_of(self, node):
        """Where other nodes reach its cluster port."""
        return f"{node.host}:{node.cluster_port}"

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.balancer:
            self.balancer.stop()
        for node in self.nodes:
            if node.process is not None:
                try:
                    node.signal(signal.SIGCONT)
                except OSError:
                    pass
                node.kill()
        if self.etcd:
            self.etcd.kill()
        if error is not None:
            for node in self.nodes:
                if os.path.exists(os.path.join(node.directory, "log")):
                    print(f"--- {node.name}\n" + "\n".join(node.log_text().splitlines()[-40:]))
            if KEEPS_FILES:
                print("kept: " + self.directory)
                return
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        for node in self.founders:
            node.start()
        self.await_whole(self.founders)

    def running(self):
        return [node for node in self.nodes if node.process is not None]

    def await_whole(self, nodes=None, seconds=120):
        """Until all nodes are healthy, agree on who lives, and every copy is in sync."""
        nodes = nodes or self.running()

        def is_whole():
            for node in nodes:
                status = node.status()
                if not status or not node.is_healthy():
                    return False
                live = {each["node_id"] for each in status["nodes"] if each["state"] == "alive"}
                if not {each.name for each in nodes} <= live:
                    return False
                partitions = status["partitions"]
                if (partitions["total"] == 0 or partitions["leaderless"]
                        or partitions["under_replicated"] or status["node_count"] < len(nodes)):
                    return False
            return True

        try:
            await_true("a whole cluster", is_whole, seconds)
        except AssertionError:
            for node in nodes:
                print(f"{node.name}: {self.describe(node)}")
            raise

    @staticmethod
    def describe(node):
        try:
            return " ".join(node.request("GET", path, seconds=5)[1].decode() for path in
                            ("/health", "/api/v1/cluster/status", "/api/v1/cluster/partitions"))
        except OSError as error:
            return str(error)

    def metadata_leader(self):
        def find():
            for node in self.running():
                status = node.status()
                if status and status["meta_leader"]:
                    return status["meta_leader"]
            return None
        name = await_true("a leader of the metadata", find)
        return next(node for node in self.nodes if node.name == name)


class Writers:
    """Clients that send batches of events with unique ids through the balancer or to any node, and
    retry each with its batch id until it is acknowledged."""

    def __init__(self, cluster, threads=4, batch=20, hosts=64, seed=1, patience=40):
        """`patience`: seconds until another node is tried, as a load balancer would."""
        self.patience = patience
        self.seed = seed  # Of two at one cluster: different ones.
        self.cluster = cluster
        self.batch = batch
        self.hosts = hosts
        self.acknowledged = []
        self.sent = set()
        self.attempts = 0
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.last_acknowledged = {}  # Of each host: when.
        self.threads = [threading.Thread(target=self._run, args=(i, random.Random(seed * 1000 + i)))
                        for i in range(threads)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def count(self):
        with self.lock:
            return len(self.acknowledged)

    def await_more(self, count=500, seconds=60):
        """Until so many more events than now are acknowledged."""
        enough = self.count() + count
        await_true(f"{count} more events", lambda: self.count() >= enough, seconds)

    def _run(self, number, rng):
        sequence = 0
        while not self.stopping.is_set():
            ids = [f"w{self.seed}x{number}-{sequence}-{k}" for k in range(self.batch)]
            events = [{"id": one, "host": f"host-{rng.randrange(self.hosts)}", "word": f"z{one}z"}
                      for one in ids]
            with self.lock:
                self.sent.update(ids)
            body = "\n".join(json.dumps(event) for event in events)
            if self._deliver(rng, body, f"batch-{self.seed}-{number}-{sequence}"):
                now = time.monotonic()
                with self.lock:
                    self.acknowledged.extend(ids)
                    for event in events:
                        self.last_acknowledged[event["host"]] = now
            sequence += 1

    def _address(self, rng):
        """The balancer's mostly; some clients know the nodes."""
        balancer = self.cluster.balancer
        if balancer and rng.random() < 0.7:
            return "127.0.0.1", balancer.port
        node = rng.choice(self.cluster.nodes)
        return (node.host, node.http_port) if node.process is not None else None

    def _deliver(self, rng, body, batch_id):
        """True once it is acknowledged. At the end it is given up after 90 s: nobody knows."""
        end = None
        while True:
            with self.lock:
                self.attempts += 1
            address = self._address(rng)
            try:
                if address is not None:
                    status, answer = request(
                        address, "POST", "/api/v1/ingest", body,
                        {"X-LynxDB-Batch-Id": batch_id, "Content-Type": "application/x-ndjson"},
                        seconds=self.patience)
                    if status in (200, 201, 202):
                        return True
                    assert status in (429, 502, 503, 504), f"{status} {answer[:300]}"
            except OSError:
                pass
            if self.stopping.is_set():
                end = end or time.monotonic() + 90
                if time.monotonic() > end:
                    return False
            time.sleep(0.02)


def check_metadata(nodes):
    """All nodes agree on the metadata, byte by byte."""
    def agreed():
        states = [node.status() for node in nodes]
        if not all(states):
            return False
        seen = {(state["metadata_version"], state["metadata_hash"]) for state in states}
        # Of one version there is one hash, whenever it is seen.
        assert len({version for version, _ in seen}) == len(seen), seen
        return len(seen) == 1
    await_true("the same metadata everywhere", agreed)


def check_exact(writers, nodes):
    """Every acknowledged id exactly once, by scan, by term search and by `stats count by id`, on
    each of `nodes`; nothing that was never sent."""
    acknowledged = set(writers.acknowledged)
    check_metadata(nodes)
    for node in nodes:
        counts = {row["id"]: row["count"] for row in node.query("| stats count by id")}
        lost = acknowledged - counts.keys()
        doubled = {one: count for one, count in counts.items() if count != 1}
        phantoms = counts.keys() - writers.sent
        assert not lost, f"{node.name}: {len(lost)} lost by stats, such as {sorted(lost)[:5]}"
        assert not doubled, f"{node.name}: doubled by stats: {dict(list(doubled.items())[:5])}"
        assert not phantoms, f"{node.name}: never sent: {sorted(phantoms)[:5]}"
        scanned = [row["id"] for row in node.query("| table id")]
        assert len(scanned) == len(set(scanned)), f"{node.name}: doubled by scan"
        assert not acknowledged - set(scanned), f"{node.name}: lost by scan"
        for one in random.Random(7).sample(sorted(acknowledged), min(10, len(acknowledged))):
            found = node.query(f'search "z{one}z" | stats count')
            assert found[0]["count"] == 1, f"{node.name}: {one} by term search: {found}"
    return len(acknowledged)


def run_tests(tests):
    """`tests`: names and functions that take the binary. argv: binary, perhaps `--metadata etcd`
    and `--balancer haproxy`, then names (none: all)."""
    global engine, front
    words = sys.argv[1:]
    if "--metadata" in words:
        at = words.index("--metadata")
        engine = words[at + 1]
        del words[at:at + 2]
    if "--balancer" in words:
        at = words.index("--balancer")
        front = words[at + 1]
        del words[at:at + 2]
    # So that a test that is ended cleans up, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    binary = os.path.abspath(words[0])
    chosen = words[1:] or list(tests)
    for name in chosen:
        began = time.monotonic()
        tests[name](binary)
        print(f"ok {name} ({time.monotonic() - began:.1f} s)", flush=True)
