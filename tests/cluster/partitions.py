"""What a cluster keeps when the network between its nodes fails. Each node has a network namespace of
its own, all of them in one that this program makes for itself. Run as root: partitions.py BINARY [TEST...]
"""

import os
import shutil
import subprocess
import sys
import time

from cluster import Cluster, Writers, await_true, check_exact, run_tests
from failover import describe, first_acknowledged_again

SKIPPED = 77
INSIDE = "LYNXDB_TEST_IN_NAMESPACE"


def ip(*words):
    subprocess.run(["ip", *words], check=True, stdout=subprocess.DEVNULL)


class Network:
    """A bridge with a machine on each port: 10.99.0.N. Its cables can be pulled."""

    def __init__(self, count):
        ip("link", "set", "lo", "up")
        ip("link", "add", "bridge", "type", "bridge")
        ip("addr", "add", "10.99.0.254/24", "dev", "bridge")
        ip("link", "set", "bridge", "up")
        for number in range(1, count + 1):
            name, cable = self.name(number), self.cable(number)
            ip("netns", "add", name)
            ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", cable, "master", "bridge", "up")
            ip("-n", name, "addr", "add", f"10.99.0.{number}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")

    @staticmethod
    def name(number):
        return f"node{number}"

    @staticmethod
    def cable(number):
        return f"cable{number}"

    def cut_off(self, number):
        ip("link", "set", self.cable(number), "down")

    def connect(self, number):
        ip("link", "set", self.cable(number), "up")

    def cut(self, one, other):
        """Nothing goes from one to the other; the way back stays."""
        ip("-n", self.name(one), "route", "add", "blackhole", f"10.99.0.{other}/32")

    def mend(self, one, other):
        ip("-n", self.name(one), "route", "del", "blackhole", f"10.99.0.{other}/32")

    def remove(self):
        for line in subprocess.run(["ip", "netns", "list"], capture_output=True, text=True,
                                   check=True).stdout.splitlines():
            ip("netns", "del", line.split()[0])
        ip("link", "del", "bridge")


class NetworkedCluster(Cluster):
    def __init__(self, binary, count=3):
        self.network = Network(count)
        super().__init__(binary, count)

    def machine(self, number):
        return f"10.99.0.{number}", ["ip", "netns", "exec", Network.name(number)]

    def __exit__(self, kind, error, trace):
        super().__exit__(kind, error, trace)
        self.network.remove()


def impatient(cluster):
    return Writers(cluster, threads=8, patience=1.5)


def keeps_all_when_a_node_is_cut_off(binary):
    with NetworkedCluster(binary) as cluster:
        cluster.start()
        times = []
        with impatient(cluster) as writers:
            for node in cluster.nodes:
                before = writers.count()
                await_true("progress", lambda: writers.count() > before + 500)
                began = time.monotonic()
                cluster.network.cut_off(node.number)
                times.append(first_acknowledged_again(writers, began))
                time.sleep(2)
                cluster.network.connect(node.number)
                cluster.await_whole()
        print(f"cut off: {describe(times)}; {check_exact(writers, cluster.nodes)} events")


def keeps_all_when_the_metadata_leader_is_cut_off(binary):
    with NetworkedCluster(binary) as cluster:
        cluster.start()
        times = []
        with impatient(cluster) as writers:
            for _ in range(2):
                leader = cluster.metadata_leader()
                began = time.monotonic()
                cluster.network.cut_off(leader.number)
                times.append(first_acknowledged_again(writers, began))
                time.sleep(2)
                cluster.network.connect(leader.number)
                cluster.await_whole()
        print(f"metadata leader cut off: {describe(times)}; "
              f"{check_exact(writers, cluster.nodes)} events")


def keeps_all_when_one_link_is_cut(binary):
    """Both directions between two nodes, then one only; the third node reaches both."""
    with NetworkedCluster(binary) as cluster:
        cluster.start()
        network = cluster.network
        with impatient(cluster) as writers:
            for pairs in ([(1, 2), (2, 1)], [(2, 3)], [(3, 1)]):
                before = writers.count()
                await_true("progress", lambda: writers.count() > before + 500)
                for pair in pairs:
                    network.cut(*pair)
                time.sleep(12)
                for pair in pairs:
                    network.mend(*pair)
                cluster.await_whole(seconds=90)
        print(f"one link cut: {check_exact(writers, cluster.nodes)} events")


def enter_namespace():
    """Runs this program again in a network namespace of its own; exits."""
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("unshare"):
        print("skipped: network namespaces need root, iproute2 and unshare")
        sys.exit(SKIPPED)
    script = ("mkdir -p /run/netns && mount -t tmpfs none /run/netns && "
              'mount -t sysfs none /sys 2>/dev/null; exec "$@"')
    words = ["unshare", "--net", "--mount", "sh", "-c", script, "sh", sys.executable, *sys.argv]
    probe = subprocess.run(words[:5] + ["mkdir -p /run/netns && mount -t tmpfs none /run/netns && "
                                        "ip netns add probe && ip netns del probe"],
                           capture_output=True, text=True)
    if probe.returncode != 0:
        print("skipped: this machine makes no network namespaces: " + probe.stderr.strip())
        sys.exit(SKIPPED)
    sys.exit(subprocess.run(words, env={**os.environ, INSIDE: "1"}).returncode)


if __name__ == "__main__":
    if INSIDE not in os.environ:
        enter_namespace()
    run_tests({function.__name__: function for function in [
        keeps_all_when_a_node_is_cut_off,
        keeps_all_when_the_metadata_leader_is_cut_off,
        keeps_all_when_one_link_is_cut,
    ]})
