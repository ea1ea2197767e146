"""What a cluster keeps when its object store is away, or a disk is full. Run: outages.py BINARY [TEST...]

The object store is S3 where the environment names one (tests/s3/radosgw.sh run): it is reached through a
proxy of this program, which can hang up.
"""

import json
import os
import select
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

from cluster import Cluster, Writers, await_true, check_exact, run_tests

SKIPPED = 77
# How long the object store is away. `scripts/test --long` waits a minute.
OUTAGE_SECONDS = float(os.environ.get("LYNXDB_OUTAGE_SECONDS", "60"))


class Proxy:
    """TCP in front of `host:port`; while it is down it refuses and hangs up."""

    def __init__(self, host, port):
        self.target = (host, port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.is_up = True
        self.connections = set()
        self.lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def hang_up(self):
        with self.lock:
            self.is_up = False
            connections, self.connections = self.connections, set()
        for each in connections:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def go_on(self):
        with self.lock:
            self.is_up = True

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            with self.lock:
                takes = self.is_up
            if takes:
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()
            else:
                client.close()

    def _carry(self, client):
        try:
            server = socket.create_connection(self.target, 5)
        except OSError:
            client.close()
            return
        with self.lock:
            self.connections |= {client, server}
        try:
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(1 << 16)
                    if not data:
                        return
                    (server if ready is client else client).sendall(data)
        except OSError:
            pass
        finally:
            with self.lock:
                self.connections -= {client, server}
            client.close()
            server.close()


def pending_uploads(node):
    status, body = node.request("GET", "/api/v1/status", seconds=5)
    assert status == 200, status
    return json.loads(body)["data"]["uploads"]["pending"]


def unflushed(cluster):
    """Events that are in no segment, of all partitions."""
    ends = {}
    for node in cluster.nodes:
        status, body = node.request("GET", "/api/v1/cluster/partitions", seconds=5)
        assert status == 200, status
        for row in json.loads(body)["data"]:
            if row["log_end"] is not None:
                ends[row["partition"]] = max(ends.get(row["partition"], 0),
                                             row["log_end"] - row["flushed_offset"])
    return sum(ends.values())


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
        with Writers(cluster) as writers:
            await_true("a first flush", lambda: any(
                row["flushed_offset"] > 0 for row in json.loads(cluster.nodes[0].request(
                    "GET", "/api/v1/cluster/partitions")[1])["data"]))
            proxy.hang_up()
            began, before = time.monotonic(), writers.count()
            while time.monotonic() < began + OUTAGE_SECONDS:
                count = writers.count()
                await_true("events are taken", lambda: writers.count() > count + 100)
                time.sleep(1)
            taken, waiting = writers.count() - before, unflushed(cluster)
            assert waiting > taken / 2, (waiting, taken)
            # A node dies meanwhile: what no segment has is in the logs of the others.
            cluster.nodes[0].kill()
            cluster.nodes[0].start()
            cluster.await_whole()
            proxy.go_on()
        await_true("everything is in segments",
                   lambda: unflushed(cluster) == 0 and not any(map(pending_uploads, cluster.nodes)))
        print(f"S3 away for {OUTAGE_SECONDS:.0f} s: {taken} events taken, {waiting} waited; "
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
            with Writers(cluster, patience=3) as writers:
                await_true("progress", lambda: writers.count() > 500)
                disk.fill()
                for _ in range(5):
                    count = writers.count()
                    await_true("events are taken", lambda: writers.count() > count + 200, 90)
                disk.empty()
                if node.process.poll() is not None:
                    node.process = None
                    node.start()
                cluster.await_whole()
                count = writers.count()
                await_true("progress", lambda: writers.count() > count + 500)
            print(f"disk full: {check_exact(writers, cluster.nodes)} events")
        finally:
            if node.process is not None:
                node.kill()
            disk.unmount()


if __name__ == "__main__":
    run_tests({function.__name__: function for function in [
        keeps_all_while_s3_is_down,
        keeps_all_when_a_disk_is_full,
    ]})
