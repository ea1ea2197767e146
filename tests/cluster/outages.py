"""What a cluster keeps when its object store is away, or a disk is full. Run: outages.py BINARY [TEST...]

The object store is S3 where the environment names one (tests/s3/radosgw.sh run): it is reached through a
proxy of this program, which can hang up.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.parse

from cluster import Cluster, Writers, await_true, check_exact, run_tests
from failover import ROUNDS, describe, first_acknowledged_again, state_of
from proxy import Proxy

SKIPPED = 77
# How long the object store is away. `scripts/test --long` waits a minute.
OUTAGE_SECONDS = float(os.environ.get("LYNXDB_OUTAGE_SECONDS", "60"))


def pending_uploads(node):
    status, body = node.request("GET", "/api/v1/status", seconds=5)
    assert status == 200, status
    return json.loads(body)["data"]["uploads"]["pending"]


def partitions(cluster):
    """Of each partition: the end of its log, and how much of it is in segments."""
    ends, flushed = {}, {}
    for node in cluster.nodes:
        status, body = node.request("GET", "/api/v1/cluster/partitions", seconds=5)
        assert status == 200, status
        for row in json.loads(body)["data"]:
            id = row["partition"]
            flushed[id] = max(flushed.get(id, 0), row["flushed_offset"])
            if row["log_end"] is not None:
                ends[id] = max(ends.get(id, 0), row["log_end"])
    return ends, flushed


def unflushed(cluster):
    """Events that are in no segment."""
    ends, flushed = partitions(cluster)
    return sum(max(0, end - flushed[id]) for id, end in ends.items())


def log_ends(cluster):
    return partitions(cluster)[0]


def are_flushed(cluster, ends):
    flushed = partitions(cluster)[1]
    return all(flushed[id] >= end for id, end in ends.items())


def keeps_all_while_s3_is_down(binary):
    endpoint = os.environ.get("LYNXDB_S3_TEST_ENDPOINT")
    if not endpoint:
        print("skipped: LYNXDB_S3_TEST_ENDPOINT names no S3 service")
        sys.exit(SKIPPED)
    url = urllib.parse.urlsplit(endpoint)
    proxy = Proxy(url.hostname, url.port)
    os.environ["LYNXDB_S3_TEST_ENDPOINT"] = f"http://127.0.0.1:{proxy.port}"
    with Cluster(binary) as cluster:
        cluster.start()
        times = []
        with Writers(cluster) as writers:
            await_true("a first flush", lambda: any(
                row["flushed_offset"] > 0 for row in json.loads(cluster.nodes[0].request(
                    "GET", "/api/v1/cluster/partitions")[1])["data"]))
            for i in range(ROUNDS):
                # The first time it is away for long, and a node dies meanwhile.
                seconds = OUTAGE_SECONDS if i == 0 else 5
                proxy.hang_up()
                began, before = time.monotonic(), writers.count()
                while time.monotonic() < began + seconds:
                    writers.await_more(100)
                    time.sleep(0.5)
                taken, waiting = writers.count() - before, unflushed(cluster)
                assert waiting > taken / 2, (waiting, taken)
                if i == 0:
                    print(f"S3 away for {seconds:.0f} s: {taken} events taken, {waiting} waited",
                          flush=True)
                    # What no segment has is in the logs of the others.
                    cluster.nodes[0].kill()
                    cluster.nodes[0].start()
                    cluster.await_whole()
                began = time.monotonic()
                proxy.go_on()
                reached = log_ends(cluster)
                await_true("what waited is in segments", lambda: are_flushed(cluster, reached))
                times.append(time.monotonic() - began)
        await_true("everything is in segments",
                   lambda: unflushed(cluster) == 0 and not any(map(pending_uploads, cluster.nodes)))
        print(f"S3 came back: {describe(times, 'what waited is uploaded')}; "
              f"{check_exact(writers, cluster.nodes)} events")


class SmallDisk:
    """A file system of `megabytes` in memory, below a node's directory."""

    def __init__(self, path, megabytes):
        self.path = path
        os.makedirs(path, exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", path],
                              capture_output=True, text=True)
        if done.returncode != 0:
            print("skipped: this machine mounts no tmpfs: " + done.stderr.strip())
            sys.exit(SKIPPED)

    def fill(self):
        """Leaves no room at all."""
        with open(os.path.join(self.path, "ballast"), "wb") as file:
            try:
                while True:
                    os.write(file.fileno(), bytes(1 << 16))
            except OSError:
                pass

    def empty(self):
        os.unlink(os.path.join(self.path, "ballast"))

    def unmount(self):
        subprocess.run(["umount", "-l", self.path], check=True)


def keeps_all_when_a_disk_is_full(binary):
    """A node that cannot write lets others lead; with room again it comes back."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        print("skipped: a small disk needs root")
        sys.exit(SKIPPED)
    with Cluster(binary) as cluster:
        node = cluster.nodes[2]
        disk = SmallDisk(os.path.join(node.directory, "data"), 96)
        try:
            cluster.start()
            times, returns = [], []
            with Writers(cluster, patience=3) as writers:
                for _ in range(ROUNDS):
                    writers.await_more(500)
                    disk.fill()
                    began = time.monotonic()
                    await_true("the full node is fenced", lambda: state_of(cluster.nodes[0], node)
                               == "fenced", 30)
                    times.append(first_acknowledged_again(writers, began))
                    writers.await_more(1000)
                    disk.empty()
                    began = time.monotonic()
                    if node.process.poll() is not None:
                        node.process = None
                        node.start()
                    cluster.await_whole()
                    returns.append(time.monotonic() - began)
            print(f"disk full: {describe(times)}; with room: {describe(returns, 'whole again')}; "
                  f"{check_exact(writers, cluster.nodes)} events")
        finally:
            if node.process is not None:
                node.kill()
            disk.unmount()


if __name__ == "__main__":
    run_tests({function.__name__: function for function in [
        keeps_all_while_s3_is_down,
        keeps_all_when_a_disk_is_full,
    ]})
