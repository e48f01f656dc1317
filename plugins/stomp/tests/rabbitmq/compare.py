"""compare.py PORT OTHER_PORT: plays the same edge cases of STOMP to two servers on 127.0.0.1 and prints where they differ.

Meant for RabbitMQ (guest, guest) first and Patchbay second; README.md of the plugin says what came out. A case is a text:
"> " sends a frame ("|" is a line end, "^" a NUL within it), "< " waits for what comes back until the server is silent. What is
compared is the commands with the headers that matter, up to the first ERROR; its sentence is the server's own, and RabbitMQ lets
some of those connections live where the specification wants them closed.
"""

import os
import re
import socket
import sys

SILENCE_S = 0.4
CONNECT = "> CONNECT|accept-version:1.2|host:/|login:guest|passcode:guest||"
CONNECT_11 = CONNECT.replace("1.2", "1.1")
CONNECT_10 = "> CONNECT|login:guest|passcode:guest||"
COMPARED = ("version", "subscription", "receipt-id", "destination", "content-type", "own", "redelivered")
CASES = {
    "CONNECT without accept-version is 1.0": [CONNECT_10],
    "CONNECT with 1.1 and 1.2 offered": ["> CONNECT|accept-version:1.0,1.1,1.2|host:/|login:guest|passcode:guest||"],
    "CONNECT with an unknown version": ["> CONNECT|accept-version:9.9|host:/|login:guest|passcode:guest||"],
    "STOMP in place of CONNECT": [CONNECT.replace("CONNECT", "STOMP")],
    "CONNECT without host in 1.2": ["> CONNECT|accept-version:1.2|login:guest|passcode:guest||"],
    "CONNECT with receipt": [CONNECT[:-1] + "receipt:c||"],
    "CONNECT with a body": [CONNECT + "body"],
    "CONNECT twice": [CONNECT, CONNECT],
    "a heart-beat header that is none": [CONNECT[:-1] + "heart-beat:x,y||"],
    "SEND before CONNECT": ["> SEND|destination:/topic/x||hello"],
    "line ends before CONNECT": ["> ||" + CONNECT[2:]],
    "a command that is none": [CONNECT, "> NONSENSE||"],
    "a command in small letters": [CONNECT, "> send|destination:/topic/x||hello"],
    "a header without a colon": [CONNECT, "> SEND|destination:/topic/x|nocolon||hello"],
    "an escape that is none": [CONNECT, "> SEND|destination:/topic/x|own:\\t|receipt:r||hello"],
    "SEND without destination": [CONNECT, "> SEND|receipt:r||hello"],
    "SEND to an unknown prefix": [CONNECT, "> SEND|destination:/nonsense/x|receipt:r||hello"],
    "SEND with a wildcard": [CONNECT, "> SEND|destination:/topic/a.*|receipt:r||hello"],
    "SEND with receipt": [CONNECT, "> SEND|destination:/topic/x|receipt:r||hello"],
    "SEND with a content-length that is too small": [CONNECT, "> SEND|destination:/topic/x|content-length:2|receipt:r||hello"],
    "SEND with a content-length that is none": [CONNECT, "> SEND|destination:/topic/x|content-length:two|receipt:r||hello"],
    "SUBSCRIBE without id in 1.2": [CONNECT, "> SUBSCRIBE|destination:/topic/x|receipt:r||"],
    "SUBSCRIBE without id in 1.0": [CONNECT_10, "> SUBSCRIBE|destination:/topic/x|receipt:r||", "> SEND|destination:/topic/x||hello"],
    "SUBSCRIBE without destination": [CONNECT, "> SUBSCRIBE|id:1|receipt:r||"],
    "SUBSCRIBE with an ack mode that is none": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/x|ack:sometimes|receipt:r||"],
    "SUBSCRIBE twice with one id": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/x|receipt:r||", "> SUBSCRIBE|id:1|destination:/topic/y|receipt:s||"],
    "SUBSCRIBE with a selector": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/x|selector:a = 1|receipt:r||"],
    "SUBSCRIBE with a body": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/x|receipt:r||body"],
    "UNSUBSCRIBE of an unknown id": [CONNECT, "> UNSUBSCRIBE|id:9|receipt:r||"],
    "UNSUBSCRIBE without id": [CONNECT, "> UNSUBSCRIBE|receipt:r||"],
    "two subscriptions to one topic": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/x|receipt:r||", "> SUBSCRIBE|id:2|destination:/topic/x|receipt:s||",
                                       "> SEND|destination:/topic/x||hello"],
    "a wildcard of one word": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/w.*.c|receipt:r||", "> SEND|destination:/topic/w.b.c||yes",
                               "> SEND|destination:/topic/w.b.d||no"],
    "a wildcard of many words": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/m.#|receipt:r||", "> SEND|destination:/topic/m||none",
                                 "> SEND|destination:/topic/m.b.c||two"],
    "a queue between two subscriptions": [CONNECT, "> SUBSCRIBE|id:1|destination:/queue/two|receipt:r||", "> SUBSCRIBE|id:2|destination:/queue/two|receipt:s||",
                                          "> SEND|destination:/queue/two||a", "> SEND|destination:/queue/two||b"],
    "a queue that was sent to before anybody subscribed": [CONNECT, "> SEND|destination:/queue/early|receipt:r||a", "> SUBSCRIBE|id:1|destination:/queue/early|receipt:s||"],
    "a body with NUL and content-length": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/n|receipt:r||", "> SEND|destination:/topic/n|content-length:3||a^b"],
    "an empty body": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/e|receipt:r||", "> SEND|destination:/topic/e||"],
    "a header that comes twice": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/h|receipt:r||", "> SEND|destination:/topic/h|own:first|own:second||x"],
    "escapes in a header": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/s|receipt:r||", "> SEND|destination:/topic/s|own:a\\cb\\nc\\\\d||x"],
    "spaces around a header in 1.2": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/p|receipt:r||", "> SEND|destination:/topic/p|own: a ||x"],
    "line ends with CR in 1.2": [CONNECT, "> SUBSCRIBE\r|id:1\r|destination:/topic/cr\r|receipt:r\r|\r|"],
    "line ends with CR in 1.1": [CONNECT_11, "> SUBSCRIBE\r|id:1\r|destination:/topic/cr\r|receipt:r\r|\r|"],
    "a subscription id with a colon": [CONNECT, "> SUBSCRIBE|id:a\\cb|destination:/topic/c|receipt:r||", "> SEND|destination:/topic/c||x"],
    "ACK without id": [CONNECT, "> ACK|receipt:r||"],
    "ACK of an unknown id": [CONNECT, "> ACK|id:T_9@@s@@9|receipt:r||"],
    "ACK twice": [CONNECT, "> SUBSCRIBE|id:1|destination:/queue/ack2|ack:client-individual|receipt:r||", "> SEND|destination:/queue/ack2||x", "> ACK|id:$0|receipt:1||",
                  "> ACK|id:$0|receipt:2||"],
    "ACK of a message of auto": [CONNECT, "> SUBSCRIBE|id:1|destination:/queue/auto|receipt:r||", "> SEND|destination:/queue/auto||x", "> ACK|id:$0|receipt:1||"],
    "ACK of the last with ack:client": [CONNECT, "> SUBSCRIBE|id:1|destination:/queue/cum|ack:client|prefetch-count:2|receipt:r||", "> SEND|destination:/queue/cum||a",
                                        "> SEND|destination:/queue/cum||b", "> SEND|destination:/queue/cum||c", "> ACK|id:$1|receipt:1||"],
    "prefetch-count 1 with client-individual": [CONNECT, "> SUBSCRIBE|id:1|destination:/queue/one|ack:client-individual|prefetch-count:1|receipt:r||",
                                                "> SEND|destination:/queue/one||a", "> SEND|destination:/queue/one||b", "> ACK|id:$0|receipt:1||"],
    "NACK": [CONNECT, "> SUBSCRIBE|id:1|destination:/queue/nack|ack:client-individual|receipt:r||", "> SEND|destination:/queue/nack||x", "> NACK|id:$0|receipt:1||"],
    "NACK with requeue:false": [CONNECT, "> SUBSCRIBE|id:1|destination:/queue/nackf|ack:client-individual|receipt:r||", "> SEND|destination:/queue/nackf||x",
                                "> NACK|id:$0|requeue:false|receipt:1||"],
    "NACK in 1.0": [CONNECT_10, "> NACK|message-id:1|receipt:r||"],
    "BEGIN without transaction": [CONNECT, "> BEGIN|receipt:r||"],
    "BEGIN twice": [CONNECT, "> BEGIN|transaction:t|receipt:r||", "> BEGIN|transaction:t|receipt:s||"],
    "COMMIT of an unknown transaction": [CONNECT, "> COMMIT|transaction:t|receipt:r||"],
    "ABORT of an unknown transaction": [CONNECT, "> ABORT|transaction:t|receipt:r||"],
    "SEND in an unknown transaction": [CONNECT, "> SEND|destination:/topic/t|transaction:t|receipt:r||x"],
    "COMMIT": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/co|receipt:r||", "> BEGIN|transaction:t||", "> SEND|destination:/topic/co|transaction:t|receipt:s||x", "> COMMIT|transaction:t|receipt:c||"],
    "ABORT": [CONNECT, "> SUBSCRIBE|id:1|destination:/topic/ab|receipt:r||", "> BEGIN|transaction:t||", "> SEND|destination:/topic/ab|transaction:t|receipt:s||x", "> ABORT|transaction:t|receipt:c||"],
    "DISCONNECT with receipt": [CONNECT, "> DISCONNECT|receipt:bye||"],
    "DISCONNECT without receipt": [CONNECT, "> DISCONNECT||"],
    "SEND behind DISCONNECT": [CONNECT, "> DISCONNECT|receipt:bye||^SEND|destination:/topic/x|receipt:r||x"],
    "a subscriber that goes and comes gets the queue's messages": [CONNECT, "> SUBSCRIBE|id:1|destination:/queue/back|receipt:r||", "> UNSUBSCRIBE|id:1|receipt:u||",
                                                                    "> SEND|destination:/queue/back|receipt:s||x", "> SUBSCRIBE|id:2|destination:/queue/back|receipt:t||"],
    "a temporary queue as reply-to": [CONNECT, "> SEND|destination:/topic/x|reply-to:/temp-queue/foo|receipt:r||x"],
}


def wire(text):
    return text.replace("|", "\n").replace("^", "\0").encode() + b"\0"


def read(connection):
    """What comes until nothing does; whether the server has closed."""
    data, closed = b"", False
    connection.settimeout(SILENCE_S)
    try:
        while not closed:
            more = connection.recv(65536)
            closed, data = not more, data + more
    except socket.timeout:
        pass
    except ConnectionError:
        closed = True
    return data, closed


def frames(data):
    out = []
    while data.strip(b"\r\n"):
        data = data.lstrip(b"\r\n")
        head, _, rest = data.partition(b"\n\n")
        lines = head.decode("utf-8", "replace").split("\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.rstrip("\r").partition(":")
            headers.setdefault(name, value)
        length = int(headers["content-length"]) if "content-length" in headers else rest.find(b"\0")
        out.append((lines[0], headers, rest[:length]))
        data = rest[length + 1:]
    return out


def shown(frame):
    command, headers, body = frame
    if command == "ERROR":
        return command
    kept = " ".join(f"{name}={headers[name]}" for name in COMPARED if name in headers and headers[name] != "false")
    return f"{command} {kept} {body!r}" if command == "MESSAGE" else f"{command} {kept}".strip()


def play(port, steps):
    said, acks = [], []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for step in steps:
            step = step.replace("/queue/", f"/queue/{os.getpid()}-")  # what an earlier run has left there is not this one's
            text = re.sub(r"\$(\d)", lambda match: acks[int(match[1])] if int(match[1]) < len(acks) else "none", step[2:])
            try:
                connection.sendall(wire(text))
            except ConnectionError:
                said.append("closed")
                break
            data, closed = read(connection)
            for frame in frames(data):
                said.append(shown(frame))
                if frame[0] == "MESSAGE":
                    acks.append(frame[1].get("ack", frame[1].get("message-id", "")))
                if frame[0] == "ERROR":
                    return said, frame[1].get("message", "")
            if closed:
                said.append("closed")
                break
    return said, ""


def main():
    ports = int(sys.argv[1]), int(sys.argv[2])
    same = 0
    for name, steps in CASES.items():
        (first, why_first), (second, why_second) = (play(port, steps) for port in ports)
        if first == second:
            same += 1
            continue
        print(f"{name}\n  first:  {'; '.join(first)} {why_first}\n  second: {'; '.join(second)} {why_second}", flush=True)
    print(f"{same} of {len(CASES)} cases are the same")


main()
