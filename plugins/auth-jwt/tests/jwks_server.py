"""An authorization server that publishes its keys over HTTPS: jwks_server.py PORT CERTIFICATE KEY FOLDER.

GET /jwks gives FOLDER/jwks.json, whatever the test has put there; while FOLDER/slow exists, late.
GET /moved sends elsewhere, GET /endless does not end, GET /guarded wants a header.
"""

import http.server
import os
import socketserver
import ssl
import sys
import time


class Keys(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder = "."

    def do_GET(self):
        print("GET", self.path, flush=True)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/jwks")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b'{"keys": [' + b" " * 65536)
        elif self.path == "/guarded" and self.headers.get("X-Key") != "open sesame":
            self.give(403, b"")
        else:
            self.give_keys()

    def give_keys(self):
        for _ in range(40):
            if not os.path.exists(os.path.join(self.folder, "slow")):
                break
            time.sleep(0.05)
        with open(os.path.join(self.folder, "jwks.json"), "rb") as file:
            self.give(200, file.read())

    def give(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/jwk-set+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        print("broken off", flush=True)


def main():
    port, certificate, key, Keys.folder = sys.argv[1:]
    server = Server(("127.0.0.1", int(port)), Keys)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print("ready", flush=True)
    server.serve_forever()


main()
