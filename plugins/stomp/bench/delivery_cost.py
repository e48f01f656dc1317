"""delivery_cost.py BROKER PLUGIN [MESSAGES] [SUBSCRIBERS] [BATCH]: what one delivered message costs the broker in processor time, to MQTT
subscribers with QoS 0 and to STOMP subscribers (ack:auto, qos:0), of the same messages. Prints a table.

An MQTT client publishes; each subscriber gets each message. The cost is the broker's user and system time, from the first
message until the last one has arrived, by the number of deliveries. Kinds take turns in short rounds, since a machine that others
share runs faster in one second than in the next; told are the medians, and the median of the rounds' ratios.
"""

import os
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time

BROKER, PLUGIN = sys.argv[1], sys.argv[2]
MESSAGES = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
SUBSCRIBERS = int(sys.argv[4]) if len(sys.argv) > 4 else 10
BATCH = int(sys.argv[5]) if len(sys.argv) > 5 else 50  # messages that are on their way together
ROUNDS = 21
TOPIC = b"bench/delivery"
CONFIGURATION = """
[node]
shards = 1
[api]
bind = ""
[log]
level = "warning"
[listeners.tcp.default]
bind = "127.0.0.1:{mqtt}"
[listeners.ws.default]
bind = ""
[listeners.tcp.stomp]
bind = "127.0.0.1:{stomp}"
protocol = "stomp"
[plugins]
dir = "{folder}"
enabled = ["stomp"]
[plugin.stomp]
permissions = ["protocol"]
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def text(value):
    return len(value).to_bytes(2, "big") + value


def packet(first, body):
    head, size = bytes([first]), len(body)
    while size >= 0x80:
        head, size = head + bytes([size & 0x7F | 0x80]), size >> 7
    return head + bytes([size]) + body


def connect_mqtt(port, name):
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(packet(0x10, text(b"MQTT") + b"\x04\x02\x00\x00" + text(name)))
    client.recv(4, socket.MSG_WAITALL)
    return client


def mqtt_subscriber(ports, number):
    client = connect_mqtt(ports[0], b"m%d" % number)
    client.sendall(packet(0x82, b"\x00\x01" + text(TOPIC) + b"\x00"))
    client.recv(5, socket.MSG_WAITALL)
    return client


def stomp_subscriber(ports, number):
    client = socket.create_connection(("127.0.0.1", ports[1]))
    client.sendall(b"CONNECT\naccept-version:1.2\nhost:x\nclient-id:s%d\n\n\0" % number)
    while not client.recv(4096).endswith(b"\0"):
        pass
    client.sendall(b"SUBSCRIBE\nid:0\nqos:0\ndestination:" + TOPIC + b"\nreceipt:r\n\n\0")
    while not client.recv(4096).endswith(b"\0"):
        pass
    return client


def cpu_s(process):
    """Of all threads, to the nanosecond: /proc/<process>/stat has steps of 10 ms."""
    folder = f"/proc/{process.pid}/task"
    return sum(int(open(f"{folder}/{task}/schedstat").read().split()[0]) for task in os.listdir(folder)) / 1e9


def run(process, ports, open_subscriber, payload, counts):
    subscribers = [open_subscriber(ports, number) for number in range(SUBSCRIBERS)]
    publisher = connect_mqtt(ports[0], b"publisher")
    publish = packet(0x30, text(TOPIC) + payload)
    watcher, left = selectors.DefaultSelector(), 0
    for each in subscribers:
        watcher.register(each, selectors.EVENT_READ)
    before = cpu_s(process)
    for batch in range(0, MESSAGES, BATCH):
        publisher.sendall(publish * min(BATCH, MESSAGES - batch))
        left += min(BATCH, MESSAGES - batch) * SUBSCRIBERS
        while left > 0:  # credit: what was sent has arrived before more is
            for key, _ in watcher.select():
                left -= counts(key.fileobj.recv(1 << 20), len(publish), key.fileobj)
    spent = cpu_s(process) - before
    for each in subscribers + [publisher]:
        each.close()
    time.sleep(0.2)
    return spent / (MESSAGES * SUBSCRIBERS) * 1e9


PARTIAL = {}


def whole_packets(data, size, whose):
    """MQTT: all packets have the same size."""
    total = PARTIAL.get(whose, 0) + len(data)
    PARTIAL[whose] = total % size
    return total // size


def whole_frames(data, _size, _whose):
    """STOMP: a frame ends with the only NUL in it."""
    return data.count(0)


class Broker:
    """A broker with the plugin in a folder of its own, started by way of `before` (a program that runs programs)."""

    def __init__(self, before=()):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        self.ports = free_port(), free_port()
        plugins = os.path.join(self.folder, "plugins")
        os.mkdir(plugins, 0o700)
        subprocess.run(["install", "-m", "0700", PLUGIN, os.path.join(plugins, "stomp.so")], check=True)
        configuration = os.path.join(self.folder, "patchbay.toml")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(mqtt=self.ports[0], stomp=self.ports[1], folder=plugins))
        self.process = subprocess.Popen([*before, os.path.abspath(BROKER), "start", "--config", configuration, "--data", os.path.join(self.folder, "data")],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=self.folder)
        line = self.process.stdout.readline()
        while b"patchbay ready" not in line:
            if not line:
                sys.exit("the broker is not ready")
            line = self.process.stdout.readline()

    def __enter__(self):
        return self

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def __exit__(self, *_):
        self.stop()
        self.process.stdout.close()
        self.temporary.cleanup()


def main():
    with Broker() as broker:
        print("payload   MQTT ns   STOMP ns   ratio")
        for size in (16, 256, 1024, 16384):
            payload, all_of = b"x" * size, {"mqtt": [], "stomp": []}
            for _ in range(ROUNDS):
                for kind, opens, counts in (("mqtt", mqtt_subscriber, whole_packets), ("stomp", stomp_subscriber, whole_frames)):
                    PARTIAL.clear()
                    all_of[kind].append(run(broker.process, broker.ports, opens, payload, counts))
            ratio = statistics.median(stomp / mqtt for stomp, mqtt in zip(all_of["stomp"], all_of["mqtt"]))
            mqtt, stomp = (statistics.median(all_of[kind]) for kind in ("mqtt", "stomp"))
            print(f"{size:7} {mqtt:9.0f} {stomp:10.0f} {ratio:7.2f}", flush=True)


if __name__ == "__main__":
    main()
