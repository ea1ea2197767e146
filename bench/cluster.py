#!/usr/bin/env python3
"""Three nodes on this machine beside a single one, in one run: what comes in, how long one event takes, queries.

  bench/cluster.py LYNXDB [--events N] [--singles N] [--runs N]

  --events N   of the bulk load, some 400 bytes each, of 64 hosts; default 1000000
  --singles N  requests with one event each, one after the other; default 3000
  --runs N     of each query, after one to warm up; default 9

The cluster has replication factor 3: each event is received by one node, sent to the leader of its partition and
from there to two others, and written three times, all on the processors and the disk of this machine; an answer
means that two nodes have it. Bulk loads are `lynxdb ingest`; queries go through HTTP to one node.
"""

import argparse
import http.client
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/cluster"))
from cluster import Cluster, await_true, free_ports, request  # noqa: E402

QUERIES = {
    "count by status": "| stats count by status",
    "p95 by uri where status>=500": "where status>=500 | stats p95(duration_ms), count by uri",
    "dc(user)": "| stats dc(user)",
    "timechart by level": "| timechart span=1h count by level",
    "rare text": 'search "needle-7" | stats count',
    "newest 100 of one host": "search host=host-7 | head 100",
}


def make_log(path, events):
    rng = random.Random(5)
    start = int(time.time() * 1000) - events * 40  # Recent: what is old is not kept.
    uris = [f"/api/v1/{name}/{number}" for name in ("users", "orders", "search", "cart") for number in range(25)]
    with open(path, "w") as file:
        for number in range(events):
            status = rng.choice((200, 200, 200, 200, 201, 304, 404, 500, 503))
            word = f" needle-{number // 100000}" if number % 100000 == 77777 else ""
            file.write(
                f'{{"timestamp":{start + number * 40},"host":"host-{rng.randrange(64)}",'
                f'"level":"{"error" if status >= 500 else "info"}","status":{status},'
                f'"duration_ms":{rng.expovariate(1 / 40):.1f},"bytes":{rng.randrange(200, 90000)},'
                f'"user":"user{rng.randrange(20000)}","uri":"{rng.choice(uris)}","method":"GET",'
                f'"message":"request {rng.getrandbits(64):016x} served by pool {rng.randrange(16)} in region eu-{rng.randrange(4)}, '
                f'cache {"hit" if rng.random() < .7 else "miss"}, upstream 10.0.{rng.randrange(256)}.{rng.randrange(256)}{word}"}}\n')


class Single:
    """One server with default settings."""

    def __init__(self, binary):
        self.directory = tempfile.mkdtemp(prefix="lynxdb-bench-")
        self.port = free_ports(1)[0]
        self.process = subprocess.Popen(
            [binary, "server", "--quiet", "--addr", f"127.0.0.1:{self.port}", "--data-dir", self.directory + "/data",
             "--retention", "0"], stdin=subprocess.DEVNULL)

    def __enter__(self):
        def is_up():
            try:
                return request(("127.0.0.1", self.port), "GET", "/health", seconds=5)[0] == 200
            except OSError:
                return False
        await_true("the server", is_up)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def ports(self):
        return [self.port]

    def pids(self):
        return [self.process.pid]


class Three:
    """A cluster with default settings, but for one retention and its ports."""

    def __init__(self, binary):
        self.cluster = Cluster(binary, cluster_settings=["replication_factor: 3"])
        self.cluster.storage_settings = [line for line in self.cluster.storage_settings if "flush_idle" not in line]

    def __enter__(self):
        self.cluster.__enter__()
        self.cluster.start()
        return self

    def __exit__(self, *error):
        self.cluster.__exit__(*error)

    def ports(self):
        return [node.http_port for node in self.cluster.nodes]

    def pids(self):
        return [node.process.pid for node in self.cluster.nodes]


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def load(binary, log, system):
    """Wall and CPU seconds until the whole log is acknowledged; one sender for each node."""
    ports, before = system.ports(), cpu_seconds(system.pids())
    lines = open(log, "rb").read().splitlines(keepends=True)
    began, senders = time.monotonic(), []
    for number, port in enumerate(ports):
        part = b"".join(lines[number::len(ports)])
        sender = subprocess.Popen([binary, "ingest", "--quiet", "--server", f"http://127.0.0.1:{port}", "-"],
                                  stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        senders.append((sender, part))
    import threading
    threads = [threading.Thread(target=sender.communicate, args=(part,)) for sender, part in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(sender.returncode == 0 for sender, _ in senders)
    return time.monotonic() - began, cpu_seconds(system.pids()) - before


def latencies(system, count):
    """Milliseconds of requests with one event each, in turn to each node."""
    connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for port in system.ports()]
    times = []
    for number in range(count):
        connection = connections[number % len(connections)]
        body = json.dumps({"host": f"host-{number % 64}", "message": f"single {number}"})
        began = time.perf_counter()
        connection.request("POST", "/api/v1/ingest", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        assert response.status in (200, 202), response.status
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)


def query_ms(system, text, runs):
    """Median of the wall time, and the answer."""
    times = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        status, body = request(("127.0.0.1", system.ports()[0]), "POST", "/api/v1/query",
                               json.dumps({"q": text}), {"Content-Type": "application/json"}, seconds=120)
        times.append((time.perf_counter() - began) * 1000)
        assert status == 200, (status, body[:300])
    return sorted(times[1:])[runs // 2], json.loads(body)["data"]


def is_flushed(system):
    status = json.loads(request(("127.0.0.1", system.ports()[0]), "GET", "/api/v1/status")[1])["data"]
    nodes = status.get("cluster", {}).get("nodes")
    if nodes:
        return all(each.get("unflushed_events") == 0 for each in nodes)
    return json.loads(request(("127.0.0.1", system.ports()[0]), "GET", "/api/v1/stats")[1])["data"].get(
        "buffered_events", 0) == 0


def canonical(answer):
    return json.dumps(answer, sort_keys=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--singles", type=int, default=3000)
    parser.add_argument("--runs", type=int, default=9)
    arguments = parser.parse_args()
    binary = os.path.abspath(arguments.binary)
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log.ndjson")
        make_log(log, arguments.events)
        megabytes = os.path.getsize(log) / 1e6
        print(f"{arguments.events} events, {megabytes:.0f} MB, {os.cpu_count()} processors\n")
        print(f"{'':32} {'one node':>12} {'three nodes':>12}")
        figures, answers = {}, {}
        for name, system_type in (("one", Single), ("three", Three)):
            with system_type(binary) as system:
                wall, cpu = load(binary, log, system)
                row = {"acknowledged MB/s": megabytes / wall, "acknowledged events/s": arguments.events / wall,
                       "CPU s of the servers": cpu}
                times = latencies(system, arguments.singles)
                row["one event, p50 ms"] = times[len(times) // 2]
                row["one event, p99 ms"] = times[len(times) * 99 // 100]
                for label, text in QUERIES.items():
                    row[label + ", in memory ms"], _ = query_ms(system, text, arguments.runs)
                await_true("flush", lambda: is_flushed(system), 240)
                for label, text in QUERIES.items():
                    row[label + ", flushed ms"], answer = query_ms(system, text, arguments.runs)
                    answers.setdefault(label, []).append(canonical(answer))
                figures[name] = row
        for label, one in figures["one"].items():
            print(f"{label:40} {one:12.1f} {figures['three'][label]:12.1f}")
        for label, (one, three) in answers.items():
            if label != "newest 100 of one host":  # Whose order within one time is open.
                assert one == three, f"{label}: answers differ"
        print("\nsame answers from both")


if __name__ == "__main__":
    main()
