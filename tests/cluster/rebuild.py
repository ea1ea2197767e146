"""A cluster whose disks are lost goes on from its object store alone. Run: rebuild.py BINARY [TEST...]"""

import json
import os
import subprocess
import types

from cluster import Cluster, Writers, await_true, check_exact, run_tests


def rebuild(cluster, *arguments):
    """`lynxdb cluster rebuild`, as one writes it on a node: (exit code, rows, messages)."""
    config = os.path.join(cluster.nodes[0].directory, "config.yaml")
    done = subprocess.run(
        [cluster.binary, "cluster", "rebuild", *arguments, "--config", config, "--format", "ndjson"],
        capture_output=True, text=True, timeout=60, env=cluster.environment)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def events_in_manifests(cluster):
    code, rows, messages = rebuild(cluster, "--dry-run")
    assert code == 0, messages
    return sum(row["events"] for row in rows)


def lose_all_disks(cluster):
    for node in cluster.nodes:
        if node.process is not None:
            node.kill()
        node.wipe()


def loses_no_event_with_all_disks(binary):
    with Cluster(binary) as cluster:
        cluster.start()
        with Writers(cluster) as writers:
            writers.await_more(3000)
            # Whatever compaction and a failover do to the manifest meanwhile.
            cluster.metadata_leader().kill()
            writers.await_more(3000)
        for node in cluster.nodes:
            if node.process is None:
                node.start()
        cluster.await_whole()
        stored = cluster.nodes[0].query("| stats count")[0]["count"]
        await_true("the object store has everything",
                   lambda: events_in_manifests(cluster) == stored, 120)
        old = cluster.nodes[0].status()["cluster_id"]
        lose_all_disks(cluster)

        code, rows, messages = rebuild(cluster)
        assert code == 0 and len(rows) == 1 and rows[0]["events"] == stored, (code, rows, messages)
        cluster.start()
        assert cluster.nodes[0].status()["cluster_id"] != old
        check_exact(writers, cluster.nodes)

        # It is a cluster as any other, which survives the next loss, too.
        with Writers(cluster, seed=2) as more:
            more.await_more(1000)
        everything = types.SimpleNamespace(acknowledged=writers.acknowledged + more.acknowledged,
                                           sent=writers.sent | more.sent)
        check_exact(everything, cluster.nodes)
        stored = cluster.nodes[0].query("| stats count")[0]["count"]
        await_true("the object store has everything again", lambda: any(
            row["events"] == stored for row in rebuild(cluster, "--dry-run")[1]), 120)
        lose_all_disks(cluster)
        # What has gone on as another cluster is not taken twice.
        code, _, messages = rebuild(cluster, old)
        assert code == 1 and "goes on as" in messages, (code, messages)
        code, rows, messages = rebuild(cluster)
        assert code == 0 and rows[0]["events"] == stored, (code, rows, messages)
        cluster.start()
        print(f"all disks lost twice: {check_exact(everything, cluster.nodes)} events")


def loses_no_event_with_one_disk(binary):
    with Cluster(binary) as cluster:
        cluster.start()
        with Writers(cluster) as writers:
            for node in cluster.nodes:
                writers.await_more()
                node.kill()
                node.wipe()
                node.start()
                cluster.await_whole()
        print(f"each disk lost in turn: {check_exact(writers, cluster.nodes)} events")


def refuses_to_rebuild_what_lacks_objects(binary):
    with Cluster(binary) as cluster:
        code, _, messages = rebuild_before_start(cluster)
        assert code == 1 and "no cluster to rebuild" in messages, (code, messages)
        cluster.start()
        with Writers(cluster) as writers:
            writers.await_more()
        await_true("a manifest", lambda: events_in_manifests(cluster) > 0, 120)
        lose_all_disks(cluster)
        segments = [os.path.join(folder, name)
                    for folder, _, names in os.walk(os.path.join(cluster.directory, "objects"))
                    for name in names if name.endswith(".lsg")]
        if not segments:
            return  # They are in S3.
        os.truncate(sorted(segments)[0], 100)
        code, _, messages = rebuild(cluster)
        assert code == 1 and "segments are not in the object store" in messages, (code, messages)


def rebuild_before_start(cluster):
    cluster.nodes[0].write_config()
    return rebuild(cluster)


if __name__ == "__main__":
    run_tests({function.__name__: function for function in [
        loses_no_event_with_all_disks,
        loses_no_event_with_one_disk,
        refuses_to_rebuild_what_lacks_objects,
    ]})
