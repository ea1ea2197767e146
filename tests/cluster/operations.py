"""What a person does to a cluster while it works. Run: operations.py BINARY [TEST...]"""

import json
import subprocess

from cluster import Cluster, Writers, await_true, check_exact, run_tests
from failover import share_of


def lynxdb(cluster, node, *words, code=0):
    """Output of a command against `node`; its exit code must be `code`."""
    done = subprocess.run([cluster.binary, *words, "--server", f"http://{node.host}:{node.http_port}"],
                          capture_output=True, text=True, env=cluster.environment, timeout=60)
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def names(node):
    status = node.status()
    return {each["node_id"] for each in status["nodes"]} if status else set()


def drains_a_node_and_forgets_it(binary):
    with Cluster(binary, spare=1) as cluster:
        cluster.start()
        leaving, fourth = cluster.nodes[1], cluster.nodes[3]
        with Writers(cluster) as writers:
            await_true("progress", lambda: writers.count() > 500)
            said = lynxdb(cluster, cluster.nodes[0], "cluster", "drain", leaving.name, "--dry-run")
            assert "2 copies instead of 3" in said, said
            fourth.start()
            await_true("a share for the fourth node", lambda: share_of(fourth) >= 9, 90)
            cluster.await_whole()
            lynxdb(cluster, cluster.nodes[0], "cluster", "remove", leaving.name, code=1)
            lynxdb(cluster, cluster.nodes[0], "cluster", "drain", "node-9", code=1)
            lynxdb(cluster, cluster.nodes[0], "cluster", "drain", leaving.name)
            await_true("nothing on the leaving node", lambda: share_of(leaving) == 0, 90)
            leaving.stop()
            rest = [node for node in cluster.nodes if node is not leaving]
            await_true("it is forgotten", lambda: leaving.name not in names(rest[0]), 30)
            cluster.await_whole(rest)
        check_exact(writers, rest)
        # It belongs to the cluster no more; with an empty disk it may come anew.
        leaving.start()
        await_true("a refusal", lambda: "was removed" in leaving.log_text(), 30)
        leaving.kill()
        leaving.wipe()
        leaving.start()
        await_true("a share again", lambda: share_of(leaving) > 0, 90)
        cluster.await_whole()
        print(f"drained: {check_exact(writers, cluster.nodes)} events")


def forgets_a_dead_node_and_makes_its_copies_anew(binary):
    with Cluster(binary, spare=1) as cluster:
        cluster.start()
        cluster.nodes[3].start()
        await_true("a share for the fourth node", lambda: share_of(cluster.nodes[3]) >= 9, 90)
        dead, rest = cluster.nodes[2], [cluster.nodes[i] for i in (0, 1, 3)]
        with Writers(cluster) as writers:
            await_true("progress", lambda: writers.count() > 500)
            dead.kill()
            await_true("it is fenced", lambda: "is running" not in lynxdb_any(
                cluster, rest[0], "cluster", "remove", dead.name, "--dry-run"), 20)
            lynxdb(cluster, rest[0], "cluster", "remove", dead.name, "--force")
            assert dead.name not in names(rest[0])
            cluster.await_whole(rest, 60)
        # Two of three that are left are a majority: the dead one counts no more.
        rest[2].kill()
        await_true("writes with two of four", lambda: rest[0].request(
            "POST", "/api/v1/ingest", '{"id":"late","host":"h"}',
            {"Content-Type": "application/x-ndjson"})[0] == 200, 30)
        rest[2].start()
        cluster.await_whole(rest)
        writers.acknowledged.append("late")
        writers.sent.add("late")
        print(f"removed: {check_exact_without_words(writers, rest)} events")


def lynxdb_any(cluster, node, *words):
    done = subprocess.run([cluster.binary, *words, "--server", f"http://{node.host}:{node.http_port}"],
                          capture_output=True, text=True, env=cluster.environment, timeout=60)
    return done.stdout + done.stderr


def check_exact_without_words(writers, nodes):
    for node in nodes:
        counts = {row["id"]: row["count"] for row in node.query("| stats count by id")}
        assert set(counts) == set(writers.acknowledged), node.name
        assert set(counts.values()) == {1}, node.name
    return len(writers.acknowledged)


def recovers_a_partition_when_a_person_accepts_the_loss(binary):
    """With two copies: one is behind when the node of the other is lost."""
    settings = ["partition_count: 4", "replication_factor: 2", "min_isr: 1"]
    with Cluster(binary, cluster_settings=settings) as cluster:
        cluster.start()
        lost, behind, third = cluster.nodes
        with Writers(cluster) as writers:
            await_true("progress", lambda: writers.count() > 500)
        behind.kill()
        with Writers(cluster, seed=2) as later:
            await_true("events without it", lambda: later.count() > 200)
        lost.kill()
        behind.start()
        partitions = await_true("what nobody leads", lambda: leaderless(third), 60)
        await_true("a refusal", lambda: refused(third) == "503", 60)
        said = lynxdb(cluster, third, "cluster", "remove", lost.name, "--force", code=1)
        assert "too few complete copies" in said, said
        said = lynxdb(cluster, third, "cluster", "recover-partition", str(partitions[0]), code=2)
        assert "--accept-loss" in said, said
        for partition in partitions:
            lynxdb(cluster, third, "cluster", "recover-partition", str(partition), "--accept-loss")
        await_true("writes again", lambda: refused(third) == "", 60)
        found = {row["id"] for row in third.query("| table id")}
        assert found <= writers.sent | later.sent | {None}, "never sent"
        print(f"recovered {len(partitions)} partitions; {len(found)} of "
              f"{len(writers.acknowledged) + len(later.acknowledged)} events are left")


def refused(node):
    try:
        status, _ = node.request("POST", "/api/v1/ingest",
                                 "\n".join(json.dumps({"id": None, "host": f"h{i}"}) for i in range(40)),
                                 {"Content-Type": "application/x-ndjson"}, seconds=60)
    except OSError:
        return None
    return "" if status == 200 else str(status)


def leaderless(node):
    status, body = node.request("GET", "/api/v1/cluster/partitions")
    rows = json.loads(body)["data"] if status == 200 else []
    return [row["partition"] for row in rows if not row["leader"]]


if __name__ == "__main__":
    run_tests({function.__name__: function for function in [
        drains_a_node_and_forgets_it,
        forgets_a_dead_node_and_makes_its_copies_anew,
        recovers_a_partition_when_a_person_accepts_the_loss,
    ]})
