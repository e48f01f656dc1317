"""flows.py PORT MQTT_PORT [CA FILE]: python3-stomp (8.0, Debian's) and mosquitto's clients; prints "stomp.py ok"."""

import ssl
import subprocess
import sys
import threading
import warnings

import stomp

PATIENCE_S = 10
PORT, MQTT_PORT = int(sys.argv[1]), sys.argv[2]
CA_FILE = sys.argv[3] if len(sys.argv) > 3 else None
HOST = "localhost" if CA_FILE else "127.0.0.1"
# stomp.py reads in one thread while it writes in another, on one SSL object, which Python 3.11 does not guard. In TLS 1.3 the reader
# meets the server's tickets, OpenSSL's state machine runs in both threads at once, and CONNECT is never sent or fails with "internal
# error": seen with a server of Python's own too, on a machine without a free processor. TLS 1.2 has nothing behind its handshake.
stomp.transport.DEFAULT_SSL_VERSION = ssl.PROTOCOL_TLSv1_2
warnings.filterwarnings("ignore", category=DeprecationWarning)


def check(condition, what):
    if not condition:
        sys.exit(f"wrong: {what}")


class Client(stomp.ConnectionListener):
    """A client whose frames are waited for."""

    def __init__(self, version, client_id):
        kinds = {"1.0": stomp.Connection10, "1.1": stomp.Connection11, "1.2": stomp.Connection12}
        beats = {} if version == "1.0" else {"heartbeats": (1000, 1000)}
        self.version, self.changed = version, threading.Condition()
        self.frames = []
        self.connection = kinds[version]([(HOST, PORT)], auto_decode=False, **beats)
        if CA_FILE:
            self.connection.set_ssl(for_hosts=[(HOST, PORT)], ca_certs=CA_FILE)
        self.connection.set_listener("", self)
        self.connection.connect("ann", "secret", wait=True, headers={"client-id": client_id})
        check(self.take("CONNECTED").headers["version"] == version, "the version of CONNECTED")

    def _note(self, command, frame):
        with self.changed:
            self.frames.append((command, frame))
            self.changed.notify_all()

    def on_connected(self, frame):
        self._note("CONNECTED", frame)

    def on_message(self, frame):
        self._note("MESSAGE", frame)

    def on_receipt(self, frame):
        self._note("RECEIPT", frame)

    def on_error(self, frame):
        self._note("ERROR", frame)

    def take(self, command):
        """The next frame, which must be of this command."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.frames, PATIENCE_S):
                sys.exit(f"{command}: not in time")
            came, frame = self.frames.pop(0)
        check(came == command, f"{came} instead of {command}: {frame}")
        return frame

    def subscribe(self, destination, number, **more):
        self.connection.subscribe(destination, number, headers={"receipt": f"s{number}"}, **more)
        check(self.take("RECEIPT").headers["receipt-id"] == f"s{number}", "the receipt of SUBSCRIBE")


class MosquittoSub:
    """mosquitto_sub that waits for some messages of a topic."""

    def __init__(self, topic, count, form="%t %p"):
        self.process = subprocess.Popen(
            ["stdbuf", "-oL", "mosquitto_sub", "-V", "5", "-p", MQTT_PORT, "-t", topic, "-q", "1", "-C", str(count), "-W", str(PATIENCE_S),
             "-F", form, "-d"], stdout=subprocess.PIPE, text=True)
        self.early = []  # a retained message may come before the line that says that it is subscribed
        for line in self.process.stdout:
            if line.startswith("Subscribed"):
                break
            self.early.append(line)

    def lines(self):
        # Not communicate(): it reads past what the loop above has taken in already. -W ends the process.
        text = "".join(self.early) + self.process.stdout.read()
        self.process.wait(timeout=PATIENCE_S)
        return [line for line in text.splitlines() if not line.startswith(("Client ", "Subscribed ")) and line]


def mosquitto_pub(topic, payload, *more):
    subprocess.run(["mosquitto_pub", "-V", "5", "-p", MQTT_PORT, "-t", topic, "-m", payload, "-q", "1", *more], check=True)


def both_ways(version):
    client = Client(version, "py-" + version)
    client.subscribe("/topic/down.*", 1)
    mosquitto_pub("down/x", "hallo", "-D", "publish", "user-property", "colour", "red: a\\b", "-D", "publish", "content-type",
                  "text/plain", "-D", "publish", "correlation-data", "7", "-D", "publish", "response-topic", "re/ply")
    frame = client.take("MESSAGE")
    check(frame.body == b"hallo", "the body of MESSAGE")
    expected = {"destination": "/topic/down.x", "content-type": "text/plain", "correlation-id": "7",
                "reply-to": "/topic/re.ply", "colour": "red: a\\b", "content-length": "5", "qos": "1", "subscription": "1"}
    for name, value in expected.items():
        check(frame.headers.get(name) == value, f"{name} of MESSAGE: {frame.headers}")
    watcher = MosquittoSub("up/#", 1, "%t %p %C %D %R %P")
    client.connection.send("/topic/up.x", "zurück", content_type="text/plain",
                           headers={"correlation-id": "8", "reply-to": "/topic/re.ply", "colour": "blue", "receipt": "r"})
    check(client.take("RECEIPT").headers["receipt-id"] == "r", "the receipt of SEND")
    lines = watcher.lines()
    check(lines == ["up/x zurück text/plain 8 re/ply colour:blue"], f"what mosquitto_sub got: {lines}")
    client.connection.unsubscribe(id=1)
    client.connection.disconnect(receipt="bye")
    check(client.take("RECEIPT").headers["receipt-id"] == "bye", "the receipt of DISCONNECT")


def acknowledgements():
    client = Client("1.2", "py-ack")
    client.connection.subscribe("/topic/work", 1, ack="client-individual", headers={"prefetch-count": "1", "receipt": "s"})
    client.take("RECEIPT")
    for payload in ("1", "2", "3"):
        mosquitto_pub("work", payload)
    for payload in (b"1", b"2", b"3"):
        frame = client.take("MESSAGE")
        check(frame.body == payload, f"{payload} in its turn")
        check(not client.frames, "no more than the credit")
        (client.connection.nack if payload == b"2" else client.connection.ack)(frame.headers["ack"])
    client.connection.disconnect()


def transactions():
    client = Client("1.1", "py-tx")
    watcher = MosquittoSub("tx/#", 2)
    for outcome in ("abort", "commit"):
        name = client.connection.begin()
        client.connection.send("/topic/tx.1", outcome, headers={"transaction": name})
        client.connection.send("/topic/tx.2", outcome, headers={"transaction": name})
        getattr(client.connection, outcome)(name)
    check(watcher.lines() == ["tx/1 commit", "tx/2 commit"], "only what was committed")
    client.connection.disconnect()


def retained():
    client = Client("1.2", "py-retain")
    client.connection.send("kept/a", "stays", headers={"retain": "true", "receipt": "r"})
    client.take("RECEIPT")
    lines = MosquittoSub("kept/#", 1, "%t %r %p").lines()
    check(lines == ["kept/a 1 stays"], f"the retained message at MQTT: {lines}")
    client.connection.subscribe("kept/+", 1)
    frame = client.take("MESSAGE")
    check((frame.headers["retain"], frame.headers["destination"]) == ("true", "kept/a"), "the retained message at STOMP")
    client.connection.send("kept/a", "", headers={"retain": "true", "receipt": "r"})
    client.connection.disconnect()


for each in ("1.0", "1.1", "1.2"):
    both_ways(each)
acknowledgements()
transactions()
retained()
print("stomp.py ok")
