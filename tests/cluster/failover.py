"""What a cluster keeps when nodes die, pause, stop and come back. Run: failover.py BINARY [TEST...]"""

import json
import os
import signal
import statistics
import time

from cluster import Cluster, Writers, await_true, check_exact, request, run_tests


# Of each kind of fault. `scripts/test --long` asks for more.
ROUNDS = int(os.environ.get("LYNXDB_CLUSTER_ROUNDS", "2"))
# How long a node is paused.
PAUSE_SECONDS = 30 if ROUNDS >= 5 else 8


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


def first_acknowledged_again(writers, began, seconds=60):
    """Seconds from the fault, at `began`, until a write of every host was acknowledged again."""
    def all_acknowledged():
        with writers.lock:
            times = list(writers.last_acknowledged.values())
        return len(times) == writers.hosts and min(times) > began
    await_true("writes everywhere", all_acknowledged, seconds)
    return time.monotonic() - began


def leader_of_partitions(cluster):
    """A node that leads some, and does not lead the metadata."""
    def find():
        for node in cluster.running():
            status = node.status()
            if not status:
                continue
            for each in status["nodes"]:
                if each["partitions_led"] and each["node_id"] not in ("", status["meta_leader"]):
                    return each["node_id"]
        return None
    name = await_true("a leader of partitions", find)
    return next(node for node in cluster.nodes if node.name == name)


def kill_again_and_again(binary, who, choose, count=3):
    """kill -9 of those whom `choose` names, at once, ROUNDS times."""
    with Cluster(binary, count) as cluster:
        cluster.start()
        times = []
        with Writers(cluster) as writers:
            for _ in range(ROUNDS):
                writers.await_more(500)
                victims = choose(cluster)
                began = time.monotonic()
                for victim in victims:
                    victim.kill()
                has_majority = len(cluster.running()) > count / 2
                if has_majority:
                    times.append(first_acknowledged_again(writers, began))
                for victim in victims:
                    victim.start()
                if not has_majority:
                    times.append(first_acknowledged_again(writers, began))
                cluster.await_whole()
        print(f"{who} killed: {describe(times)}; {check_exact(writers, cluster.nodes)} events")


def both_leaders(cluster):
    return [cluster.metadata_leader(), leader_of_partitions(cluster)]


def keeps_all_when_a_leader_of_partitions_is_killed(binary):
    kill_again_and_again(binary, "leader of partitions",
                         lambda cluster: [leader_of_partitions(cluster)])


def keeps_all_when_the_metadata_leader_is_killed(binary):
    """It leads partitions as well."""
    kill_again_and_again(binary, "metadata leader", lambda cluster: [cluster.metadata_leader()])


def keeps_all_when_both_leaders_are_killed_at_once(binary):
    """Too few of three are left to go on, so both are started again at once."""
    kill_again_and_again(binary, "metadata leader and leader of partitions, of three nodes,",
                         both_leaders)


def goes_on_without_both_leaders_when_three_of_five_are_left(binary):
    """Nobody comes back until the others have made the lost copies anew."""
    kill_again_and_again(binary, "metadata leader and leader of partitions, of five nodes,",
                         both_leaders, count=5)


def keeps_all_when_a_node_is_silent(binary):
    with Cluster(binary) as cluster:
        cluster.start()
        times, wakings = [], []
        with Writers(cluster, threads=8, patience=1.5) as writers:
            for i in range(ROUNDS):
                writers.await_more(500)
                victim = cluster.nodes[i % 3]
                began = time.monotonic()
                victim.signal(signal.SIGSTOP)
                times.append(first_acknowledged_again(writers, began))
                time.sleep(max(0, began + PAUSE_SECONDS - time.monotonic()))
                known = writers.count()
                woke = time.monotonic()
                victim.signal(signal.SIGCONT)
                # What it knew before is old: it must not answer with that.
                found = victim.query("| stats count")[0]["count"]
                assert found >= known, f"{victim.name} woke up and told of {found} of {known} events"
                cluster.await_whole()
                wakings.append(time.monotonic() - woke)
        print(f"stopped with SIGSTOP for {PAUSE_SECONDS} s: {describe(times)}; after SIGCONT: "
              f"{describe(wakings, 'whole again')}; {check_exact(writers, cluster.nodes)} events")


def keeps_all_in_a_rolling_restart(binary):
    with Cluster(binary) as cluster:
        cluster.start()
        times = []
        with Writers(cluster) as writers:
            for node in cluster.nodes * (ROUNDS // 3 + 1):
                writers.await_more(500)
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
        times = []
        with Writers(cluster) as writers:
            for _ in range(ROUNDS):
                writers.await_more(500)
                victim = cluster.metadata_leader()
                began = time.monotonic()
                victim.kill()
                victim.wipe()
                victim.start()
                cluster.await_whole()
                times.append(time.monotonic() - began)
        print(f"disk lost: {describe(times, 'whole again')}; {check_exact(writers, cluster.nodes)} events")


def takes_in_a_fourth_node_and_lets_one_go(binary):
    with Cluster(binary, spare=1) as cluster:
        cluster.start()
        fourth = cluster.nodes[3]
        with Writers(cluster) as writers:
            writers.await_more(500)
            began = time.monotonic()
            fourth.start()
            await_true("a share for the fourth node", lambda: share_of(fourth) >= 9, 90)
            cluster.await_whole()
            joined = time.monotonic() - began
            # One goes, for good: after 10 s its copies are made anew on the others.
            began = time.monotonic()
            cluster.nodes[0].stop()
            cluster.await_whole(cluster.nodes[1:], 90)
            left = time.monotonic() - began
        print(f"fourth node has its share after {joined:.1f} s; one left for good, whole after "
              f"{left:.1f} s; {check_exact(writers, cluster.nodes[1:])} events")


def share_of(node):
    """Copies of partitions that the node keeps."""
    status = node.status()
    if not status:
        return 0
    own = next((each for each in status["nodes"] if each["node_id"] == node.name), None)
    return own["partitions_led"] + own["partitions_followed"] if own else 0


def state_of(asked, node):
    """What `asked` says of `node`."""
    status = asked.status()
    return next((each["state"] for each in status["nodes"] if each["node_id"] == node.name),
                None) if status else None


def refuses_writes_clearly_when_two_of_three_are_down(binary):
    with Cluster(binary) as cluster:
        cluster.start()
        red, refusals, times = [], [], []
        with Writers(cluster) as writers:
            for i in range(ROUNDS):
                writers.await_more(500)
                last, *others = cluster.nodes[i % 3:] + cluster.nodes[:i % 3]
                began = time.monotonic()
                for node in others:
                    node.kill()
                # With an etcd the last one still knows whom to ask: nobody.
                if cluster.etcd is None:
                    await_true("a red light", lambda: not last.is_healthy(), 20)
                    red.append(time.monotonic() - began)
                refusals.append(refused_with_a_reason(cluster, last, f"refused-{i}"))
                if cluster.etcd is None:
                    says_what_it_can(last)
                began = time.monotonic()
                for node in others:
                    node.start()
                times.append(first_acknowledged_again(writers, began))
                cluster.await_whole()
                # The client of the refused event tries again.
                status, body = post((last.host, last.http_port), f"refused-{i}")
                assert status == 200, (status, body[:300])
                writers.sent.add(f"refused-{i}")
                writers.acknowledged.append(f"refused-{i}")
        if red:
            print(f"two of three down: {describe(red, 'a red light')}")
        print(f"two of three down: {describe(refusals, 'a write is refused')}")
        print(f"two of three came back: {describe(times)}; "
              f"{check_exact(writers, cluster.nodes)} events")


def post(address, name):
    """Of one event, with its name as batch id."""
    return request(address, "POST", "/api/v1/ingest",
                   json.dumps({"id": name, "host": "h", "word": f"z{name}z"}),
                   {"Content-Type": "application/x-ndjson", "X-LynxDB-Batch-Id": name}, seconds=60)


def refused_with_a_reason(cluster, node, name):
    """Seconds until the node said so. Through the load balancer it is refused as well."""
    began = time.monotonic()
    status, body = post((node.host, node.http_port), name)
    seconds = time.monotonic() - began
    assert status == 503, (status, body[:300])
    error = json.loads(body)["error"]
    assert error["code"] == "UNAVAILABLE" and error["message"], error
    assert "same batch id" in error["suggestion"], error
    if cluster.balancer:
        status, body = post(("127.0.0.1", cluster.balancer.port), name)
        assert status in (502, 503, 504), (status, body[:300])
    return seconds


def says_what_it_can(node):
    """A query that does not say so gets nothing; `partial_results` gets what is there, and what is not."""
    status, body = node.request("POST", "/api/v1/query", json.dumps({"q": "| stats count", "wait": 6}),
                                {"Content-Type": "application/json"}, seconds=60)
    assert status == 503 and b"partial_results" in body, (status, body[:300])
    status, body = node.request(
        "POST", "/api/v1/query", json.dumps({"q": "| stats count", "wait": 9, "partial_results": True}),
        {"Content-Type": "application/json"}, seconds=60)
    assert status == 200, (status, body[:300])
    meta = json.loads(body)["meta"]
    assert meta["partial"] and meta["missing"], meta


def describe(times, what="writes everywhere again"):
    return (f"{what} after p50 {statistics.median(times):.2f} s, "
            f"max {max(times):.2f} s, {len(times)} rounds")


if __name__ == "__main__":
    run_tests({function.__name__: function for function in [
        forms_in_any_order_and_answers_on_every_node,
        keeps_all_when_a_leader_of_partitions_is_killed,
        keeps_all_when_the_metadata_leader_is_killed,
        keeps_all_when_both_leaders_are_killed_at_once,
        goes_on_without_both_leaders_when_three_of_five_are_left,
        keeps_all_when_a_node_is_silent,
        keeps_all_in_a_rolling_restart,
        keeps_all_when_a_node_loses_its_disk,
        takes_in_a_fourth_node_and_lets_one_go,
        refuses_writes_clearly_when_two_of_three_are_down,
    ]})
