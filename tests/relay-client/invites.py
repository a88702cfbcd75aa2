"""Links and what an invite gives, as docs/protocol/invites.md says."""
import base64
import binascii
import hmac
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from records import h
from tls import Malformed, Reader, number

NAMES = ("id", "registration", "contact", "lane", "card", "psk")


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise Malformed("base64url")
    if encode(data) != text:
        raise Malformed("base64url")
    return data


def read_operator_link(link):
    if not link.startswith("sotto:g/") or "#" not in link:
        raise Malformed("link")
    address, fragment = link[len("sotto:g/"):].split("#", 1)
    reader = Reader(decode(fragment))
    if not address or reader.number(1) != 1:
        raise Malformed("link")
    found = {"address": address, "relay_fingerprint": reader.take(16), "registration_token": reader.take(32), "expires_hour": reader.number(4)}
    reader.end()
    return found


def make_invite_link(address, account, fingerprint, secret, expires_hour):
    return "sotto:i/" + address + "#" + encode(b"\x01" + account + fingerprint + secret + number(expires_hour, 4))


def read_invite_link(link):
    if not link.startswith("sotto:i/") or "#" not in link:
        raise Malformed("link")
    addresses, fragment = link[len("sotto:i/"):].split("#", 1)
    reader = Reader(decode(fragment))
    if reader.number(1) != 1:
        raise Malformed("link")
    found = {"addresses": addresses.split(","), "account": reader.take(32), "relay_fingerprint": reader.take(16), "secret": reader.take(16), "expires_hour": reader.number(4)}
    reader.end()
    return found


def extract(account, fingerprint, secret):
    return hmac.new(account + fingerprint, secret, sha256).digest()


def values(account, fingerprint, secret):
    k = extract(account, fingerprint, secret)
    return {name: HKDFExpand(SHA256(), 32, b"sotto 1 invite " + name.encode()).derive(k) for name in NAMES}


def conversation_id(one, other):
    return h(b"Sotto 1 pair" + min(one, other) + max(one, other))[:16]


def mailbox_id(mailbox_key, encryption_key):
    return hmac.new(mailbox_key, encryption_key, sha256).digest()[:16]
