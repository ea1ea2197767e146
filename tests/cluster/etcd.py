"""A real etcd on loopback for clusters that keep their metadata in one. Debian's etcd-server."""

import fcntl
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

SKIPPED = 77


def etcd_is_here():
    """Installs it where that is possible."""
    if shutil.which("etcd") is None:
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        with open(os.path.join(tempfile.gettempdir(), "lynxdb-install-deps.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if shutil.which("etcd") is None:
                subprocess.run([os.path.join(root, "scripts", "install-deps"), "--tests"],
                               check=False, timeout=400, stdout=subprocess.DEVNULL)
    return shutil.which("etcd") is not None


class Etcd:
    """One member; its data outlives kill() and start()."""

    def __init__(self, directory, client_port, peer_port, certificates=None):
        """`certificates`: files (certificate, key, authority); clients must show one, too."""
        if not etcd_is_here():
            print("skipped: etcd (etcd-server) is missing and could not be installed")
            sys.exit(SKIPPED)
        self.directory = directory
        scheme = "https" if certificates else "http"
        self.url = f"{scheme}://127.0.0.1:{client_port}"
        self.words = []
        self.context = None
        if certificates:
            cert, key, authority = certificates
            self.words = ["--cert-file", cert, "--key-file", key, "--client-cert-auth",
                          "--trusted-ca-file", authority]
            self.context = ssl.create_default_context(cafile=authority)
            self.context.load_cert_chain(cert, key)
        self.peer_url = f"http://127.0.0.1:{peer_port}"
        self.process = None
        os.makedirs(directory, exist_ok=True)

    def start(self):
        with open(os.path.join(self.directory, "log"), "ab") as log:
            self.process = subprocess.Popen(
                ["etcd", "--name", "one", "--data-dir", os.path.join(self.directory, "data"),
                 "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
                 "--listen-peer-urls", self.peer_url, "--initial-advertise-peer-urls", self.peer_url,
                 "--initial-cluster", f"one={self.peer_url}", "--logger", "zap",
                 "--log-outputs", "stderr", "--auto-compaction-retention", "1h", *self.words],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env={**os.environ, "ETCD_UNSUPPORTED_ARCH": os.uname().machine})
        end = time.monotonic() + 30
        while not self.answers():
            assert self.process.poll() is None, "etcd ended: see " + self.directory
            assert time.monotonic() < end, "etcd does not answer"
            time.sleep(0.05)

    def answers(self):
        try:
            with urllib.request.urlopen(self.url + "/health", timeout=1, context=self.context) as answer:
                return b"true" in answer.read()
        except OSError:
            return False

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
        self.process = None

    def wipe(self):
        shutil.rmtree(os.path.join(self.directory, "data"))
