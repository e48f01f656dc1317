"""flows.py TRANSPORT PORT: paho-mqtt (1.6, Debian's) against the broker; prints "paho ok" when all went as it should."""

import sys
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

PATIENCE_S = 10
TRANSPORT, PORT = sys.argv[1], int(sys.argv[2])


class Client:
    """A paho client whose callbacks are waited for."""

    def __init__(self, client_id, version, clean=True, expiry_s=0):
        keep = {} if version == mqtt.MQTTv5 else {"clean_session": clean}
        self.client = mqtt.Client(client_id, protocol=version, transport=TRANSPORT, **keep)
        self.version, self.clean, self.expiry_s = version, clean, expiry_s
        self.messages, self.done = [], set()
        self.changed = threading.Condition()
        self.flags, self.reason, self.connected = None, None, False
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect
        self.client.on_message = lambda _c, _u, message: self._note(lambda: self.messages.append(message))
        for name in ("on_subscribe", "on_unsubscribe", "on_publish"):
            setattr(self.client, name, lambda _c, _u, packet_id, *_more: self._note(lambda: self.done.add(packet_id)))

    def _note(self, change):
        with self.changed:
            change()
            self.changed.notify_all()

    def _on_connect(self, _client, _userdata, flags, reason, *_properties):
        def change():
            self.flags, self.reason, self.connected = flags, reason, True
        self._note(change)

    def _on_disconnect(self, *_):
        def change():
            self.connected = False
        self._note(change)

    def wait(self, what, condition):
        with self.changed:
            if not self.changed.wait_for(condition, PATIENCE_S):
                sys.exit(f"{what}: not in time; messages: {[(m.topic, m.payload) for m in self.messages]}")

    def connect(self):
        more = {}
        if self.version == mqtt.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = self.expiry_s
            more = {"clean_start": self.clean, "properties": properties}
        self.client.connect("127.0.0.1", PORT, 60, **more)
        self.client.loop_start()
        self.wait("CONNACK", lambda: self.connected)
        check(str(self.reason) in ("0", "Success"), f"CONNECT was answered with {self.reason}")
        return self

    def disconnect(self):
        self.client.disconnect()
        self.wait("close", lambda: not self.connected)
        self.client.loop_stop()

    def subscribe(self, *arguments, **named):
        _, packet_id = self.client.subscribe(*arguments, **named)
        self.wait("SUBACK", lambda: packet_id in self.done)

    def publish(self, topic, payload, qos=0, retain=False, properties=None):
        info = self.client.publish(topic, payload, qos, retain, properties)
        self.wait("end of publish", lambda: info.mid in self.done)

    def take(self, count):
        self.wait(f"{count} messages", lambda: len(self.messages) >= count)
        taken, self.messages = self.messages[:count], self.messages[count:]
        return taken


def check(condition, text):
    if not condition:
        sys.exit("wrong: " + text)


def every_qos(version):
    client = Client("paho-qos", version).connect()
    client.subscribe("paho/#", 2)
    for qos in (0, 1, 2):
        client.publish(f"paho/{qos}", f"message {qos}", qos)
    for qos, message in enumerate(client.take(3)):
        check((message.topic, message.payload, message.qos) == (f"paho/{qos}", f"message {qos}".encode(), qos),
              f"QoS {qos} came as {message.qos} {message.payload}")
    client.publish("paho/large", "x" * 300_000, 2)
    check(len(client.take(1)[0].payload) == 300_000, "a large message came cut")
    client.disconnect()


def resumed_session(version):
    first = Client("paho-sleeper", version, clean=False, expiry_s=600).connect()
    first.subscribe([("sleep/#", 2)] if version != mqtt.MQTTv5 else [("sleep/#", SubscribeOptions(qos=2))])
    first.disconnect()
    publisher = Client("paho-publisher", version).connect()
    for number in range(20):
        publisher.publish("sleep/a", str(number), 1 + number % 2)
    publisher.disconnect()
    again = Client("paho-sleeper", version, clean=False, expiry_s=600).connect()
    if version != mqtt.MQTTv31:
        check(again.flags["session present"] == 1, "the session is gone")
    # paho hands a QoS 2 message out when it is released, so that the order holds within each QoS.
    messages = again.take(20)
    for qos in (1, 2):
        got = [int(message.payload) for message in messages if message.qos == qos]
        check(got == list(range(qos - 1, 20, 2)), f"QoS {qos} after the sleep: {got}")
    again.disconnect()


def retained_and_will(version):
    client = Client("paho-keeper", version).connect()
    client.publish("kept/a", "kept", 1, retain=True)
    client.subscribe("kept/+", 1)
    message = client.take(1)[0]
    check(message.retain and message.payload == b"kept", "retained message")
    client.publish("kept/a", "", 1, retain=True)
    client.take(1)
    dying = Client("paho-dying", version)
    dying.client.will_set("kept/will", "gone", 1)
    dying.connect()
    dying.client.socket().close()
    check(client.take(1)[0].payload == b"gone", "will")
    client.disconnect()


def properties_of_v5():
    client = Client("paho-properties", mqtt.MQTTv5).connect()
    client.subscribe("properties", options=SubscribeOptions(qos=1, noLocal=False, retainAsPublished=True))
    sent = Properties(PacketTypes.PUBLISH)
    sent.ContentType = "text/plain"
    sent.ResponseTopic = "answer"
    sent.CorrelationData = b"\x00\x01"
    sent.UserProperty = [("a", "1"), ("a", "2")]
    sent.MessageExpiryInterval = 60
    client.publish("properties", "p", 1, properties=sent)
    got = client.take(1)[0].properties
    check((got.ContentType, got.ResponseTopic, got.CorrelationData) == ("text/plain", "answer", b"\x00\x01"), str(got))
    check(got.UserProperty == [("a", "1"), ("a", "2")], "user properties")
    check(0 < got.MessageExpiryInterval <= 60, "message expiry interval")
    client.disconnect()


for protocol in (mqtt.MQTTv31, mqtt.MQTTv311, mqtt.MQTTv5):
    every_qos(protocol)
    resumed_session(protocol)
    retained_and_will(protocol)
properties_of_v5()
print("paho ok")
