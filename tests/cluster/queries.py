"""Queries over a cluster: on every node, wherever the events are, they give what one node gives.

Events are in segments and in the memory of several leaders at the same time; leaders are lost and
flushes happen while queries run. The same events are in a server that is alone, which says what is
right.
"""

import glob
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time

import cluster as c

# Within what is kept.
START = int(time.time()) // 86_400 * 86_400 - 3 * 86_400


class Alone:
    """A server without a cluster."""

    def __init__(self, binary):
        self.port = c.free_ports(1)[0]
        self.directory = tempfile.TemporaryDirectory(prefix="lynxdb-alone-")
        self.process = subprocess.Popen(
            [binary, "server", "--quiet", "--addr", f"127.0.0.1:{self.port}", "--data-dir",
             os.path.join(self.directory.name, "data"), "--retention", "0"],
            stdin=subprocess.DEVNULL)
        c.await_true("a server that is alone", self.is_healthy)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.directory.cleanup()

    def request(self, *arguments, **options):
        return c.request(("127.0.0.1", self.port), *arguments, **options)

    def is_healthy(self):
        try:
            return self.request("GET", "/health", seconds=5)[0] == 200
        except OSError:
            return False


def ingest(server, events, index=None):
    headers = {"Content-Type": "application/x-ndjson"}
    if index:
        headers["X-Index"] = index
    body = "\n".join(event if isinstance(event, str) else json.dumps(event) for event in events)

    def taken():
        status, answer = server.request("POST", "/api/v1/ingest", body, headers)
        assert status in (200, 207, 429, 503), f"{status} {answer[:300]}"
        return status in (200, 207)

    c.await_true("events that are taken", taken)


def ask(server, text, seconds=60, **more):
    """(status, answer) of a query."""
    status, body = server.request("POST", "/api/v1/query",
                                  json.dumps({"q": text, "limit": 50_000, **more}),
                                  {"Content-Type": "application/json"}, seconds=seconds)
    return status, json.loads(body)


def answer(server, text):
    """What a query gives, without what says when and where. Asks again while it is refused."""
    def asked():
        status, whole = ask(server, text)
        return (status, whole) if status != 503 else None
    status, whole = c.await_true(f"an answer to {text}", asked)
    return status, strip(whole)


def strip(whole):
    if "error" in whole:
        return {"code": whole["error"]["code"], "message": whole["error"]["message"]}
    data = whole["data"]
    for event in data.get("events", []):
        event.pop("_id", None)
    if "_id" in data.get("columns", []):
        at = data["columns"].index("_id")
        for row in [data["columns"], *data["rows"]]:
            del row[at]
    return data


def make_events(begin, count, rng):
    """Of different times each, so that there is one right order; 156,000 of them take two days."""
    paths = ["/", "/login", "/cart", "/api/v1/items", "/static/app.js"]
    for i in range(begin, begin + count):
        yield {"_time": START + i * 0.75, "host": f"host-{rng.randrange(40)}", "n": i,
               "level": rng.choice(["info", "info", "info", "warn", "error"]),
               "status": rng.choice([200, 200, 200, 404, 500]), "path": rng.choice(paths),
               "ms": round(rng.expovariate(0.02), 3), "user": f"u{rng.randrange(3000)}",
               "tags": rng.sample(["a", "b", "c", "d"], rng.randrange(4)),
               "message": f"request {i} of {rng.choice(['alpha', 'beta', 'gamma'])} done"}


QUERIES = [
    "| stats count",
    "| stats count by host",
    "| stats count, sum(n), avg(ms), min(ms), max(ms), dc(user), range(n), stdev(ms) by level",
    "| stats perc95(ms), perc50(ms), var(n) by status, level",
    "level=error | stats count by path",
    "level=error status>=400 | eval slow=ms>50 | stats count by slow, path",
    "gamma | stats count, dc(host)",
    '"request 17" | stats count',
    "| where n % 7 = 3 | stats sum(n) by host | sort -sum(n) | head 5",
    "| stats count by user | sort -count | head 10",
    "| stats count by user, host | where count > 1 | sort user, host | head 100",
    "| timechart span=10m count by level",
    "| timechart avg(ms)",
    "| timechart span=1h dc(user), sum(n)",
    "| top 3 path",
    "| top 5 user by level",
    "| rare 4 host",
    "| stats count by tags",
    "| stats values(level), list(path) by status | eval k=mvcount('list(path)') | table status, k",
    "| stats first(n), last(n), earliest(n), latest(n) by level",
    "| head 7",
    "| head 25 | table n, host",
    "level=error | head 20 | table n, message",
    "| tail 5 | table n",
    "| table n",
    "level=error | table n, path, tags",
    "status=500 user=u1* | table n, user",
    "gamma level=warn | fields n, level, message",
    "| sort n | head 30 | table n, host",
    "| sort -ms | head 30 | table n, ms",
    "| dedup host | table n, host",
    "| dedup 2 path | table n, path",
    "| rex field=message \"request (?<id>\\d+) of (?<word>\\w+)\" | stats count, max(id) by word",
    "level=error | eval h=substr(host, 6) | stats count by h",
    "| bin n span=1000 | stats count by n",
    "| eventstats avg(ms) as mean by host | where ms > 8*mean | table n, host",
    "| streamstats count by host | where count=3 | table n, host",
    "| where n < 100 | join user [ | stats count by user ] | table n, user, count",
    "| head 5 | append [ level=error | stats count ]",
    "| stats count by host | append [ | stats count by level ]",
    "$errors = level=error | stats count by host; FROM $errors | stats sum(count)",
    "| fillnull value=none missing | stats count by missing",
    "| stats count by nothing",
    "level=nothing | stats count, sum(n)",
    "level=nothing | stats count by host",
    "level=nothing | table n",
    "| xyseries host level n",
    "| unroll tags | stats count by tags",
    "FROM other | stats count",
    "FROM * | stats count by _index",
    "| search NOT level=info | stats count by level",
    '| search path="/api*" | stats count by path',
    "| eval day=strftime(_time, \"%Y-%m-%d\") | stats count by day",
    "| where n > 10 | stats count(eval(status=500)) as bad, count as all | eval share=bad/all",
]


def compare(alone, nodes, queries, what):
    for text in queries:
        expected = answer(alone, text)
        for node in nodes:
            got = answer(node, text)
            assert got == expected, (
                f"{what}: {node.name}: {text}\n  alone: {json.dumps(expected)[:1500]}\n"
                f"  {node.name}: {json.dumps(got)[:1500]}")


def feed(alone, nodes, events):
    """In batches, to the nodes in turn."""
    events = list(events)
    for i in range(0, len(events), 2000):
        batch = events[i:i + 2000]
        ingest(alone, batch)
        ingest(nodes[i // 2000 % len(nodes)], batch)


def tail_rows(node):
    """Events that are in no segment yet, as a query counted them."""
    stats = ask(node, "| stats count")[1]["meta"]["stats"]
    return sum(each["tail_rows"] for each in stats["nodes"])


def await_flushed(node):
    c.await_true("events that are all in segments", lambda: tail_rows(node) == 0)


def test_same_answers(binary):
    """In memory, in segments, in both; with segments enough that nodes share them."""
    rng = random.Random(11)
    with c.Cluster(binary) as cluster, Alone(binary) as alone:
        cluster.storage_settings[-1] = 'flush_idle_timeout: "3s"'
        cluster.start()
        feed(alone, cluster.nodes, make_events(0, 6000, rng))
        compare(alone, cluster.nodes, QUERIES, "in memory")
        for k in range(1, 4):
            await_flushed(cluster.nodes[0])
            feed(alone, cluster.nodes, make_events(50_000 * k, 50_000, rng))
        compare(alone, cluster.nodes, QUERIES[:20], "in segments and in memory")
        await_flushed(cluster.nodes[0])
        compare(alone, cluster.nodes, QUERIES, "in segments")
        stats = ask(cluster.nodes[0], "| stats count by level")[1]["meta"]["stats"]
        assert sum(each["segments"] > 0 for each in stats["nodes"]) > 1, f"not shared: {stats}"
        assert any(each["bytes_received"] for each in stats["nodes"]), stats


def test_few_answers(binary):
    """A selection of the above that is quick."""
    rng = random.Random(12)
    with c.Cluster(binary) as cluster, Alone(binary) as alone:
        cluster.start()
        feed(alone, cluster.nodes, make_events(0, 4000, rng))
        await_flushed(cluster.nodes[0])
        feed(alone, cluster.nodes, make_events(4000, 4000, rng))
        compare(alone, cluster.nodes[:2], QUERIES, "in segments and in memory")


def test_lost_nodes(binary):
    """Nodes are killed while queries run and events are written and flushed: each answer is right,
    or there is none."""
    def look(node, writers, stopping, wrong, answered):
        while not stopping.is_set():
            with writers.lock:
                known = len(writers.acknowledged)
            try:
                status, whole = ask(node, "| stats count by id | stats count, max(count)", 30)
            except (OSError, ValueError):
                time.sleep(0.1)
                continue
            if status != 200:
                time.sleep(0.02)
                continue
            count, highest = whole["data"]["rows"][0]
            answered.append(count)
            if count < known or (highest or 1) != 1:
                wrong.append(f"{node.name}: {count} events of {known} at least, {highest} times")

    with c.Cluster(binary) as cluster:
        cluster.start()
        stopping = threading.Event()
        wrong, answered = [], []
        with c.Writers(cluster, threads=2) as writers:
            watched = cluster.nodes[0]
            threads = [threading.Thread(target=look,
                                        args=(watched, writers, stopping, wrong, answered))
                       for _ in range(2)]
            for thread in threads:
                thread.start()
            for round_number in range(4):
                time.sleep(3)
                victim = cluster.nodes[1 + round_number % 2]
                victim.kill()
                time.sleep(4)
                victim.start()
                cluster.await_whole()
            stopping.set()
            for thread in threads:
                thread.join()
        assert not wrong, wrong[:5]
        assert len(answered) > 50, f"only {len(answered)} answers"
        print(f"{len(answered)} answers while nodes were killed")
        c.check_exact(writers, cluster.nodes)


def test_partial_results(binary):
    """With two nodes down nothing strict is answered; who takes less is told what is missing."""
    settings = ["partition_count: 12", 'shard_query_timeout: "4s"']
    with c.Cluster(binary, cluster_settings=settings) as cluster:
        cluster.storage_settings[-1] = 'flush_idle_timeout: "2s"'
        cluster.start()
        rng = random.Random(3)
        ingest(cluster.nodes[0], make_events(0, 3000, rng))
        await_flushed(cluster.nodes[0])
        node = cluster.nodes[0]
        status, whole = ask(node, "| stats count", partial_results=True)
        assert status == 200 and "partial" not in whole["meta"], whole
        cluster.nodes[1].kill()
        cluster.nodes[2].kill()
        c.await_true("its leases end", lambda: not node.is_healthy())
        status, whole = ask(node, "| stats count", wait=6)
        assert status == 503 and "partial_results" in json.dumps(whole["error"]), (status, whole)
        status, whole = ask(node, "| stats count", wait=9, partial_results=True)
        assert status == 200, (status, whole)
        assert whole["data"]["rows"] == [[3000]], whole
        meta = whole["meta"]
        assert meta["partial"] is True, meta
        missing = sorted(p for each in meta["missing"] for p in each["partitions"])
        assert missing == list(range(12)), meta
        assert all(each["reason"] for each in meta["missing"]), meta
        # The command line warns.
        shown = subprocess.run(
            [binary, "query", "--server", f"http://127.0.0.1:{node.http_port}", "--partial-results",
             "--timeout", "30s", "| stats count"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert shown.returncode == 0 and '"count":3000' in shown.stdout, shown
        assert "warning: " in shown.stderr, shown


# --- The scripts of tests/query ------------------------------------------------------------------

SCRIPTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "query")
# They look at what a server makes by itself, or say in their own ways what they read.
OWN_WAY = {"data_fields", "lang_errors", "lang_normalisation", "lang_shape", "lang_spl1"}


def read_script(path):
    """(options, lines of events, queries) of each section of events."""
    sections, block, options = [], None, ""
    with open(path, newline="", encoding="latin-1") as file:
        for line in file.read().split("\n"):
            if line.startswith("== "):
                block = line[3:]
                if block.split(":")[0].split(" ")[0] == "events":
                    sections.append((block, [], []))
                elif block.startswith("query") and sections:
                    sections[-1][2].append([])
            elif block is not None and sections:
                if block.startswith("events"):
                    sections[-1][1].append(line)
                elif block.startswith("query"):
                    sections[-1][2][-1].append(line)
    return sections


def test_scripts(binary):
    """Every query of tests/query whose answer does not depend on when its events came."""
    compared = skipped = 0
    with c.Cluster(binary) as cluster, Alone(binary) as alone:
        cluster.environment["LYNXDB_RETENTION"] = "0"  # Their events are old.
        cluster.start()
        for path in sorted(glob.glob(os.path.join(SCRIPTS, "*.test"))):
            script = os.path.basename(path)[:-5]
            if script in OWN_WAY:
                continue
            for number, (options, lines, queries) in enumerate(read_script(path)):
                if options.strip() != "events":
                    continue
                index = f"{script}_{number}"
                lines = [line for line in lines if line and not line.startswith("#")]
                if not lines or not all(line.startswith("{") for line in lines):
                    continue
                # Twice where it is alone: what differs there depends on the time.
                for server, name in ((alone, index), (cluster.nodes[0], index)):
                    ingest(server, lines, name)
                time.sleep(0.02)
                ingest(alone, lines, index + "_again")
                for query in queries:
                    text = "\n".join(query).strip()
                    if text.startswith("$") or "FROM" in text or "from" in text or "index" in text:
                        skipped += 1
                        continue
                    def over(name):
                        return f"FROM {name} {text}" if text.startswith("|") else \
                            f"FROM {name} | search {text}"
                    expected = answer(alone, over(index))
                    if expected[0] == 400 or answer(alone, over(index + "_again")) != expected:
                        skipped += 1
                        continue
                    for node in cluster.nodes[:2]:
                        got = answer(node, over(index))
                        assert got == expected, (
                            f"{script}: {node.name}: {text}\n  alone: {json.dumps(expected)[:800]}"
                            f"\n  {node.name}: {json.dumps(got)[:800]}")
                    compared += 1
    print(f"{compared} queries compared, {skipped} left out")
    assert compared > 250, compared


if __name__ == "__main__":
    c.run_tests({
        "few_answers": test_few_answers,
        "partial_results": test_partial_results,
        "same_answers": test_same_answers,
        "lost_nodes": test_lost_nodes,
        "scripts": test_scripts,
    })
