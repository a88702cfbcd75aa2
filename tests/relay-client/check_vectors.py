"""Makes everything in docs/protocol/vectors again from its inputs, and refuses what must be refused."""
import json
import pathlib

from google.protobuf import json_format
import stream_pb2

import invites
import records
from tls import Malformed, vector


def load(folder, name):
    return json.loads((pathlib.Path(folder) / name).read_text())["cases"]


def check_all(folder):
    counts = {}
    for name, check in CHECKS.items():
        cases = load(folder, name)
        for case in cases:
            check(case)
        counts[name] = len(cases)
    return counts


def same(case, expected, made):
    assert expected == made, f"{case['name']}: {expected} is not {made}"


def from_hex(fields):
    """Fields whose values are hexadecimal become bytes; text that is none stays."""
    return {name: bytes.fromhex(value) if isinstance(value, str) and name not in ("relay_url", "method", "target") else value for name, value in fields.items()}


def body_of(name, f):
    if name == "genesis":
        return records.genesis(f["account_key"], f["recovery_signature_key_hash"], f["recovery_sealing_key_hash"])
    if name == "device certificate":
        return records.certificate_body(f["account_id"], f["device_key"], f["suites"], f["rights"])
    if "device list" in name:
        mark = f["recovery"] and (bytes.fromhex(f["recovery"]["recovery_key"]), f["recovery"]["unix_seconds"])
        return records.list_body(f["account_id"], f["number"], f["predecessor"], f["account_key"], [bytes.fromhex(c) for c in f["certificates"]], mark)
    if name == "reachability":
        return records.reachability_body(f["account_id"], f["device_key"], f["number"], f["relay_url"], f["relay_fingerprint"], f["intro_channel"], f["intro_key"], f["expires"])
    if name == "recovery record":
        return records.recovery_body(f["account_id"], f["number"], f["day"], f["sealed"])
    if name == "relay statement":
        addresses = [(a["url"], a["proof"], [bytes.fromhex(hash_) for hash_ in a["spki_hashes"]]) for a in f["addresses"]]
        return records.statement_body(f["identity_key"], f["number"], f["expires"], addresses)
    if name == "registration receipt":
        return f["account_id"]
    if name == "commit receipt":
        return records.commit_receipt_content(f["channel"], f["incarnation"], f["number"], f["payload_hash"], f["next_write_capability_hash"])
    raise AssertionError("an unknown record: " + name)


def check_record(case):
    body = body_of(case["name"], from_hex(case["fields"]))
    same(case, case.get("body", body.hex()), body.hex())
    same(case, case.get("hash", records.h(body).hex()), records.h(body).hex())
    signatures = b""
    for signature in case["signatures"]:
        key = records.Key(bytes.fromhex(signature["seed"]))
        same(case, signature["key"], key.public.hex())
        label = signature.get("label", "Sotto 1 " + case["name"])
        same(case, signature["to_sign"], records.to_sign(label, body).hex())
        same(case, signature["signature"], key.sign(label, body).hex())
        signatures += bytes.fromhex(signature["signature"])
    if "record" in case:
        same(case, case["record"], (vector(body) + signatures if signatures else body).hex())


def check_request(case):
    f = from_hex(case["fields"])
    key = records.Key(f["seed"])
    content = records.request_content(f["relay_identity_key"], f["account_id"], key.public, f["method"], f["target"], f["body"], f["nonce"])
    same(case, case["to_sign"], records.to_sign("Sotto 1 request", content).hex())
    same(case, case["signature"], key.sign("Sotto 1 request", content).hex())
    sent = {"Sotto-Account": f["account_id"], "Sotto-Key": key.public, "Sotto-Nonce": f["nonce"], "Sotto-Signature": bytes.fromhex(case["signature"])}
    same(case, case["headers"], {name: invites.encode(value) for name, value in sent.items()})


def check_invite(case):
    if case["name"] == "operator's link":
        link = invites.read_operator_link(case["link"])
        same(case, [case["relay_fingerprint"], case["registration_token"], case["expires_hour"]],
             [link["relay_fingerprint"].hex(), link["registration_token"].hex(), link["expires_hour"]])
    elif case["name"] == "invite":
        account, fingerprint, secret = (bytes.fromhex(case[name]) for name in ("account_id", "relay_fingerprint", "secret"))
        same(case, case["link"], invites.make_invite_link("127.0.0.1:7788", account, fingerprint, secret, case["expires_hour"]))
        same(case, secret, invites.read_invite_link(case["link"])["secret"])
        same(case, case["k"], invites.extract(account, fingerprint, secret).hex())
        same(case, case["values"], {name: value.hex() for name, value in invites.values(account, fingerprint, secret).items()})
    elif case["name"] == "conversation id":
        same(case, case["conversation_id"], invites.conversation_id(*(bytes.fromhex(account) for account in case["account_ids"])).hex())
    elif case["name"] == "mailbox id":
        same(case, case["mailbox_id"], invites.mailbox_id(bytes.fromhex(case["mailbox_key"]), bytes.fromhex(case["encryption_key"])).hex())
    else:
        raise AssertionError("an unknown value: " + case["name"])


def check_frame(case):
    batch = json_format.ParseDict(case["json"], stream_pb2.Batch())
    same(case, case["bytes"], batch.SerializeToString(deterministic=True).hex())
    same(case, batch, stream_pb2.Batch.FromString(bytes.fromhex(case["bytes"])))


READERS = {
    "signed record": records.read_record,
    "genesis": records.read_genesis,
    "device list": records.read_list,
    "device certificate": records.read_certificate_body,
    "reachability": records.read_reachability,
    "relay statement": records.read_statement_body,
    "link": lambda data: invites.read_operator_link(data.decode()),
}


def check_refused(case):
    try:
        READERS[case["reader"]](bytes.fromhex(case["bytes"]))
    except Malformed:
        return
    raise AssertionError("taken: " + case["name"])


CHECKS = {"records.json": check_record, "requests.json": check_request, "invites.json": check_invite, "frames.json": check_frame, "refused.json": check_refused}
