"""What a person's client does at the relay, on both planes."""
import os
import time

import records
from account_plane import AccountPlane
from invites import decode, encode
from mailbox_plane import Blobs, MailboxPlane
from records import h

DAY, HOUR = 86400, 3600


def today():
    return int(time.time()) // DAY


class Channel:
    """A channel with the own mailbox in it."""

    def __init__(self):
        self.id, self.mailbox, self.read, self.write = os.urandom(16), os.urandom(16), os.urandom(32), os.urandom(32)


class Person:
    def __init__(self, address, fingerprint):
        self.address, self.fingerprint = address, fingerprint
        self.account_key, self.recovery_key, self.device = records.Key(), records.Key(), records.Key()
        self.genesis = records.genesis(self.account_key.public, h(self.recovery_key.public), h(os.urandom(1216)))
        self.id = h(self.genesis)
        body = records.list_body(self.id, 1, bytes(32), self.account_key.public, [records.certificate(self.id, self.account_key, self.device)])
        self.list = records.record(body, self.account_key.sign("Sotto 1 device list", body))
        self.vouchers, self.intro = [], Channel()
        self.plane = AccountPlane(address, check_relay(address, fingerprint), self.id)
        self.blobs = Blobs(address)

    async def connect(self):
        """The mailbox plane, on a connection of its own."""
        self.stream = await MailboxPlane.connect(self.address)

    async def close(self):
        await self.stream.close()
        self.plane.close()
        self.blobs.close()

    def tell(self, method, target, body=None):
        return self.plane.signed(self.device, method, target, body)

    def register(self, token):
        request = {"genesis": encode(self.genesis), "lists": [encode(self.list)], "token": encode(token)}
        receipt = decode(self.tell("POST", "/v1/accounts", request)["receipt"])
        records.verify(self.plane.relay_key, "Sotto 1 registration receipt", self.id, receipt)
        # The same account again is a success and spends nothing.
        self.tell("POST", "/v1/accounts", request)

    def add_vouchers(self, count):
        vouchers = [os.urandom(32) for _ in range(count)]
        request = {"id": encode(os.urandom(16)), "hashes": [encode(h(voucher)) for voucher in vouchers]}
        left = self.tell("POST", "/v1/account/vouchers", request)["left"]
        assert self.tell("POST", "/v1/account/vouchers", request)["left"] == left
        self.vouchers += vouchers

    async def create(self, channel, kind):
        fields = dict(channel=channel.id, kind=kind, write_capability_hash=h(channel.write), mailbox=channel.mailbox,
                      read_capability_hash=h(channel.read), token={"type": 1, "value": self.vouchers.pop()})
        await self.stream.ask("create_channel", **fields)
        await self.stream.ask("create_channel", **fields)

    def publish(self):
        """Reachability with the own intro channel, and key packages (dummies: the relay does not look)."""
        now = int(time.time())
        body = records.reachability_body(self.id, self.device.public, now * 1000, f"http://{self.address}", self.fingerprint, self.intro.id, os.urandom(1216), now + 30 * DAY)
        self.tell("PUT", "/v1/account/reachability", {"record": encode(records.record(body, self.device.sign("Sotto 1 reachability", body)))})
        packages = [{"bytes": encode(os.urandom(900)), "expires_day": today() + 28} for _ in range(5)]
        last = {"bytes": encode(os.urandom(900)), "expires_day": today() + 30}
        there = self.tell("PUT", "/v1/account/key-packages", {"packages": packages, "last_resort": last})
        assert there == {"one_time": 5, "last_resort": True, "last_resort_used": False, "running_low": True}


def check_relay(address, fingerprint):
    """The relay's identity key, once its statement holds."""
    plane = AccountPlane(address)
    answer = plane.ask("GET", "/v1/relay")
    plane.close()
    statement = records.read_statement(decode(answer["statement"]))
    assert records.fingerprint(statement["identity"]) == fingerprint, "another relay"
    assert time.time() < statement["expires"] <= time.time() + 7 * DAY + 60
    assert (f"http://{address}", 0, b"") in statement["addresses"]
    return statement["identity"]
