#!/usr/bin/env python3
"""An HTTP server that a test tells to misbehave.

fault_server.py PORT RECORD [CERTIFICATE KEY [AUTHORITY]]

With AUTHORITY clients must have a certificate of it.

POST /mode?is=WORD[&seconds=S]  from now on: ok, 500, 400, 429 (Retry-After: S), hang, close (in the middle of the response), drip,
                                redirect (&to=URL), slow (answers after S)
any other POST or PUT           one line of JSON in RECORD: path, headers, body; then what the mode says. With close, drip and slow
                                the request has been recorded before it goes wrong, as with a server that dies after its work.
"""
import http.server
import json
import ssl
import sys
import threading
import time
import urllib.parse

MODE = {"is": "ok", "seconds": 1.0, "to": ""}
LOCK = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"{}", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def record(self, body):
        line = json.dumps({"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()},
                           "body": body.decode("utf-8", "replace"), "at": time.time()})
        with LOCK, open(sys.argv[2], "a", encoding="utf-8") as out:
            out.write(line + "\n")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        address = urllib.parse.urlparse(self.path)
        if address.path == "/mode":
            asked = dict(urllib.parse.parse_qsl(address.query))
            MODE.update({"is": asked["is"], "seconds": float(asked.get("seconds", "1")), "to": asked.get("to", "http://127.0.0.1:1/elsewhere")})
            return self.answer(200)
        mode = MODE["is"]
        if mode in ("ok", "close", "drip", "slow"):
            self.record(body)
        return getattr(self, "mode_" + mode)()

    do_PUT = do_POST

    def mode_ok(self):
        self.answer(200)

    def mode_500(self):
        self.answer(500)

    def mode_400(self):
        self.answer(400)

    def mode_429(self):
        self.answer(429, headers=[("Retry-After", str(int(MODE["seconds"])))])

    def mode_redirect(self):
        self.answer(307, headers=[("Location", MODE["to"])])

    def mode_hang(self):
        time.sleep(60)

    def mode_slow(self):
        time.sleep(MODE["seconds"])
        self.answer(200)

    def mode_close(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        self.wfile.flush()
        self.close_connection = True

    def mode_drip(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            for _ in range(600):
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass
        self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    allow_reuse_address = True


def main():
    server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
        if len(sys.argv) > 5:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(sys.argv[5])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)
    server.serve_forever()


main()
