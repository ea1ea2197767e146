"""TCP in front of what a cluster talks to, so that a test can cut it."""

import re
import select
import socket
import threading

# Methods of the cluster port (src/cluster/rpc/cluster.proto) that carry events and queries; all others
# are about the metadata. Each connection has only one of the two kinds.
METHOD = re.compile(rb"/lynxdb\.cluster\.v1\.Cluster/([A-Za-z]+)")
DATA_METHODS = {b"Replicate", b"Append", b"HoldTail", b"ReleaseTail", b"RunShare"}


class Proxy:
    """TCP in front of `host:port`; while it is down it refuses and hangs up."""

    def __init__(self, host, port):
        self.target = (host, port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.is_up = True
        self.connections = set()
        self.lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def hang_up(self):
        with self.lock:
            self.is_up = False
            connections, self.connections = self.connections, set()
        for each in connections:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def go_on(self):
        with self.lock:
            self.is_up = True

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            with self.lock:
                takes = self.is_up
            if takes:
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()
            else:
                client.close()

    def _carry(self, client):
        try:
            server = socket.create_connection(self.target, 5)
        except OSError:
            client.close()
            return
        with self.lock:
            self.connections |= {client, server}
        try:
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(1 << 16)
                    if not data:
                        return
                    (server if ready is client else client).sendall(data)
        except OSError:
            pass
        finally:
            with self.lock:
                self.connections -= {client, server}
            client.close()
            server.close()


class MetadataProxy:
    """In front of the cluster port of a node at `target`. For machines that `is_cut(address)` names,
    nothing passes on connections about the metadata, neither way; what is about events goes on."""

    def __init__(self, target, host, is_cut):
        self.target = target
        self.is_cut = is_cut
        self.listener = socket.create_server((host, 0))
        self.port = self.listener.getsockname()[1]
        self.changed = threading.Condition()
        self.is_closed = False
        self.methods = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        # Wakes whoever waits in accept().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.changed:
            self.is_closed = True
            self.changed.notify_all()

    def look_again(self):
        """After is_cut() says something else."""
        with self.changed:
            self.changed.notify_all()

    def _accept(self):
        while True:
            try:
                client, (address, _) = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client, address), daemon=True).start()

    def _carry(self, client, address):
        try:
            server = socket.create_connection(self.target, 5)
        except OSError:
            client.close()
            return
        for each in (client, server):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        is_metadata, said = None, b""
        try:
            while not self.is_closed:
                for ready in select.select([client, server], [], [], 1)[0]:
                    data = ready.recv(1 << 16)
                    if not data:
                        return
                    if is_metadata is None and ready is client:
                        said += data
                        method = METHOD.search(said)
                        if method:
                            is_metadata = method[1] not in DATA_METHODS
                            self.methods.add(method[1].decode())
                    if is_metadata:
                        # What waits here is late when the cut is mended, as on a real network.
                        with self.changed:
                            self.changed.wait_for(lambda: self.is_closed or not self.is_cut(address))
                    (server if ready is client else client).sendall(data)
        except OSError:
            pass
        finally:
            client.close()
            server.close()
