"""What a cluster keeps when the network between its nodes fails. Each node has a network namespace of
its own, all of them in one that this program makes for itself. Run as root: partitions.py BINARY [TEST...]
"""

import json
import os
import shutil
import subprocess
import sys
import time

from cluster import Cluster, Writers, await_true, check_exact, run_tests
from failover import ROUNDS, describe, first_acknowledged_again, state_of
from proxy import MetadataProxy

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


def cut_off_again_and_again(binary, who, choose):
    """`choose(cluster, round)`: whose cable is pulled."""
    with NetworkedCluster(binary) as cluster:
        cluster.start()
        times, returns = [], []
        with impatient(cluster) as writers:
            for i in range(ROUNDS):
                writers.await_more(500)
                node = choose(cluster, i)
                began = time.monotonic()
                cluster.network.cut_off(node.number)
                times.append(first_acknowledged_again(writers, began))
                writers.await_more(500)
                began = time.monotonic()
                cluster.network.connect(node.number)
                cluster.await_whole()
                returns.append(time.monotonic() - began)
        print(f"{who} cut off: {describe(times)}; connected: {describe(returns, 'whole again')}; "
              f"{check_exact(writers, cluster.nodes)} events")


def keeps_all_when_a_node_is_cut_off(binary):
    cut_off_again_and_again(binary, "node", lambda cluster, i: cluster.nodes[i % 3])


def keeps_all_when_the_metadata_leader_is_cut_off(binary):
    cut_off_again_and_again(binary, "metadata leader", lambda cluster, _: cluster.metadata_leader())


def keeps_all_when_one_link_is_cut(binary):
    """Both directions between two nodes, then one only; the third node reaches both."""
    cuts = [[(1, 2), (2, 1)], [(2, 3)], [(3, 1)], [(2, 3), (3, 2)], [(1, 2)]]
    with NetworkedCluster(binary) as cluster:
        cluster.start()
        network = cluster.network
        times, returns = [], []
        with impatient(cluster) as writers:
            for i in range(max(3, ROUNDS)):
                writers.await_more(500)
                pairs = cuts[i % len(cuts)]
                began = time.monotonic()
                for pair in pairs:
                    network.cut(*pair)
                times.append(first_acknowledged_again(writers, began))
                # Longer than it takes to be fenced, or to be put out of step.
                time.sleep(max(0, began + 12 - time.monotonic()))
                began = time.monotonic()
                for pair in pairs:
                    network.mend(*pair)
                cluster.await_whole(seconds=90)
                returns.append(time.monotonic() - began)
        print(f"one link cut: {describe(times)}; mended: {describe(returns, 'whole again')}; "
              f"{check_exact(writers, cluster.nodes)} events")


class SplitCluster(NetworkedCluster):
    """Nodes reach each other through proxies, which can cut what is about the metadata and let events
    pass. All of that is on one port: connections are told apart by the methods that are called."""

    def __init__(self, binary, count=3):
        self.cut = set()  # Addresses of machines.
        self.proxies = {}
        super().__init__(binary, count)
        for node in self.nodes:
            self.proxies[node.number] = MetadataProxy(
                (node.host, node.cluster_port), "10.99.0.254",
                lambda address, host=node.host: bool(self.cut & {address, host}))

    def address_of(self, node):
        return f"10.99.0.254:{self.proxies[node.number].port}"

    def cut_metadata(self, nodes):
        self.cut = {node.host for node in nodes}

    def mend_metadata(self):
        self.cut = set()
        for proxy in self.proxies.values():
            proxy.look_again()

    def __exit__(self, kind, error, trace):
        for proxy in self.proxies.values():
            proxy.close()
        super().__exit__(kind, error, trace)


def cut_metadata_again_and_again(binary, who, choose):
    with SplitCluster(binary) as cluster:
        cluster.start()
        times, returns = [], []
        with impatient(cluster) as writers:
            for i in range(ROUNDS):
                writers.await_more(500)
                node = choose(cluster, i)
                rest = [each for each in cluster.nodes if each is not node]
                began = time.monotonic()
                cluster.cut_metadata([node])
                await_true("it is fenced", lambda: "fenced" in [
                    state_of(each, node) for each in rest], 30)
                times.append(first_acknowledged_again(writers, began))
                writers.await_more(500)
                # Whoever is asked knows all or says that it does not know.
                status, body = node.request("GET", "/health")
                assert status == 503, (status, body)
                began = time.monotonic()
                cluster.mend_metadata()
                cluster.await_whole()
                returns.append(time.monotonic() - began)
        assert_kinds_are_known(cluster)
        print(f"metadata of {who} cut: {describe(times)}; mended: {describe(returns, 'whole again')}; "
              f"{check_exact(writers, cluster.nodes)} events")


def assert_kinds_are_known(cluster):
    seen = set().union(*(proxy.methods for proxy in cluster.proxies.values()))
    assert {"Raft", "Replicate", "Append"} <= seen, seen


def keeps_all_when_a_follower_of_the_metadata_is_cut_from_it(binary):
    def choose(cluster, i):
        leader = cluster.metadata_leader()
        return [node for node in cluster.nodes if node is not leader][i % 2]
    cut_metadata_again_and_again(binary, "a follower", choose)


def keeps_all_when_the_metadata_leader_is_cut_from_it(binary):
    cut_metadata_again_and_again(binary, "the leader", lambda cluster, _: cluster.metadata_leader())


def lease_seconds(node):
    status, body = node.request("GET", "/api/v1/cluster/status", seconds=5)
    assert status == 200, (status, body[:300])
    return json.loads(body)["data"]["lease_seconds"]


def keeps_all_when_nobody_reaches_the_metadata(binary):
    """No lease lasts, so writes stop; they go on by themselves."""
    with SplitCluster(binary) as cluster:
        cluster.start()
        times = []
        with impatient(cluster) as writers:
            for _ in range(ROUNDS):
                writers.await_more(500)
                cluster.cut_metadata(cluster.nodes)
                # A light may be red before: as soon as nobody leads the metadata.
                await_true("the end of all leases", lambda: not any(
                    lease_seconds(node) > 0 for node in cluster.nodes), 30)
                assert not any(node.is_healthy() for node in cluster.nodes)
                # What was acknowledged before may be on its way to a client still.
                time.sleep(0.5)
                before = writers.count()
                time.sleep(3)
                more = writers.count() - before
                assert more == 0, f"{more} events were acknowledged without a lease"
                began = time.monotonic()
                cluster.mend_metadata()
                times.append(first_acknowledged_again(writers, began))
                cluster.await_whole()
        assert_kinds_are_known(cluster)
        print(f"metadata of all cut, then mended: {describe(times)}; "
              f"{check_exact(writers, cluster.nodes)} events")


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
    os.execvpe(words[0], words, {**os.environ, INSIDE: "1"})


if __name__ == "__main__":
    if INSIDE not in os.environ:
        enter_namespace()
    run_tests({function.__name__: function for function in [
        keeps_all_when_a_node_is_cut_off,
        keeps_all_when_the_metadata_leader_is_cut_off,
        keeps_all_when_one_link_is_cut,
        keeps_all_when_a_follower_of_the_metadata_is_cut_from_it,
        keeps_all_when_the_metadata_leader_is_cut_from_it,
        keeps_all_when_nobody_reaches_the_metadata,
    ]})
