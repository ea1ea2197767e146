"""`lynxdb demo --nodes 3`, as a person at a terminal sees it. Run: demo.py BINARY [TEST...]"""

import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from cluster import await_true, run_tests

PORTS_BETWEEN = 6300  # From where a node takes events to where it talks to the others.


def free_base_port():
    """The first of three ports in a row that are free, as those for the others are."""
    for base in range(20000 + os.getpid() % 3000, 26000, 7):
        try:
            for offset in range(3):
                for port in (base + offset, base + PORTS_BETWEEN + offset):
                    with socket.socket() as listener:
                        listener.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue
    raise AssertionError("no free ports")


class Demo:
    """One on a terminal of its own; `seen` is what it wrote there."""

    def __init__(self, binary, *flags):
        self.temporary = tempfile.mkdtemp(prefix="lynxdb-demo-test-")
        self.seen = ""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ["TMPDIR"] = self.temporary
            os.execv(binary, [binary, "demo", "--nodes", "3", "--port", str(free_base_port()), *flags])

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for pid in [*self.node_pids(), *([self.pid] if self.pid else [])]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.pid:
            os.waitpid(self.pid, 0)
        os.close(self.terminal)
        shutil.rmtree(self.temporary, ignore_errors=True)
        if error[0]:
            sys.stderr.write(self.seen[-3000:])

    def read(self):
        while select.select([self.terminal], [], [], 0.05)[0]:
            try:
                piece = os.read(self.terminal, 1 << 16)
            except OSError:  # Nobody has the other end any more.
                return
            if not piece:
                return
            self.seen += piece.decode()

    def await_seen(self, pattern, seconds=60):
        """What was written since the last call must come to match."""
        start = getattr(self, "position", 0)

        def is_there():
            self.read()
            return re.search(pattern, self.seen[start:])
        await_true(pattern, is_there, seconds)
        found = re.search(pattern, self.seen[start:])
        self.position = start + found.end()
        return found

    def directory(self):
        found = re.search(r"settings, logs and data: (\S+)", self.seen)
        return found and found.group(1)

    def node_pids(self):
        if not self.directory() or not os.path.isdir(self.directory()):
            return []
        names = [name for name in os.listdir(self.directory()) if name.endswith(".pid")]
        return [int(open(os.path.join(self.directory(), name)).read()) for name in names]

    def wait(self, seconds=20):
        """The exit code."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = None
                return os.waitstatus_to_exitcode(status)
        raise AssertionError("the demo does not end")


def is_alive(pid):
    """Runs; one that ended and waits for its parent does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def shows_a_cluster_that_loses_a_node_and_no_event(binary):
    with Demo(binary) as demo:
        demo.await_seen(r"Cluster: healthy, 3 nodes, 24 partitions")
        command = re.search(r"kill -9 \$\(cat \S+\)", demo.seen).group(0)
        demo.await_seen(r"Found:   [1-9][0-9,]* of ")
        pids = demo.node_pids()
        assert len(pids) == 3 and all(is_alive(pid) for pid in pids), pids
        subprocess.run(command, shell=True, check=True)
        demo.await_seen(r"node-2 has ended \(signal 9\); it is started again in 15 s")
        demo.await_seen(r"node-2 +fenced +0 ")
        demo.await_seen(r"Found:   [1-9][0-9,]* of [0-9,]*: no event is lost")
        demo.await_seen(r"node-2 is started again")
        demo.await_seen(r"Cluster: healthy, 3 nodes, 24 partitions")
        demo.await_seen(r"Found:   [1-9][0-9,]* of [0-9,]*: no event is lost")
        assert "MISSING" not in demo.seen and "TOO MANY" not in demo.seen
        pids += demo.node_pids()
        directory = demo.directory()
        os.write(demo.terminal, b"\x03")
        assert demo.wait() == 130
        assert not [pid for pid in pids if is_alive(pid)], "nodes outlive the demo"
        assert not os.path.exists(directory), "the temporary directory is left"


def leaves_no_nodes_behind_when_it_is_killed(binary):
    with Demo(binary) as demo:
        demo.await_seen(r"Cluster: healthy")
        pids = demo.node_pids()
        assert len(pids) == 3
        os.kill(demo.pid, signal.SIGKILL)
        await_true("the nodes end", lambda: not [pid for pid in pids if is_alive(pid)], 30)


def counts_what_it_sent_and_keeps_its_directory(binary):
    with tempfile.TemporaryDirectory() as parent:
        directory = os.path.join(parent, "kept")
        for start in (0, 1):
            port = str(free_base_port()) if start == 0 else port
            done = subprocess.run(
                [binary, "demo", "--nodes", "3", "--port", port, "--dir", directory,
                 "--rate", "5000", "--events", "10000"],
                capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stderr
            assert "found 10,000 events of 10,000 acknowledged" in done.stderr, done.stderr
            assert not [name for name in os.listdir(directory) if name.endswith(".pid")]


def says_why_a_node_does_not_start(binary):
    base = free_base_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base + 1))
        taken.listen()
        done = subprocess.run([binary, "demo", "--nodes", "3", "--port", str(base)],
                              capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "node-2 ended" in done.stderr and str(base + 1) in done.stderr, done
    wrong = {("--nodes", "0"): "--nodes is a number from 1 to 10",
             ("--nodes", "11"): "--nodes is a number from 1 to 10",
             ("--port", "3100"): "--nodes",
             ("--nodes", "3", "--port", "64000"): "smaller port",
             ("--nodes", "3", "--server", "http://localhost:1"): "--server"}
    for flags, message in wrong.items():
        done = subprocess.run([binary, "demo", *flags], capture_output=True, text=True, timeout=60)
        assert done.returncode == 2 and message in done.stderr, (flags, done)


if __name__ == "__main__":
    run_tests({function.__name__: function for function in [
        shows_a_cluster_that_loses_a_node_and_no_event,
        leaves_no_nodes_behind_when_it_is_killed,
        counts_what_it_sent_and_keeps_its_directory,
        says_why_a_node_does_not_start,
    ]})
