#!/usr/bin/env python3
"""A server that is asked who may log in and do what.

auth_server.py PORT FOLDER [CERTIFICATE KEY]

FOLDER/replies.json holds {"NAME": {"status": 200, "body": "…", "type": "…", "seconds": 0}}, where NAME is the user name of the
question ("username" in its body or query), followed by " ACTION TOPIC" where the question has these; "*" is for the rest. Each
question becomes a line of JSON in FOLDER/questions.jsonl.
"""
import http.server
import json
import os
import ssl
import sys
import threading
import time
import urllib.parse

LOCK = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, asked, body):
        name = asked.get("username", "")
        if "action" in asked:
            name += " " + asked["action"] + " " + asked.get("topic", "")
        with LOCK, open(os.path.join(sys.argv[2], "questions.jsonl"), "a", encoding="utf-8") as out:
            out.write(json.dumps({"method": self.command, "path": self.path, "asked": asked, "body": body,
                                  "headers": {k.lower(): v for k, v in self.headers.items()}}) + "\n")
        with open(os.path.join(sys.argv[2], "replies.json"), encoding="utf-8") as file:
            replies = json.load(file)
        reply = replies.get(name, replies.get("*", {}))
        time.sleep(reply.get("seconds", 0))
        text = reply.get("body", "").encode()
        self.send_response(reply.get("status", 404))
        if text:
            self.send_header("Content-Type", reply.get("type", "application/json"))
        if reply.get("status") != 204:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        self.answer(dict(urllib.parse.parse_qsl(urllib.parse.urlparse(self.path).query)), "")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        if self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            return self.answer(dict(urllib.parse.parse_qsl(body)), body)
        return self.answer(json.loads(body), body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def main():
    server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)
    server.serve_forever()


main()
