"""Sends requests that are derived from the broker's own OpenAPI document, valid and invalid, to every route.

What is asked of each: the status is one that the document names; errors are {code, message} and name the field;
nobody gets in without a token, nobody changes anything as a viewer; and nothing is ever a 500.

    rest_contract_test.py <path of the program patchbay>
"""

import http.client
import json
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
import unittest

PASSWORD = "Contract-2026!"
READY_S = 20
SAMPLE = "contract-sample"
CLOSED_PATHS = {"/login", "/logout", "/users/{username}/change_pwd"}  # open to viewers: their own affairs


class Broker:
    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(prefix="patchbay-contract-")
        settings = ['listeners.tcp.default.bind="127.0.0.1:0"', 'listeners.ws.default.bind=""', 'api.bind="127.0.0.1:0"',
                    f'api.admin_password="{PASSWORD}"', "api.max_user_requests_per_s=0", "node.shards=2",
                    f'plugins.dir="{self.folder.name}"']
        command = [program, "start", "--data", os.path.join(self.folder.name, "data")]
        for setting in settings:
            command += ["--set", setting]
        self.log = open(os.path.join(self.folder.name, "log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self._ready_line()
        self.port = int(re.search(r"api=127\.0\.0\.1:(\d+)", line).group(1))
        self.mqtt_port = int(re.search(r"tcp:default=127\.0\.0\.1:(\d+)", line).group(1))

    def _ready_line(self):
        ready, _, _ = select.select([self.process.stdout], [], [], READY_S)
        line = self.process.stdout.readline() if ready else ""
        if "patchbay ready" not in line:
            self.log.seek(0)
            raise RuntimeError("the broker is not ready: " + line + self.log.read())
        return line

    def stop(self):
        self.process.terminate()
        code = self.process.wait(timeout=20)
        self.process.stdout.close()
        self.log.close()
        self.folder.cleanup()
        return code


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def message(self):
        try:
            value = self.json()
            return value.get("message", "") if isinstance(value, dict) else ""
        except ValueError:
            return ""


class Api:
    def __init__(self, port):
        self.port, self.connection = port, None

    def send(self, method, target, token=None, body=None, content_type="application/json"):
        headers = {"Host": "127.0.0.1"}
        if token:
            headers["Authorization"] = token if " " in token else "Bearer " + token
        if body is not None:
            headers["Content-Type"] = content_type
            body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                self.connection.request(method, target, body=body, headers=headers)
                answer = self.connection.getresponse()
                got = Answer(answer.status, answer.headers, answer.read().decode("utf-8", "replace"))
                if answer.will_close:
                    self.close()
                return got
            except (http.client.HTTPException, ConnectionError):
                self.close()
                if attempt == 2:
                    raise
        return None

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def login(self, user, password):
        return self.send("POST", "/api/v5/login", body={"username": user, "password": password}).json()["token"]


def sample(schema):
    """A value that the schema describes, the smallest."""
    if "enum" in schema:
        return schema["enum"][0]
    if "oneOf" in schema:
        return sample(schema["oneOf"][0])
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: sample(properties[name]) for name in schema.get("required", []) if name in properties}
    if kind == "array":
        return [sample(schema["items"])] if schema.get("minItems", 0) else []
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return False
    return (SAMPLE * 8)[:max(schema.get("minLength", 0), min(len(SAMPLE), schema.get("maxLength", 99)))]


WRONG = {"string": 17, "integer": "seventeen", "number": "seventeen", "boolean": "perhaps", "array": {"a": 1}, "object": ["a"]}


class Contract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = Broker(PROGRAM)
        cls.api = Api(cls.broker.port)
        cls.admin = cls.api.login("admin", PASSWORD)
        added = cls.api.send("POST", "/api/v5/users", cls.admin,
                             {"username": "viewer", "password": PASSWORD, "role": "viewer"})
        assert added.status == 200, added.body
        cls.viewer = cls.api.login("viewer", PASSWORD)
        cls.spec = cls.api.send("GET", "/api-spec.json", cls.admin).json()

    @classmethod
    def tearDownClass(cls):
        status = cls.api.send("GET", "/status")
        cls.api.close()
        code = cls.broker.stop()
        assert status.status == 200 and code == 0, (status.status, code)

    def operations(self):
        for path, methods in self.spec["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def target(self, path, operation, query=None):
        pairs = [f"{p['name']}={sample(p['schema'])}" for p in operation["parameters"]
                 if p["in"] == "query" and p["required"] and p["name"] not in (query or "")]
        filled = re.sub(r"\{[^}]*\}", SAMPLE, path)
        pairs += [query] if query else []
        return "/api/v5" + filled + ("?" + "&".join(pairs) if pairs else "")

    def body(self, operation):
        content = operation.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("schema")

    def check(self, answer, operation, what):
        self.assertLess(answer.status, 500 if answer.status != 503 else 600, f"{what}: {answer.body[:300]}")
        self.assertIn(str(answer.status), operation["responses"], f"{what}: {answer.body[:300]}")
        if answer.status >= 400 and answer.body and "reason_code" not in answer.body:
            error = answer.json()
            self.assertIsInstance(error.get("code"), str, what)
            self.assertTrue(error.get("message"), what)

    def renewed(self):
        if self.api.send("GET", "/api/v5/nodes", self.admin).status == 401:
            type(self).admin = self.api.login("admin", PASSWORD)
        return self.admin

    def test_1_every_route_has_what_a_document_needs(self):
        self.assertEqual("3.0.3", self.spec["openapi"])
        self.assertGreater(len(list(self.operations())), 80)
        ids = [operation["operationId"] for _, _, operation in self.operations()]
        self.assertEqual(len(ids), len(set(ids)))
        for method, path, operation in self.operations():
            with self.subTest(route=f"{method} {path}"):
                self.assertTrue(operation["summary"])
                self.assertTrue(any(int(status) < 400 for status in operation["responses"]))

    def test_2_nobody_without_a_token(self):
        for method, path, operation in self.operations():
            if operation.get("security") == []:
                continue
            for token, code in ((None, "AUTHORIZATION_HEADER_ERROR"), ("nonsense", "BAD_TOKEN")):
                with self.subTest(route=f"{method} {path}", token=token):
                    answer = self.api.send(method, self.target(path, operation), token)
                    self.assertEqual(401, answer.status)
                    self.assertEqual(code, answer.json()["code"])

    def test_3_viewers_change_nothing(self):
        for method, path, operation in self.operations():
            if method == "GET" or path in CLOSED_PATHS:
                continue
            with self.subTest(route=f"{method} {path}"):
                answer = self.api.send(method, self.target(path, operation), self.viewer)
                self.assertEqual(403, answer.status, answer.body)
                self.assertEqual("UNAUTHORIZED_ROLE", answer.json()["code"])

    def test_4_queries(self):
        for method, path, operation in self.operations():
            if operation.get("x-served-by") or path in CLOSED_PATHS:
                continue
            queries = [("no_such_parameter=1", "no_such_parameter")]
            for parameter in operation["parameters"]:
                kind = parameter["schema"].get("type")
                if parameter["in"] == "query" and kind in ("integer", "boolean", "number"):
                    queries.append((f"{parameter['name']}=x!", parameter["name"]))
            for query, name in queries:
                with self.subTest(route=f"{method} {path}", query=query):
                    answer = self.api.send(method, self.target(path, operation, query), self.renewed())
                    self.assertEqual(400, answer.status, answer.body)
                    self.assertIn(name, answer.message())

    def test_5_pages(self):
        for method, path, operation in self.operations():
            names = {parameter["name"] for parameter in operation["parameters"]}
            if not {"page", "limit"} <= names:
                continue
            for query in ("page=0", "limit=0", "limit=10001", "page=-1", "limit=9999999999999999999999", "page="):
                with self.subTest(route=f"{method} {path}", query=query):
                    answer = self.api.send(method, self.target(path, operation, query), self.renewed())
                    self.assertEqual(400, answer.status)
                    self.assertEqual("INVALID_PARAMETER", answer.json()["code"])
                    self.assertTrue(answer.message().startswith("page_limit_invalid"))

    def test_6_bodies(self):
        for method, path, operation in self.operations():
            schema = self.body(operation)
            if schema is None or operation.get("x-served-by"):
                continue
            target = self.target(path, operation)
            bad = [("{", ""), ("[" * 100 + "]" * 100, ""), ('{"a":1,"a":2}', "/a"), (b'{"a":"\xff"}', ""), ("17", "")]
            if schema.get("type") == "object":
                whole = sample(schema)
                if schema.get("additionalProperties") is None:
                    bad.append((dict(whole, no_such_field=1), "no_such_field"))
                for name, inner in schema.get("properties", {}).items():
                    if inner.get("type") in WRONG:
                        bad.append((dict(whole, **{name: WRONG[inner["type"]]}), name))
            for body, name in bad:
                with self.subTest(route=f"{method} {path}", body=str(body)[:60]):
                    answer = self.api.send(method, target, self.renewed(), body)
                    self.assertEqual(400, answer.status, answer.body)
                    self.assertIn(name, answer.message())
            with self.subTest(route=f"{method} {path}", type="text/plain"):
                self.assertEqual(415, self.api.send(method, target, self.renewed(), "{}", "text/plain").status)
            if operation["requestBody"].get("required"):
                with self.subTest(route=f"{method} {path}", body=None):
                    self.assertEqual(400, self.api.send(method, target, self.renewed()).status)

    def test_7_methods(self):
        for path, methods in self.spec["paths"].items():
            filled = "/api/v5" + re.sub(r"\{[^}]*\}", SAMPLE, path)
            with self.subTest(path=path):
                answer = self.api.send("PROPFIND", filled, self.admin)
                self.assertEqual(405, answer.status)
                allowed = {word.strip() for word in answer.headers["Allow"].split(",")}
                self.assertLessEqual({method.upper() for method in methods}, allowed)

    def test_8_valid_requests(self):
        for method, path, operation in self.operations():
            if path in CLOSED_PATHS:
                continue
            schema = self.body(operation)
            body = sample(schema) if schema else None
            with self.subTest(route=f"{method} {path}"):
                answer = self.api.send(method, self.target(path, operation), self.renewed(), body)
                self.check(answer, operation, f"{method} {path} {json.dumps(body)}")

    def raw(self, text):
        with socket.create_connection(("127.0.0.1", self.broker.port), timeout=20) as connection:
            connection.sendall(text)
            answer = b""
            while True:
                part = connection.recv(65536)
                if not part:
                    return answer
                answer += part

    def test_9_what_is_no_request(self):
        host = b"Host: 127.0.0.1\r\n"
        post = b"POST /api/v5/login HTTP/1.1\r\n" + host
        cases = {
            b"GET / HTTP/1.1\r\n\r\n": 400,
            b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n": 421,
            post + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}": 400,
            post + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": 400,
            post + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n": 411,
            post + b"Content-Type: application/json\r\nContent-Length: 99999999\r\n\r\n": 413,
            b"GET /status HTTP/1.1\nHost: 127.0.0.1\r\n\r\n": 400,
            b"GET /status HTTP/1.1\r\n" + host + b"X: a\x00b\r\n\r\n": 400,
            b"GET /status HTTP/1.1\r\n" + host + b"X: y\r\n" * 120 + b"\r\n": 431,
            b"GET /status HTTP/1.1\r\n" + host + b"X: " + b"y" * 20000 + b"\r\n\r\n": 431,
            b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + host + b"\r\n": 414,
            b"GET /api/v5/../../etc/passwd HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n": 400,
            b"GET /api/v5/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n": 400,
            b"GET /api-docs/..%2f..%2fetc%2fpasswd HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n": 404,
            b"HELO\r\n\r\n": 400,
        }
        for text, status in cases.items():
            with self.subTest(text=text[:70]):
                answer = self.raw(text)
                self.assertTrue(answer.startswith(b"HTTP/1.1 %d " % status), answer[:200])
                self.assertNotIn(b"root:", answer)
                body = json.loads(answer.split(b"\r\n\r\n", 1)[1])
                self.assertEqual({"code", "message"}, set(body))

    def test_a_slow_clients_hold_up_nobody(self):
        slow = [socket.create_connection(("127.0.0.1", self.broker.port)) for _ in range(50)]
        for connection in slow:
            connection.sendall(b"POST /api/v5/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{")
        begun = time.monotonic()
        other = Api(self.broker.port)
        self.assertEqual(200, other.send("GET", "/status").status)
        other.close()
        self.assertLess(time.monotonic() - begun, 5)
        for connection in slow:
            connection.close()

    def test_e_names_are_names_and_never_paths_or_markup(self):
        names = ("..%2F..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd", "..%5C..%5Cx", "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "a%00b",
                 "%ff%fe", "x" * 3000)
        for method, path, operation in self.operations():
            if "{" not in path or path in CLOSED_PATHS or operation.get("x-served-by"):
                continue
            schema = self.body(operation)
            body = sample(schema) if schema else None
            for name in names:
                target = "/api/v5" + re.sub(r"\{[^}]*\}", name, path)
                with self.subTest(route=f"{method} {path}", name=name[:40]):
                    answer = self.api.send(method, target, self.renewed(), body)
                    self.assertTrue(200 <= answer.status < 500, f"{answer.status} {answer.body[:200]}")
                    self.assertNotIn("root:", answer.body)
                    self.assertEqual("nosniff", answer.headers["X-Content-Type-Options"])
                    if answer.status >= 400:
                        self.assertEqual("application/json", answer.headers["Content-Type"].split(";")[0])
                        self.assertTrue(answer.json().get("message") or "reason_code" in answer.body)

    def test_f_what_is_not_there_and_who_is_not_known(self):
        for target in ("/api/v5/no_such_route", "/api/v5", "/api/v4/clients", "/etc/passwd", "/api/v5/clients/a/b/c/d"):
            answer = self.api.send("GET", target, self.renewed())
            self.assertEqual((404, "NOT_FOUND"), (answer.status, answer.json()["code"]), target)
        for header in ("Bearer", "Bearer ", "Basic", "Basic !!!", "Basic YQ==", "Digest x", "Bearer " + "x" * 5000, "Basic YTpi"):
            answer = self.api.send("GET", "/api/v5/clients", header if " " in header else header + " ")
            self.assertEqual(401, answer.status, header)
            for given in ("xxxxx", "YTpi", "YQ==", "!!!"):
                self.assertNotIn(given, answer.json()["message"])

    def test_g_markup_in_a_client_id_stays_text(self):
        name = b"<img src=x onerror=alert(1)>"
        with socket.create_connection(("127.0.0.1", self.broker.mqtt_port), timeout=20) as client:
            client.sendall(bytes([0x10, 12 + len(name)]) + b"\0\4MQTT\4\2\0\0" + bytes([0, len(name)]) + name)
            self.assertEqual(b"\x20\x02\x00\x00", client.recv(4))
            answer = self.api.send("GET", "/api/v5/clients?like_clientid=onerror", self.renewed())
            self.assertEqual("application/json", answer.headers["Content-Type"].split(";")[0])
            self.assertEqual("nosniff", answer.headers["X-Content-Type-Options"])
            self.assertEqual("default-src 'none'; frame-ancestors 'none'", answer.headers["Content-Security-Policy"])
            self.assertEqual([name.decode()], [one["clientid"] for one in answer.json()["data"]])
            self.assertEqual(404, self.api.send("GET", "/api/v5/clients/" + "%3Cimg", self.renewed()).status)

    def test_d_the_page_brings_all_that_it_needs(self):
        page = self.api.send("GET", "/api-docs")
        self.assertEqual(200, page.status)
        parts = re.findall(r'(?:src|href)="([^"]+)"', page.body)
        self.assertGreaterEqual(len(parts), 2)
        self.assertNotIn("://", page.body)
        self.assertIsNone(re.search(r"<script(?! src=)[^>]*>|<style| style=| on[a-z]+=", page.body))
        for part in parts + ["/api-docs", "/api-docs/plain", "/api-docs/page.js"]:
            with self.subTest(part=part):
                answer = self.api.send("GET", part)
                self.assertEqual(200, answer.status)
                policy = answer.headers["Content-Security-Policy"]
                self.assertIn("default-src 'none'", policy)
                self.assertNotIn("unsafe", policy)
                kind = {"js": "text/javascript", "css": "text/css"}.get(part.rsplit(".", 1)[-1], "text/html")
                self.assertEqual(kind, answer.headers["Content-Type"].split(";")[0])

    def test_b_lock_out(self):
        for _ in range(5):
            answer = self.api.send("POST", "/api/v5/login", body={"username": "guess", "password": "wrong"})
            self.assertEqual(401, answer.status)
        answer = self.api.send("POST", "/api/v5/login", body={"username": "guess", "password": "wrong"})
        self.assertEqual(429, answer.status)
        self.assertGreater(int(answer.headers["Retry-After"]), 0)

    def test_c_changes_are_in_the_audit_log(self):
        found = self.api.send("GET", "/api/v5/audit?limit=1000&http_method=post&source=admin", self.renewed()).json()
        self.assertTrue(any(record["operation_id"] == "/users" for record in found["data"]))
        self.assertNotIn(PASSWORD, json.dumps(found))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
