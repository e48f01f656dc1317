#!/usr/bin/env python3
"""Makes HOOKS.md and hooks/*.md from hooks.def, from the comments of events.h, and from the short names of the C++ layer.

    hooks_page.py write | check
"""
import re
import sys

from abi_headers import SDK

KINDS = {"D": "decide", "T": "transform", "O": "observe", "P": "provide"}
LAYERS = {"connection": "Connections", "access": "Who it is and what it may", "session": "Sessions and subscriptions",
          "router": "Messages on their way in", "distribution": "Messages on their way out", "protocol": "Other protocols",
          "control": "The node itself"}
QUESTIONS = [
    ("refuse connections by address, before a byte is read", "conn.accept"),
    ("accept clients by their certificate", "conn.tls_cert"),
    ("look up pre-shared keys", "conn.tls_psk"),
    ("limit how much a connection may send", "conn.limits"),
    ("check passwords or tokens", "auth.authenticate"),
    ("do SCRAM, Kerberos, or another exchange by AUTH packets", "auth.enhanced"),
    ("change the client id or user name that a device sends", "auth.connect_rewrite"),
    ("give a client attributes, permissions, an expiry, after it has logged in", "auth.enrich"),
    ("decide who may publish where", "acl.publish"),
    ("decide who may subscribe to what", "acl.subscribe"),
    ("hide single messages from single receivers", "acl.deliver"),
    ("send clients to another server, or limit what a session gets", "session.open"),
    ("keep the old connection when a client id comes twice", "session.conflict"),
    ("know who is online", "client.connected"),
    ("know who has gone, and why", "client.disconnected"),
    ("rename what old devices subscribe to", "subscribe.rewrite"),
    ("decide what a full queue drops", "queue.overflow"),
    ("change, delay or drop a will", "will.publish"),
    ("add a reason or user properties to acknowledgements", "reply.out"),
    ("rename topics before access is checked", "publish.rewrite"),
    ("refuse, drop or change messages", "publish.accept"),
    ("acknowledge a message only when my database has it", "publish.accept"),
    ("write messages to a database, a queue, a file", "publish.routed"),
    ("keep messages that nobody subscribes to", "publish.unrouted"),
    ("choose which member of a shared subscription gets a message", "share.pick"),
    ("limit or change what is retained", "retain.store"),
    ("answer new subscriptions from my own data", "retain.lookup"),
    ("change a message for one receiver", "deliver.before"),
    ("know that a message has arrived", "deliver.acked"),
    ("know what was lost, and why", "deliver.dropped"),
    ("see whole packets, to find a fault", "packet.in"),
    ("allow or forbid changes by REST", "admin.before"),
    ("keep an audit trail", "admin.audit"),
    ("finish something before the node stops", "shutdown.begin"),
]


def rows() -> list:
    text = (SDK / "include/patchbay/hooks.def").read_text()
    pattern = r"^PATCHBAY_(?:ACCESS_|CONTROL_)?HOOK\((\d+), (\w+), \"([\w.]+)\", (\w+), \"(\w+)\", (\w+), (\d), (\d+), (\w+), (\d+), (\w+), \w+\)"
    keys = ("number", "identifier", "name", "layer", "kinds", "heat", "defers", "deadline", "fallback", "since", "event")
    return [dict(zip(keys, match)) for match in re.findall(pattern, text, re.M)]


def events() -> dict:
    """event -> (comment, [(type, field, comment)])"""
    text = (SDK / "include/patchbay/events.h").read_text()
    out = {}
    pattern = r"/\* ((?:(?!\*/).)*?)\*/\s*typedef struct patchbay_(\w+)_event \{(.*?)\}"
    for comment, event, body in re.findall(pattern, text, re.S):
        fields = re.findall(r"^\s*([\w ]+?[ *]+)(\w+)(\[\d+\])?;(?:\s*/\* (.*?) \*/)?", body, re.M)
        out[event] = (clean(comment), [(kind.strip() + (array or ""), name, note) for kind, name, array, note in fields])
    return out


def clean(comment: str) -> str:
    comment = re.sub(r"\s*\n \*\s*", " ", comment)
    return re.sub(r"^-{3}.*?-{3,}\s*", "", comment).strip()


def short_names() -> dict:
    text = (SDK / "cpp/patchbay/hook_table.hpp").read_text()
    out = {}
    for identifier, member in re.findall(r"NAME\((\w+), (\w+)\)", text):
        out.setdefault(identifier, []).append(member)
    return out


def when_late(row: dict) -> str:
    if row["defers"] == "0":
        return "–"
    fallback = {"next": "next, or unchanged"}.get(row["fallback"], row["fallback"])
    return f"{int(row['deadline']) / 1000:g} s, {fallback}"


def link(row: dict) -> str:
    return f"[`{row['name']}`](hooks/{row['layer']}.md#{row['name'].replace('.', '')})"


def section(row: dict, shown: dict, short: dict) -> list:
    comment, fields = shown[row["event"]]
    names = [row["identifier"], *short.get(row["identifier"], [])]
    members = ", ".join(f"`on_{name}`" for name in names)
    if "O" in row["kinds"]:
        members += f", `on_{row['identifier']}_batch`"
    where = "[control]" if "[control]" in comment else "[shard]"
    if row["kinds"] == "O" and where == "[shard]":
        where = "[worker] in batches, [shard] when registered inline"
    out = [f"## {row['name']}", "", comment, "",
           f"Number {row['number']} · {' and '.join(KINDS[k] for k in row['kinds'])} · {row['heat']} · {where} · "
           + (f"may be deferred: {when_late(row)} when late · " if row["defers"] == "1" else "") + f"since 1.{row['since']}  ",
           f"C++: {members}", "", f"`patchbay_{row['event']}_event`:", ""]
    for kind, name, note in fields:
        if name not in ("size", "reserved"):
            out.append(f"- `{kind} {name}`" + (f": {note}" if note else ""))
    return out + [""]


def index(table: list) -> str:
    by_name = {row["name"]: row for row in table}
    out = ["# Hooks", "", "Made from `include/patchbay/hooks.def` and `events.h` by `tools/hooks_page.py`; edit those.", "",
           "## Which hook do I want?", "", "| I want to … | Hook |", "|---|---|"]
    out += [f"| {question} | {link(by_name[name])} |" for question, name in QUESTIONS]
    out += ["", "## All of them", "",
            "Kinds: **decide** ends with the first opinion, **transform** replaces, **observe** watches, **provide** takes the first answer. "
            "Heat: *hot* for each message, *warm* for each action of a client, *cold* rarely. What a late or failed answer means is a "
            "default: the operator may set it for each hook and plugin.", "",
            "A PUBLISH meets: `publish.rewrite` → validation → `acl.publish` → `publish.accept` (decide, then transform; a changed topic or "
            "retain flag is validated and authorised again) → routing → `publish.routed` or `publish.unrouted`.", "",
            "| Hook | Number | Kind | Heat | When late |", "|---|---|---|---|---|"]
    for row in table:
        kinds = " + ".join(KINDS[k] for k in row["kinds"])
        out.append(f"| {link(row)} | {row['number']} | {kinds} | {row['heat']} | {when_late(row)} |")
    return "\n".join(out) + "\n"


def pages() -> dict:
    """path -> text"""
    table, shown, short = rows(), events(), short_names()
    out = {SDK / "HOOKS.md": index(table)}
    for layer, title in LAYERS.items():
        lines = [f"# {title}", "", "Hooks of this layer; [all hooks](../HOOKS.md). Made by `tools/hooks_page.py`.", ""]
        for row in (row for row in table if row["layer"] == layer):
            lines += section(row, shown, short)
        out[SDK / "hooks" / f"{layer}.md"] = "\n".join(lines)
    return out


def main() -> int:
    made = pages()
    if sys.argv[1:] == ["write"]:
        (SDK / "hooks").mkdir(exist_ok=True)
        for path, text in made.items():
            path.write_text(text)
        return 0
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(f"{path} isn't what hooks.def and events.h say: run plugin-sdk/tools/hooks_page.py write")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
