#!/usr/bin/env python3
"""How long the server goes on with a query that nobody waits for, operator by operator.

  bench/cancel.py LYNXDB DATA_DIR [NAME...]

Starts LYNXDB on DATA_DIR (use a copy of what bench/store leaves in build/bench/store/lynxdb), asks each
query several times and closes the connection after 0.2 to 4 seconds. Prints the longest time from there
until the threads that worked on it use no more CPU, and the CPU they used. The server looks at its clients
every 20 ms, which is part of the time. With NAMEs: only the queries whose names hold one of them.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time

PORT = int(os.environ.get("PORT", "3189"))
DELAYS_S = (0.2, 0.5, 1.0, 1.6, 2.5, 4.0)
QUIET_S = 0.15
QUERIES = {
    "stats, distinct keys": '| rex field=message "trace=(?<t>[0-9a-f]+)" | stats count, avg(duration_ms) by t',
    "stats values by user": "| stats count, avg(duration_ms), sum(bytes), values(uri) by user",
    "stats by two keys": "| stats count by user, uri",
    "stats percentiles": "| stats p95(duration_ms), median(bytes) by user",
    "stats large lists": "| stats values(message), list(uri) by host",
    "top, distinct values": '| rex field=message "trace=(?<t>[0-9a-f]+)" | top 10 t',
    "timechart": "| timechart span=1m count by user",
    "eventstats": "| eventstats count by uri | where count=1 | stats count",
    "streamstats": "| streamstats count by uri | stats max(count)",
    "streamstats window": "| streamstats window=20000 avg(duration_ms) as a | stats max(a)",
    "streamstats window dc": "| streamstats window=2000 dc(user) as a | stats max(a)",
    "xyseries": "| stats count by user, level | xyseries user level count",
    "dedup": "| dedup message | stats count",
    "sort": "| sort duration_ms, message | tail 5",
    "reverse": "| reverse | head 5",
    "join": "| join type=inner user [ from main | stats count by user ] | stats count",
    "transaction": "| transaction user maxspan=1h | stats count",
    "rex all matches": '| rex field=_raw max_match=0 "(?<w>[a-z]+)" | stats dc(w)',
    "eval replace": '| eval x=replace(_raw,"(a+)+b","c") | stats dc(x)',
}


def cpu_ns(pid):
    """CPU time of each thread that may work for a query: not of the one that gives memory back to the system."""
    times = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/comm") as name:
                if name.read().startswith("jemalloc"):
                    continue
            with open(f"/proc/{pid}/task/{thread}/schedstat") as stat:
                times[thread] = int(stat.read().split()[0])
        except OSError:
            pass  # It ended.
    return times


def used_ns(before, after):
    return {thread: ns - before.get(thread, 0) for thread, ns in after.items()}


def ask(query):
    """A connection on which the query was asked."""
    body = json.dumps({"q": query}).encode()
    client = socket.create_connection(("127.0.0.1", PORT))
    client.sendall(
        b"POST /api/v1/query HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body) + body
    )
    return client


def time_to_end(pid, query, delay_s):
    """CPU and wall time in ms behind the close; None when the answer came before."""
    client = ask(query)
    client.settimeout(delay_s)
    try:
        answer = client.recv(4096)
        client.close()
        if not answer.startswith(b"HTTP/1.1 200"):
            sys.exit(f"{query}: {answer.decode(errors='replace')}")
        return None
    except socket.timeout:
        pass
    # Threads that work for the query; what the server does on its own is not waited for.
    looked = cpu_ns(pid)
    time.sleep(0.02)
    before = last = cpu_ns(pid)
    workers = {thread for thread, ns in used_ns(looked, before).items() if ns > 1_000_000}
    begin = changed = time.monotonic()
    client.close()
    used = 0
    while time.monotonic() - changed < QUIET_S:
        now = cpu_ns(pid)
        ran = sum(ns for thread, ns in used_ns(last, now).items() if thread in workers or thread not in before)
        last = now
        # Less is a thread that went to sleep, and a look at a clock now and then.
        if ran > 200_000:
            changed = time.monotonic()
        used += ran
        time.sleep(0.002)
    return used // 1_000_000, round((changed - begin) * 1000)


def wait_until_up():
    while True:
        try:
            socket.create_connection(("127.0.0.1", PORT)).close()
            return
        except OSError:
            time.sleep(0.1)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    lynxdb, data_dir, *names = sys.argv[1:]
    server = subprocess.Popen(
        [lynxdb, "server", "--quiet", "--addr", f"127.0.0.1:{PORT}", "--data-dir", data_dir, "--retention", "0"]
    )
    try:
        wait_until_up()
        print(f"{'query':24} {'wall ms':>8} {'cpu ms':>8}")
        for name, query in QUERIES.items():
            if names and not any(part in name for part in names):
                continue
            worst = (0, 0)
            for delay_s in DELAYS_S:
                took = time_to_end(server.pid, query, delay_s)
                if took is None:
                    break
                worst = max(worst, took, key=lambda times: times[1])
            print(f"{name:24} {worst[1]:8} {worst[0]:8}", flush=True)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


main()
