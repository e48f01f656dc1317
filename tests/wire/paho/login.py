"""Logs in with paho-mqtt, publishes to a topic of its own and hears it: login.py PORT 4|5 USER PASSWORD [METHOD].

Prints "heard" and what came, or "refused" and the reason code. With METHOD (MQTT 5) the password is the data of enhanced
authentication by that method, and neither it nor the user name are in CONNECT.
"""
import sys
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties


def connect_properties(method, data):
    properties = Properties(PacketTypes.CONNECT)
    properties.AuthenticationMethod = method
    properties.AuthenticationData = data.encode()
    return properties


def main():
    port, version, user, password = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    method = sys.argv[5] if len(sys.argv) > 5 else None
    over = threading.Event()
    said = []

    def end(text):
        said.append(text)
        over.set()

    def on_connect(client, _data, _flags, reason, _properties=None):
        code = getattr(reason, "value", reason)
        if code != 0:
            end(f"refused {code}")
            return
        client.subscribe(f"own/{user}/#", qos=1)

    client = mqtt.Client(client_id=f"paho-{version}", protocol=mqtt.MQTTv5 if version == 5 else mqtt.MQTTv311)
    if method is None:
        client.username_pw_set(user, password)
    client.on_connect = on_connect
    client.on_subscribe = lambda *_: client.publish(f"own/{user}/x", "hello", qos=1)
    client.on_message = lambda _client, _data, message: end("heard " + message.payload.decode())
    client.connect("127.0.0.1", port, properties=connect_properties(method, password) if method else None)
    client.loop_start()
    over.wait(15)
    client.disconnect()
    client.loop_stop()
    print(said[0] if said else "nothing")


main()
