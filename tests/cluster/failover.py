"""What a cluster keeps when nodes die, pause, stop and come back. Run: failover.py BINARY [TEST...]"""

import os
import random
import signal
import statistics
import time

from cluster import Cluster, Writers, await_true, check_exact, run_tests


# Of each kind of fault. `scripts/test --long` asks for more.
ROUNDS = int(os.environ.get("LYNXDB_CLUSTER_ROUNDS", "2"))


def forms_in_any_order_and_answers_on_every_node(binary):
    with Cluster(binary) as cluster:
        for node in reversed(cluster.founders):
            node.start()
            time.sleep(0.3)
        cluster.await_whole()
        with Writers(cluster) as writers:
            await_true("5000 events", lambda: writers.count() >= 5000)
        check_exact(writers, cluster.nodes)
        # All stop, all come back.
        for node in cluster.nodes:
            node.stop()
        for node in cluster.nodes:
            node.start()
        cluster.await_whole()
        check_exact(writers, cluster.nodes)


def first_acknowledged_again(writers, began):
    """Seconds from the fault, at `began`, until each host had a write acknowledged again."""
    def all_acknowledged():
        with writers.lock:
            times = dict(writers.last_acknowledged)
        return len(times) == writers.hosts and min(times.values()) > began and max(times.values())
    await_true("writes everywhere", all_acknowledged, 60)
    with writers.lock:
        return max(0.0, min(writers.last_acknowledged.values()) - began)


def keeps_all_when_nodes_are_killed(binary, rounds=ROUNDS):
    with Cluster(binary) as cluster:
        cluster.start()
        rng = random.Random(5)
        times = []
        with Writers(cluster) as writers:
            for _ in range(rounds):
                before = writers.count()
                await_true("progress", lambda: writers.count() > before + 500)
                victim = rng.choice(cluster.nodes)
                began = time.monotonic()
                victim.kill()
                times.append(first_acknowledged_again(writers, began))
                victim.start()
                cluster.await_whole()
        print(f"killed: {describe(times)}; {check_exact(writers, cluster.nodes)} events")


def keeps_all_when_the_metadata_leader_is_killed(binary, rounds=ROUNDS):
    with Cluster(binary) as cluster:
        cluster.start()
        times = []
        with Writers(cluster) as writers:
            for _ in range(rounds):
                victim = cluster.metadata_leader()
                began = time.monotonic()
                victim.kill()
                times.append(first_acknowledged_again(writers, began))
                victim.start()
                cluster.await_whole()
        print(f"metadata leader killed: {describe(times)}; "
              f"{check_exact(writers, cluster.nodes)} events")


def keeps_all_when_a_node_is_silent(binary, rounds=ROUNDS):
    with Cluster(binary) as cluster:
        cluster.start()
        times = []
        with Writers(cluster, threads=8, patience=1.5) as writers:
            for _ in range(rounds):
                victim = cluster.nodes[1]
                began = time.monotonic()
                victim.signal(signal.SIGSTOP)
                times.append(first_acknowledged_again(writers, began))
                time.sleep(3)
                victim.signal(signal.SIGCONT)
                cluster.await_whole()
        print(f"stopped with SIGSTOP: {describe(times)}; "
              f"{check_exact(writers, cluster.nodes)} events")


def keeps_all_in_a_rolling_restart(binary):
    with Cluster(binary) as cluster:
        cluster.start()
        times = []
        with Writers(cluster) as writers:
            for node in cluster.nodes:
                before = writers.count()
                await_true("progress", lambda: writers.count() > before + 500)
                began = time.monotonic()
                node.stop()
                times.append(first_acknowledged_again(writers, began))
                node.start()
                cluster.await_whole()
        print(f"stopped in order: {describe(times)}; {check_exact(writers, cluster.nodes)} events")


def keeps_all_when_a_node_loses_its_disk(binary):
    """A node loses its disk: it comes back empty under its name, and gets its copies anew."""
    with Cluster(binary) as cluster:
        cluster.start()
        with Writers(cluster) as writers:
            for _ in range(ROUNDS):
                before = writers.count()
                await_true("progress", lambda: writers.count() > before + 500)
                victim = cluster.metadata_leader()
                victim.kill()
                victim.wipe()
                victim.start()
                cluster.await_whole()
        print(f"disk lost: {check_exact(writers, cluster.nodes)} events")


def takes_in_a_fourth_node_and_lets_one_go(binary):
    with Cluster(binary, spare=1) as cluster:
        cluster.start()
        fourth = cluster.nodes[3]
        with Writers(cluster) as writers:
            await_true("progress", lambda: writers.count() > 500)
            fourth.start()
            await_true("a share for the fourth node", lambda: share_of(fourth) >= 9, 90)
            cluster.await_whole()
            # One goes, for good: after 10 s its copies are made anew on the others.
            cluster.nodes[0].stop()
            cluster.await_whole(cluster.nodes[1:], 90)
        print(f"fourth node: {check_exact(writers, cluster.nodes[1:])} events")


def share_of(node):
    """Copies of partitions that the node keeps."""
    status = node.status()
    if not status:
        return 0
    own = next((each for each in status["nodes"] if each["node_id"] == node.name), None)
    return own["partitions_led"] + own["partitions_followed"] if own else 0


def refuses_writes_clearly_when_two_of_three_are_down(binary):
    with Cluster(binary) as cluster:
        cluster.start()
        with Writers(cluster) as writers:
            await_true("progress", lambda: writers.count() > 500)
        cluster.nodes[0].kill()
        cluster.nodes[1].kill()
        last = cluster.nodes[2]
        if cluster.etcd is None:
            await_true("a red light", lambda: not last.is_healthy(), 20)
        status, body = last.request("POST", "/api/v1/ingest", '{"id":"x","host":"h"}',
                                    {"Content-Type": "application/x-ndjson"}, seconds=60)
        assert status == 503 and b"error" in body, (status, body[:300])
        cluster.nodes[0].start()
        cluster.nodes[1].start()
        cluster.await_whole()
        found = {row["id"] for row in last.query("| table id")} - {"x"}
        assert found == set(writers.acknowledged), len(found ^ set(writers.acknowledged))


def describe(times):
    return (f"writes everywhere again after p50 {statistics.median(times):.2f} s, "
            f"max {max(times):.2f} s, {len(times)} rounds")


if __name__ == "__main__":
    run_tests({function.__name__: function for function in [
        forms_in_any_order_and_answers_on_every_node,
        keeps_all_when_nodes_are_killed,
        keeps_all_when_the_metadata_leader_is_killed,
        keeps_all_when_a_node_is_silent,
        keeps_all_in_a_rolling_restart,
        keeps_all_when_a_node_loses_its_disk,
        takes_in_a_fourth_node_and_lets_one_go,
        refuses_writes_clearly_when_two_of_three_are_down,
    ]})
