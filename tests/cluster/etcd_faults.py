"""What a cluster keeps when the etcd that holds its metadata fails. Run: etcd_faults.py BINARY [TEST...]"""

import signal
import sys
import threading
import time

from cluster import Cluster, Writers, await_true, check_exact, run_tests
from failover import describe, first_acknowledged_again

AWAY_SECONDS = 10


def cut_off_nodes(take_away, give_back):
    """Rounds of: etcd goes, stays away under load, comes back, everything goes on."""
    def run(binary, rounds=2):
        with Cluster(binary) as cluster:
            cluster.start()
            times = []
            with Writers(cluster) as writers:
                for _ in range(rounds):
                    before = writers.count()
                    await_true("progress", lambda: writers.count() > before + 500)
                    take_away(cluster.etcd)
                    time.sleep(AWAY_SECONDS)
                    give_back(cluster.etcd)
                    times.append(first_acknowledged_again(writers, time.monotonic()))
                    cluster.await_whole()
            print(f"etcd away for {AWAY_SECONDS} s: {describe(times)} after it came back; "
                  f"{check_exact(writers, cluster.nodes)} events")
    return run


def keeps_all_when_etcd_is_killed(binary):
    cut_off_nodes(lambda etcd: etcd.kill(), lambda etcd: etcd.start())(binary)


def keeps_all_when_etcd_is_silent(binary):
    cut_off_nodes(lambda etcd: etcd.signal(signal.SIGSTOP),
                  lambda etcd: etcd.signal(signal.SIGCONT))(binary)


def keeps_all_while_etcd_is_slow(binary):
    """It answers only every half second, while a node is killed and comes back."""
    with Cluster(binary) as cluster:
        cluster.start()
        over = threading.Event()

        def hinder():
            while not over.is_set():
                cluster.etcd.signal(signal.SIGSTOP)
                time.sleep(0.5)
                cluster.etcd.signal(signal.SIGCONT)
                time.sleep(0.1)

        hindering = threading.Thread(target=hinder)
        with Writers(cluster) as writers:
            hindering.start()
            try:
                await_true("progress", lambda: writers.count() > 500)
                victim = cluster.metadata_leader()
                began = time.monotonic()
                victim.kill()
                times = [first_acknowledged_again(writers, began)]
                victim.start()
                cluster.await_whole()
            finally:
                over.set()
                hindering.join()
        print(f"slow etcd, leader killed: {describe(times)}; "
              f"{check_exact(writers, cluster.nodes)} events")


def refuses_a_node_whose_cluster_etcd_does_not_know(binary):
    """An empty etcd in the place of the old one: no node makes a second cluster over its data."""
    with Cluster(binary) as cluster:
        cluster.start()
        for node in cluster.nodes:
            node.kill()
        cluster.etcd.kill()
        cluster.etcd.wipe()
        cluster.etcd.start()
        for node in cluster.nodes:
            node.start()
        for node in cluster.nodes:
            await_true("the end of a node", lambda: node.process.poll() is not None, 30)
            assert "knows of no cluster" in node.log_text(), node.log_text()[-500:]


if __name__ == "__main__":
    sys.argv += ["--metadata", "etcd"]
    run_tests({function.__name__: function for function in [
        keeps_all_when_etcd_is_killed,
        keeps_all_when_etcd_is_silent,
        keeps_all_while_etcd_is_slow,
        refuses_a_node_whose_cluster_etcd_does_not_know,
    ]})
