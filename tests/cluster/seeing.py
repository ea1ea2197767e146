"""What an operator sees of a cluster, on any of its nodes. Run: seeing.py BINARY [TEST...]"""

import json
import os
import re
import subprocess

from cluster import Cluster, Writers, await_true, run_tests

RULES = os.path.join(os.path.dirname(__file__), "../../docs/guide/prometheus-rules.yaml")


def nodes_seen_by(node):
    return {each["node_id"]: each for each in node.status()["nodes"]}


def every_node_shows_all_of_them(binary):
    with Cluster(binary) as cluster:
        cluster.start()
        with Writers(cluster) as writers:
            writers.await_more(2000)
            for node in cluster.nodes:
                await_true("loads of all nodes", lambda: all(
                    "lag_events" in each for each in nodes_seen_by(node).values()))
                for name, each in nodes_seen_by(node).items():
                    assert each["disk"]["total_bytes"] > each["disk"]["used_bytes"] > 0, (name, each)
                    assert each["wal_bytes"] > 0 and each["uploads"]["pending"] >= 0, (name, each)
        for node in cluster.nodes:
            # The same ends of logs everywhere, also of those that the node has no copy of.
            def agrees():
                rows = json.loads(node.request("GET", "/api/v1/cluster/partitions")[1])["data"]
                return (sum(row["log_end"] for row in rows) >= len(writers.acknowledged)
                        and all(row["lag_events"] == 0 for row in rows))
            await_true("the ends of all logs", agrees)
        shown = subprocess.run(
            [binary, "status", "--server", f"http://127.0.0.1:{cluster.nodes[2].http_port}", "-F", "json"],
            capture_output=True, text=True, timeout=30)
        assert shown.returncode == 0 and len(json.loads(shown.stdout)["cluster"]["nodes"]) == 3, shown
        # A dead one is shown as such, without a load that nobody knows.
        cluster.nodes[1].kill()
        await_true("its load is forgotten", lambda: "lag_events" not in
                   nodes_seen_by(cluster.nodes[0])[cluster.nodes[1].name], 40)
        assert nodes_seen_by(cluster.nodes[0])[cluster.nodes[1].name]["state"] == "fenced"


def metrics_have_what_the_rules_ask_for(binary):
    with Cluster(binary) as cluster:
        cluster.start()
        text = cluster.nodes[0].request("GET", "/metrics")[1].decode()
        known = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    with open(RULES) as file:
        expressions = re.findall(r"expr: (.*)", file.read())
    named = {name for each in expressions for name in re.findall(r"lynxdb_\w+", each)}
    assert len(named) > 10 and not named - known, named - known


if __name__ == "__main__":
    run_tests({function.__name__: function for function in [
        every_node_shows_all_of_them,
        metrics_have_what_the_rules_ask_for,
    ]})
