#!/usr/bin/env python3
"""A server for tests of the command line, made of scripted answers.

  fake_server.py DIRECTORY      writes its port to DIRECTORY/port, requests to DIRECTORY/requests

How /query/stream answers is chosen by a word in the query, how /ingest/raw does by the file
DIRECTORY/ingest: one action a line, each used once, the last one for ever.
"""
import http.server
import json
import os
import socket
import struct
import sys
import threading
import time
import urllib.parse

directory = sys.argv[1]
lock = threading.Lock()
batches = {}  # Batch id -> lines, as a server with a dedup window keeps them.


def log(text):
    with lock, open(os.path.join(directory, "requests"), "a") as out:
        out.write(text + "\n")


def next_action():
    path = os.path.join(directory, "ingest")
    with lock:
        if not os.path.exists(path):
            return "ok"
        with open(path) as lines:
            actions = lines.read().split("\n")
        actions = [a for a in actions if a] or ["ok"]
        if len(actions) > 1:
            with open(path, "w") as out:
                out.write("\n".join(actions[1:]))
        return actions[0]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def fail(self, status, code, message, headers=(), **more):
        self.answer(status, {"error": {"code": code, "message": message, **more}}, headers)

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def start_chunks(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, text):
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        parameters = {k: v[0] for k, v in urllib.parse.parse_qs(url.query).items()}
        log("GET %s %s token=%s" % (url.path, json.dumps(parameters, sort_keys=True),
                                    self.headers.get("Authorization", "")))
        if os.path.exists(os.path.join(directory, "sick")):
            if url.path == "/health":
                return self.answer(503, {"status": "unhealthy", "reason": "starting"})
        if url.path == "/health":
            return self.answer(200, {"status": "ok"})
        if url.path == "/api/v1/status":
            return self.answer(200, {"data": {"version": "1", "health": "healthy",
                                              "events": {"total": 7, "today": 3}}, "meta": {}})
        if url.path == "/api/v1/cluster/status":
            dead = os.path.exists(os.path.join(directory, "sick"))
            return self.answer(200, {"data": {
                "status": "unavailable" if dead else "healthy", "meta_leader": "" if dead else "a",
                "nodes": [{"node_id": "a", "state": "alive"}, {"node_id": "b", "state": "fenced"}]},
                "meta": {}})
        if url.path == "/api/v1/cluster/partitions":
            return self.answer(200, {"data": [
                {"partition": 0, "leader": "a", "isr": ["a", "b"], "replicas": ["a", "b"]},
                {"partition": 1, "leader": "a", "isr": ["a"], "replicas": ["a", "b"]}], "meta": {}})
        if url.path == "/api/v1/indexes":
            return self.answer(200, {"data": {"indexes": [
                {"name": "main", "event_count": 7, "retention": "7d"},
                {"name": "web", "event_count": 1, "retention": "7d"}]}, "meta": {}})
        if url.path == "/api/v1/fields":
            return self.answer(200, {"data": {"fields": [
                {"name": "level", "type": "string", "count": 5, "coverage": 1,
                 "top_values": [{"value": "info", "count": 3}, {"value": "error", "count": 2}]},
                {"name": "ms", "type": "integer", "count": 5, "coverage": 1, "min": 1, "max": 250,
                 "avg": 73.8, "p50": 12, "p99": 250, "top_values": []}]}, "meta": {}})
        if url.path == "/api/v1/fields/level/values":
            return self.answer(200, {"data": {"field": "level", "type": "string", "values": [
                {"value": "info", "count": 3, "percent": 60},
                {"value": "error", "count": 2, "percent": 40}],
                "unique_count": 2, "total_count": 5}, "meta": {}})
        if url.path == "/api/v1/query/explain":
            if "staats" in parameters["q"]:
                return self.answer(200, {"data": {"is_valid": False, "errors": [
                    {"position": 14, "length": 6, "message": "unknown command 'staats'",
                     "suggestion": "stats"}]}})
            data = {"is_valid": True, "errors": [], "parsed": {"estimated_cost": "low"}}
            if parameters.get("analyze") == "true":
                data["execution"] = {"steps": [{"command": "scan", "rows_out": 5}]}
            return self.answer(200, {"data": data, "meta": {}})
        return self.fail(404, "NOT_FOUND", "no route " + url.path)

    def do_POST(self):
        body = self.body()
        if self.path == "/api/v1/query/stream":
            return self.stream(json.loads(body))
        if self.path == "/api/v1/ingest/raw":
            return self.ingest(body)
        if self.path == "/api/v1/cluster/nodes/b/drain?dry_run=true":
            return self.answer(200, {"data": {"note": "1 copies leave node 'b'", "moves": [
                {"partition": 1, "from": ["a", "b"], "to": ["a"], "leader": "a"}]}, "meta": {}})
        return self.fail(404, "NOT_FOUND", "no route " + self.path)

    def do_DELETE(self):
        if self.path == "/api/v1/cluster/nodes/b?force=true":
            return self.answer(202, {"data": {"note": "node 'b' is forgotten", "moves": []}})
        return self.fail(409, "CONFLICT", "node 'a' is running", suggestion="stop it first")

    def stream(self, request):
        log("QUERY %s token=%s" % (json.dumps(request, sort_keys=True),
                                   self.headers.get("Authorization", "")))
        q = request["q"]
        for word, status, code in (("denied", 401, "AUTH_REQUIRED"), ("forbidden", 403, "FORBIDDEN"),
                                   ("tooslow", 408, "QUERY_TIMEOUT"), ("broken", 500, "INTERNAL_ERROR"),
                                   ("badtime", 400, "VALIDATION_ERROR"),
                                   ("memory", 400, "QUERY_MEMORY_EXCEEDED")):
            if word in q:
                return self.fail(status, code, "server says " + word)
        if "staats" in q:
            return self.fail(400, "INVALID_QUERY", "unknown command 'staats'",
                             suggestion="stats", position=14, length=6)
        if "page" in q:
            return self.answer(502, b"<html>bad gateway</html>")
        if "reset" in q:
            return self.reset()
        self.start_chunks()
        if "hang" in q:
            self.chunk('{"n":0}\n')
            try:
                while True:
                    time.sleep(0.1)
                    self.chunk("\n")
            except OSError:
                log("client left")
            return None
        if "late" in q:
            self.chunk('{"n":0}\n')
            self.chunk('{"__error":{"code":"QUERY_TIMEOUT","message":"too slow"}}\n')
        elif "torn" in q:
            self.chunk('{"n":0}\n')
            return self.reset()
        elif "cut" in q:
            self.chunk('{"n":0}\n{"n":1}\n')
        elif "nothing" in q:
            self.chunk('{"__meta":{"total":0,"scanned":9,"took_ms":1}}\n')
        elif "many" in q:
            for n in range(100000):
                self.chunk('{"n":%d,"text":"%s"}\n' % (n, "x" * 100))
            self.chunk('{"__meta":{"total":100000,"scanned":100000,"took_ms":1}}\n')
        elif "stats count" in q:
            self.chunk('{"count":5}\n{"__meta":{"total":1,"scanned":5,"took_ms":1}}\n')
        else:
            self.chunk('{"_time":"2026-01-15T10:00:00Z","_raw":"a <b>","level":"info","ms":12}\n')
            self.chunk('{"_time":"2026-01-15T10:00:01Z","_raw":"c","big":1e300,"tags":["x","y"]}\n')
            self.chunk('{"__meta":{"total":2,"scanned":5,"took_ms":1,"hints":["a hint of the server"]}}\n')
        self.wfile.write(b"0\r\n\r\n")
        return None

    def ingest(self, body):
        lines = [l for l in body.decode().split("\n") if l.strip()]
        batch = self.headers.get("X-LynxDB-Batch-Id", "")
        action = next_action()
        labels = " ".join("%s=%s" % (n, self.headers[n])
                          for n in ("X-Source", "X-Source-Type", "X-Index", "X-Host") if n in self.headers)
        log("INGEST %s lines=%d batch=%s %s" % (action, len(lines), batch, labels))
        if action == "busy":
            return self.fail(429, "BACKPRESSURE", "too fast", [("Retry-After", "1")])
        if action == "away":
            return self.fail(503, "SHUTTING_DOWN", "going away")
        if action == "denied":
            return self.fail(401, "INVALID_TOKEN", "not this key")
        if action == "error":
            return self.fail(500, "INTERNAL_ERROR", "something broke")
        if action == "reset":
            return self.reset()
        if action.startswith("max="):
            if len(lines) > int(action[4:]):
                return self.fail(413, "PAYLOAD_TOO_LARGE", "the body is too large")
        with lock:
            if not os.path.exists(os.path.join(directory, "stored")):
                batches.clear()
            batches.setdefault(batch, lines)
            with open(os.path.join(directory, "stored"), "w") as out:
                for stored in batches.values():
                    out.write("".join(line + "\n" for line in stored))
        if action == "hang":
            time.sleep(30)
        if action == "lost":  # Committed, but the client never hears of it.
            return self.reset()
        bad = [i for i, line in enumerate(lines) if line.startswith("bad")]
        errors = [{"index": i, "code": "PARSE_ERROR", "message": "not understood"} for i in bad]
        if bad and len(bad) == len(lines):
            return self.fail(400, "PARSE_ERROR", "no event could be stored",
                             details={"failed": len(bad), "errors": errors})
        data = {"accepted": len(lines) - len(bad), "failed": len(bad)}
        if bad:
            data["errors"] = errors
        return self.answer(207 if bad else 200, {"data": data, "meta": {}})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
with open(os.path.join(directory, "port.new"), "w") as out:
    out.write(str(server.server_port))
os.rename(os.path.join(directory, "port.new"), os.path.join(directory, "port"))
server.serve_forever()
