"""The cluster port with mutual TLS. Run: tls.py BINARY [--metadata etcd] [TEST...]"""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import time

from cluster import Cluster, Writers, await_true, check_exact, free_ports, run_tests
from etcd import Etcd
from failover import describe, first_acknowledged_again

SKIPPED = 77


class Authority:
    """Signs certificates for 127.0.0.1; all files are PEM, in `directory`."""

    def __init__(self, directory, name="authority"):
        self.directory = directory
        self.name = name
        os.makedirs(directory, exist_ok=True)
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj",
                     f"/CN={name}", "-keyout", self.path(name, "key"), "-out",
                     self.path(name, "cert"))

    @staticmethod
    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    def path(self, name, kind):
        return os.path.join(self.directory, f"{name}-{kind}.pem")

    @property
    def ca(self):
        return self.path(self.name, "cert")

    def sign(self, name, days="30"):
        """(certificate, key)"""
        request, extensions = self.path(name, "request"), self.path(name, "extensions")
        with open(extensions, "w") as file:
            file.write("subjectAltName = IP:127.0.0.1, DNS:localhost\n")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout",
                     self.path(name, "key"), "-out", request)
        self.openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey",
                     self.path(self.name, "key"), "-CAcreateserial", "-days", days, "-extfile",
                     extensions, "-out", self.path(name, "cert"))
        return self.path(name, "cert"), self.path(name, "key")


def tls_settings(cert, key, ca):
    return ["partition_count: 12",
            f'tls: {{enabled: true, cert_file: "{cert}", key_file: "{key}", ca_file: "{ca}"}}']


def keeps_all_over_encrypted_connections(binary):
    with Cluster(binary) as cluster:
        authority = Authority(os.path.join(cluster.directory, "tls"))
        cluster.cluster_settings += tls_settings(*authority.sign("node"), authority.ca)[1:]
        cluster.start()
        with Writers(cluster) as writers:
            await_true("progress", lambda: writers.count() > 1000)
            began = time.monotonic()
            cluster.nodes[1].kill()
            times = [first_acknowledged_again(writers, began)]
            cluster.nodes[1].start()
            cluster.await_whole()
        print(f"encrypted, killed: {describe(times)}; {check_exact(writers, cluster.nodes)} events")
        refuses_strangers(cluster, authority)


def keeps_metadata_in_an_etcd_that_wants_certificates(binary):
    with Cluster(binary) as cluster:
        authority = Authority(os.path.join(cluster.directory, "tls"))
        files = (*authority.sign("etcd"), authority.ca)
        if cluster.etcd:
            cluster.etcd.kill()
            cluster.cluster_settings = cluster.cluster_settings[:-2]
        cluster.etcd = Etcd(os.path.join(cluster.directory, "secret"), *free_ports(2), files)
        cluster.etcd.start()
        cert, key, ca = files
        cluster.cluster_settings += [
            "metadata: etcd",
            f'etcd: {{endpoints: ["{cluster.etcd.url}"], tls: {{cert_file: "{cert}", '
            f'key_file: "{key}", ca_file: "{ca}"}}}}']
        cluster.start()
        with Writers(cluster) as writers:
            await_true("progress", lambda: writers.count() > 1000)
        check_exact(writers, cluster.nodes)


def refuses_strangers(cluster, authority):
    address = (cluster.nodes[0].host, cluster.nodes[0].cluster_port)
    with socket.create_connection(address, timeout=10) as plain:
        plain.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00")
        assert not answers_http2(plain), "a client without TLS is answered"
    other = Authority(os.path.join(cluster.directory, "other"), "other")
    for files in (None, other.sign("stranger"), authority.sign("friend")):
        context = ssl.create_default_context(cafile=authority.ca)
        context.set_alpn_protocols(["h2"])
        if files:
            context.load_cert_chain(*files)
        answered = False
        try:
            with socket.create_connection(address, timeout=10) as raw:
                with context.wrap_socket(raw, server_hostname="127.0.0.1") as client:
                    client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                                   b"\x00\x00\x00\x04\x00\x00\x00\x00\x00")
                    answered = answers_http2(client)
        except (ssl.SSLError, OSError):
            pass
        is_friend = files is not None and "friend" in files[0]
        assert answered == is_friend, f"{files}: answered: {answered}"


def answers_http2(connection):
    """Does it send a frame of settings, as a server of HTTP/2 does first?"""
    try:
        head = connection.recv(9)
    except OSError:
        return False
    return len(head) == 9 and head[3] == 4


def names_what_is_wrong_with_certificates(binary):
    with Cluster(binary, count=1) as cluster:
        directory = os.path.join(cluster.directory, "tls")
        authority = Authority(directory)
        other = Authority(directory, "other")
        cert, key = authority.sign("node")
        _, wrong_key = authority.sign("second")
        text = os.path.join(directory, "text")
        with open(text, "w") as file:
            file.write("no certificate\n")
        over, over_key = expired(authority)
        node = cluster.nodes[0]
        for files, words in [
                ((cert, key, os.path.join(directory, "none")), ["cluster.tls.ca_file", "/none"]),
                ((text, key, authority.ca), ["cluster.tls.cert_file", "no certificate in PEM"]),
                ((cert, text, authority.ca), ["cluster.tls.key_file", "no private key"]),
                ((cert, wrong_key, authority.ca), ["cluster.tls.key_file", "not the key of"]),
                ((cert, key, other.ca), ["cluster.tls.cert_file", "do not believe"]),
                ((over, over_key, authority.ca), ["cluster.tls.cert_file", "was valid until"])]:
            cluster.cluster_settings = tls_settings(*files)
            node.start()
            await_true("the end of the node", lambda: node.process.poll() is not None, 20)
            assert node.process.returncode != 0
            node.process = None
            last = node.log_text()[-1500:]
            for word in words:
                assert word in last, f"{files}: '{word}' is not in: {last}"
            os.remove(os.path.join(node.directory, "log"))


def expired(authority):
    """A certificate whose time is over."""
    directory = authority.directory
    _, key = authority.sign("late")
    request = authority.path("late", "request")
    database = os.path.join(directory, "database")
    open(database, "w").close()
    config = os.path.join(directory, "ca.conf")
    with open(config, "w") as file:
        file.write("[ca]\ndefault_ca = own\n[own]\n"
                   f"database = {database}\nnew_certs_dir = {directory}\nrand_serial = yes\n"
                   "default_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n")
    authority.openssl("ca", "-batch", "-config", config, "-in", request, "-cert", authority.ca,
                      "-keyfile", authority.path(authority.name, "key"), "-startdate",
                      "20200101000000Z", "-enddate", "20200201000000Z", "-out",
                      authority.path("late", "cert"))
    return authority.path("late", "cert"), key


if __name__ == "__main__":
    if not shutil.which("openssl"):
        print("skipped: openssl is missing")
        sys.exit(SKIPPED)
    run_tests({function.__name__: function for function in [
        keeps_all_over_encrypted_connections,
        names_what_is_wrong_with_certificates,
        keeps_metadata_in_an_etcd_that_wants_certificates,
    ]})
