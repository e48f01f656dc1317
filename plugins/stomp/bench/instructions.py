"""instructions.py BROKER PLUGIN [KIND:SUBSCRIBERS:BATCH ...]: instructions of the broker (user mode, by callgrind) for one delivered
message of 256 bytes, to MQTT subscribers with QoS 0 and to STOMP subscribers. Each figure is the difference of two runs of different
length, divided by the deliveries of that difference, so that what a start costs doesn't count. Prints a table."""

import os
import re
import sys

SHORT, LONG = 400, 2400
PAYLOAD = b"x" * 256
CASES = [tuple(int(part) for part in each.split(":")) for each in sys.argv[3:]] or [(10, 50), (10, 1), (1, 50), (1, 1)]
sys.argv = sys.argv[:3] + [str(LONG), "1", "1"]  # delivery_cost.py reads these
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import delivery_cost as cost  # noqa: E402  after its arguments are there


def total(kind, subscribers, batch, messages):
    """All instructions of one broker that delivers so many messages."""
    cost.MESSAGES, cost.SUBSCRIBERS, cost.BATCH = messages, subscribers, batch
    opens, counts = {"mqtt": (cost.mqtt_subscriber, cost.whole_packets), "stomp": (cost.stomp_subscriber, cost.whole_frames)}[kind]
    with cost.Broker(["valgrind", "--tool=callgrind", "--callgrind-out-file=callgrind.out"]) as broker:
        cost.PARTIAL.clear()
        cost.run(broker.process, broker.ports, opens, PAYLOAD, counts)
        broker.stop()
        with open(os.path.join(broker.folder, "callgrind.out"), encoding="utf-8") as file:
            if "CALLGRIND_KEEP" in os.environ:
                os.replace(file.name, os.path.join(os.environ["CALLGRIND_KEEP"], f"{kind}-{subscribers}-{batch}-{messages}.out"))
            return int(re.search(r"^(?:summary|totals): (\d+)", file.read(), re.MULTILINE)[1])


print("subscribers   under way   MQTT   STOMP   ratio")
for case in CASES:
    per = {kind: (total(kind, *case, LONG) - total(kind, *case, SHORT)) / ((LONG - SHORT) * case[0]) for kind in ("mqtt", "stomp")}
    print(f"{case[0]:11} {case[1]:11} {per['mqtt']:6.0f} {per['stomp']:7.0f} {per['stomp'] / per['mqtt']:7.2f}", flush=True)
