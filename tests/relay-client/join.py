"""Walks through docs/protocol/invites.md against a relay: Ann registers and invites Bob, who joins. MLS bytes are dummies.

    join.py VECTORS FIRST_LINK SECOND_LINK

The links are the operator's. Ends with 0 when everything went as the documents say.
"""
import asyncio
import os
import sys
import time

import stream_pb2 as proto

import invites
from account_plane import AccountPlane, Refused
from check_vectors import check_all
from invites import decode, encode
from people import DAY, HOUR, Channel, Person
from records import commit_receipt_content, h, read_reachability, read_record, record, recovery_body, verify, verify_lists


async def main(vectors, first_link, second_link):
    print("vectors:", ", ".join(f"{name} {count}" for name, count in check_all(vectors).items()))
    link = invites.read_operator_link(first_link)
    ann = Person(link["address"], link["relay_fingerprint"])
    await ann.connect()
    ann.register(link["registration_token"])
    await refused("invite-used", lambda: Person(link["address"], link["relay_fingerprint"]).register(link["registration_token"]))
    ann.add_vouchers(5)
    await ann.create(ann.intro, proto.INTRO)
    ann.publish()
    shown, invite = await ask_in(ann)
    bob, bobs = await join(shown, ann.id)
    await welcome(ann, invite, bob, bobs)
    recover_record(ann)
    await stranger(ann, second_link)
    await ann.close()
    await bob.close()
    print("joined")


async def ask_in(ann):
    """Inviting: both planes are told before the link is shown."""
    secret, hour = os.urandom(16), int(time.time()) // HOUR + 24
    invite = invites.values(ann.id, ann.fingerprint, secret)
    request = {"contact_hash": encode(h(invite["contact"])), "registration_hash": encode(h(invite["registration"])), "card": encode(os.urandom(300)), "uses": 1, "expires_hour": hour}
    ann.tell("POST", "/v1/account/invites", request)
    ann.tell("POST", "/v1/account/invites", request)
    await ann.stream.ask("open_lane", channel=ann.intro.id, capability=ann.intro.write, lane_hash=h(invite["lane"]), kind=proto.SINGLE_USE, expires_hour=hour)
    assert ann.tell("GET", "/v1/account/invites")["invites"] == [{"contact_hash": request["contact_hash"], "state": "open", "claims_left": 5, "expires_hour": hour}]
    return invites.make_invite_link(ann.address, ann.id, ann.fingerprint, secret, hour), invite


async def join(shown, ann_id):
    """Steps 1 to 11 of joining."""
    link = invites.read_invite_link(shown)
    assert link["account"] == ann_id
    address, invite = link["addresses"][0], invites.values(link["account"], link["relay_fingerprint"], link["secret"])
    reader, token = AccountPlane(address), {"Sotto-Token": encode(invite["contact"])}
    at = f"/v1/accounts/{encode(link['account'])}"
    assert len(decode(reader.ask("GET", at + "/card", headers=token)["card"])) == 300
    directory = reader.ask("GET", at + "/directory?from=0", headers=token)
    newest = verify_lists(link["account"], decode(directory["genesis"]), [decode(item) for item in directory["lists"]])
    reach = [read_reached(decode(item), newest["devices"]) for item in directory["reachability"]]

    bob, reserve_key = Person(address, link["relay_fingerprint"]), os.urandom(32)
    await bob.connect()
    for _ in range(2):
        await bob.stream.ask("reserve", channel=reach[0]["channel"], lane_capability=invite["lane"], reserve_key_hash=h(reserve_key))
    await refused("invite-used", lambda: bob.stream.ask("reserve", channel=reach[0]["channel"], lane_capability=invite["lane"], reserve_key_hash=h(b"another")))
    bob.register(invite["registration"])
    bob.add_vouchers(8)
    await bob.create(bob.intro, proto.INTRO)
    bob.publish()

    claim = {"targets": [{"account": encode(link["account"]), "token": encode(invite["contact"]), "id": encode(os.urandom(16))}]}
    claimed = reader.ask("POST", "/v1/key-packages/claim", claim)
    assert reader.ask("POST", "/v1/key-packages/claim", claim) == claimed, "the same id gets the same answer"
    packages = claimed["targets"][0]["packages"]
    assert [decode(package["device"]) for package in packages] == newest["devices"] and all("package" in package for package in packages)
    reader.close()
    return bob, await make_conversation(bob, invite, reserve_key, reach)


def read_reached(record, devices):
    body, signature = read_record(record)
    reach = read_reachability(body)
    assert reach["device"] in devices
    verify(reach["device"], "Sotto 1 reachability", body, signature)
    return reach


async def make_conversation(bob, invite, reserve_key, reach):
    """Channel, commit, Welcome blob, Welcome entry and first message."""
    channel, mailbox, claim_token, next_write = Channel(), os.urandom(16), os.urandom(32), os.urandom(32)
    await bob.create(channel, proto.CONVERSATION)
    commit = dict(channel=channel.id, last_number=0, epoch_tag=os.urandom(8), kind=proto.COMMIT, idempotency_id=os.urandom(16), capability=channel.write, payload=os.urandom(2000),
                  commit={"number": 1, "next_write_capability_hash": h(next_write), "added": [{"mailbox": mailbox, "claim_token_hash": h(claim_token)}]})
    sequence = (await bob.stream.ask("post", **commit)).sequence
    assert (await bob.stream.ask("post", **commit)).sequence == sequence == 1
    await refused("conflict", lambda: bob.stream.ask("post", **{**commit, "payload": b"other bytes"}))
    await refused("stale", lambda: bob.stream.ask("post", **{**commit, "idempotency_id": os.urandom(16)}))
    await check_receipt(bob, channel, commit, next_write)

    blob, capability, info = os.urandom(16), os.urandom(32), os.urandom(300_000)
    vouchers = [bob.vouchers.pop()]
    assert bob.blobs.put(channel.id, blob, capability, vouchers, info[:100_000], 0, length=len(info)) == 100_000
    assert bob.blobs.head(channel.id, blob, capability) == (100_000, len(info))
    assert bob.blobs.put(channel.id, blob, capability, vouchers, info[100_000:], 100_000, length=len(info)) == len(info)

    sealed = channel.id + mailbox + claim_token + blob + capability + h(info)
    for reached in reach:
        for _ in range(2):
            # A later Welcome of the same joiner replaces the earlier one.
            await bob.stream.ask("post", channel=reached["channel"], kind=proto.INTRO_ENTRY, idempotency_id=os.urandom(16),
                                 capability=invite["lane"], payload=sealed, intro={"reserve_key": reserve_key})
    await post(bob, channel.id, next_write, b"first entry of Bob")
    return channel, next_write


async def check_receipt(bob, channel, commit, next_write):
    """Readers get what the commit told the relay, and the relay's signature for it."""
    subscribed = await bob.stream.subscribe(channel.id, channel.mailbox, channel.read)
    assert (subscribed.head, subscribed.number) == (1, 1)
    entry = await bob.stream.entry(subscribed.subscription)
    receipt = entry.commit.receipt
    assert (entry.payload, entry.number, entry.commit.next_write_capability_hash) == (commit["payload"], 1, h(next_write))
    content = commit_receipt_content(channel.id, receipt.incarnation, receipt.number, receipt.payload_hash, receipt.next_write_capability_hash)
    assert receipt.payload_hash == h(commit["payload"])
    verify(bob.plane.relay_key, "Sotto 1 commit receipt", content, receipt.signature)
    await bob.stream.ask("acknowledge", subscription=subscribed.subscription, sequence=entry.sequence)


def post(person, channel, capability, payload, number=1):
    return person.stream.ask("post", channel=channel, last_number=number, epoch_tag=os.urandom(8), kind=proto.APPLICATION,
                             idempotency_id=os.urandom(16), capability=capability, payload=payload)


async def welcome(ann, invite, bob, bobs):
    """Steps 12 and 13: Ann takes the Welcome, claims her mailbox, reads and answers."""
    intro = await ann.stream.subscribe(ann.intro.id, ann.intro.mailbox, ann.intro.read)
    entry = await ann.stream.entry(intro.subscription)
    assert (entry.kind, entry.sequence, entry.lane_hash) == (proto.INTRO_ENTRY, 2, h(invite["lane"]))
    parts = [entry.payload[start:end] for start, end in ((0, 16), (16, 32), (32, 64), (64, 80), (80, 112), (112, 144))]
    channel, mailbox, claim_token, blob, capability, hash_ = parts
    info = ann.blobs.get(channel, blob, capability)
    assert h(info) == hash_
    assert ann.blobs.get(channel, blob, capability, "bytes=10-19") == info[10:20]

    read = os.urandom(32)
    for _ in range(2):
        await ann.stream.ask("claim", channel=channel, mailbox=mailbox, claim_token=claim_token, read_capability_hash=h(read))
    await refused("conflict", lambda: ann.stream.ask("claim", channel=channel, mailbox=mailbox, claim_token=claim_token, read_capability_hash=h(b"thief")))
    own = await ann.stream.subscribe(channel, mailbox, read)
    first = await ann.stream.entry(own.subscription)
    assert (first.payload, first.sequence) == (b"first entry of Bob", 2)
    await ann.stream.ask("acknowledge", subscription=own.subscription, sequence=first.sequence)
    await ann.stream.ask("set_note", channel=channel, mailbox=mailbox, read_capability=read, note=bytes(64))
    new_read = os.urandom(32)
    await ann.stream.ask("rekey", channel=channel, mailbox=mailbox, read_capability=read, new_read_capability_hash=h(new_read))
    assert (await ann.stream.subscribe(channel, mailbox, new_read)).note == bytes(64)
    await refused("refused", lambda: ann.stream.ask("subscribe", channel=channel, mailbox=mailbox, read_capability=read))

    await post(ann, channel, bobs[1], b"answer of Ann")
    subscribed = await bob.stream.subscribe(bobs[0].id, bobs[0].mailbox, bobs[0].read)
    assert subscribed.acknowledged == 1
    assert [(await bob.stream.entry(subscribed.subscription)).payload for _ in range(2)] == [b"first entry of Bob", b"answer of Ann"]

    ann.tell("POST", "/v1/account/invites/revoke", {"contact_hash": encode(h(invite["contact"])), "registration_hash": encode(h(invite["registration"])), "used": True})
    await ann.stream.ask("close_lane", channel=ann.intro.id, capability=ann.intro.write, lane_hash=h(invite["lane"]))
    assert ann.tell("GET", "/v1/account/invites")["invites"][0]["state"] == "used"


def recover_record(ann):
    """The recovery key reads the records that the account key signed."""
    body = recovery_body(ann.id, 1, int(time.time()) // DAY, os.urandom(64))
    ann.tell("PUT", "/v1/account/recovery-record", {"record": encode(record(body, ann.account_key.sign("Sotto 1 recovery record", body)))})
    kept = ann.plane.signed(ann.recovery_key, "GET", f"/v1/accounts/{encode(ann.id)}/recovery")
    assert [decode(item) for item in kept["records"]] == [record(body, ann.account_key.sign("Sotto 1 recovery record", body))]


async def stranger(ann, second_link):
    """Somebody without a token learns nothing of Ann, and the same of nobody."""
    link = invites.read_operator_link(second_link)
    eve = Person(link["address"], link["relay_fingerprint"])
    await eve.connect()
    eve.register(link["registration_token"])
    token = {"Sotto-Token": encode(os.urandom(32))}
    for account in (ann.id, os.urandom(32)):
        await refused("refused", lambda: eve.plane.ask("GET", f"/v1/accounts/{encode(account)}/directory", headers=token))
        await refused("refused", lambda: eve.tell("GET", f"/v1/accounts/{encode(account)}/directory"))
    await refused("unknown-request", lambda: eve.plane.ask("GET", "/v2/anything"))
    assert "day" in eve.plane.signed(eve.recovery_key, "DELETE", "/v1/account")
    await refused("refused", lambda: eve.tell("GET", "/v1/account/invites"))
    await eve.close()


async def refused(problem, request):
    try:
        answer = request()
        if answer is not None:
            await answer
    except Refused as refusal:
        assert refusal.problem == "urn:sotto:problem:" + problem, refusal.problem
        return
    raise AssertionError("taken instead of refused: " + problem)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
