"""Signed records, as docs/protocol/records.md says."""
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tls import Malformed, Reader, number, vector

GENESIS, CERTIFICATE, LIST, REACHABILITY, RECOVERY, STATEMENT = 1, 2, 3, 4, 6, 7
FORMAT = 1


def h(data):
    return hashlib.sha256(data).digest()


class Key:
    """An Ed25519 key pair."""

    def __init__(self, seed=None):
        self.private = Ed25519PrivateKey.from_private_bytes(seed) if seed else Ed25519PrivateKey.generate()
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def seed(self):
        return self.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())

    def sign(self, label, content):
        return self.private.sign(to_sign(label, content))


def to_sign(label, content):
    return vector(label.encode()) + vector(content)


def verify(key, label, content, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, to_sign(label, content))
    except InvalidSignature:
        raise Malformed("signature of " + label)


def record(body, signature):
    return vector(body) + signature


def read_record(data):
    reader = Reader(data)
    body, signature = reader.vector(), reader.take(64)
    reader.end()
    if not body:
        raise Malformed("empty")
    return body, signature


def header(kind, account=b""):
    return bytes([kind, FORMAT]) + account


def read_header(reader, kind):
    if reader.take(2) != bytes([kind, FORMAT]):
        raise Malformed("type or format")


def read_extensions(reader):
    extensions, last = Reader(reader.vector()), -1
    while extensions.more:
        kind = extensions.number(2)
        extensions.vector()
        if kind <= last:
            raise Malformed("extensions do not rise")
        last = kind
    reader.end()


NO_EXTENSIONS = vector(b"")


def genesis(account_key, recovery_signature_key_hash, recovery_sealing_key_hash):
    return header(GENESIS) + account_key + recovery_signature_key_hash + recovery_sealing_key_hash + NO_EXTENSIONS


def read_genesis(body):
    reader = Reader(body)
    read_header(reader, GENESIS)
    keys = [reader.take(32) for _ in range(3)]
    read_extensions(reader)
    return dict(zip(("account_key", "recovery_signature_key_hash", "recovery_sealing_key_hash"), keys))


def certificate_body(account, device_key, suites, rights):
    return header(CERTIFICATE, account) + device_key + vector(b"".join(number(suite, 2) for suite in suites)) + bytes([rights]) + NO_EXTENSIONS


def certificate(account, account_key, device, suites=(0xF002,), rights=1):
    body = certificate_body(account, device.public, suites, rights)
    return vector(body) + account_key.sign("Sotto 1 device certificate", body) + device.sign("Sotto 1 device countersignature", body)


def read_certificate_body(body):
    reader = Reader(body)
    read_header(reader, CERTIFICATE)
    account, device_key, suites = reader.take(32), reader.take(32), reader.vector()
    if len(suites) % 2 or reader.number(1) > 1:
        raise Malformed("suites or rights")
    read_extensions(reader)
    return account, device_key


def list_body(account, number_, predecessor, account_key, certificates, recovery=None):
    mark = b"\x00" if recovery is None else b"\x01" + recovery[0] + number(recovery[1], 8)
    return header(LIST, account) + number(number_, 8) + predecessor + account_key + vector(b"".join(certificates)) + mark + NO_EXTENSIONS


def read_list(body):
    reader = Reader(body)
    read_header(reader, LIST)
    account, number_, predecessor, account_key = reader.take(32), reader.number(8), reader.take(32), reader.take(32)
    certificates = Reader(reader.vector())
    present = reader.number(1)
    recovery = (reader.take(32), reader.number(8)) if present == 1 else None
    read_extensions(reader)
    if present > 1 or number_ == 0 or (number_ == 1) != (predecessor == bytes(32)):
        raise Malformed("number, predecessor or mark")
    devices = []
    while certificates.more:
        body_, by_account, by_device = certificates.vector(), certificates.take(64), certificates.take(64)
        owner, device = read_certificate_body(body_)
        verify(account_key, "Sotto 1 device certificate", body_, by_account)
        verify(device, "Sotto 1 device countersignature", body_, by_device)
        if owner != account or device in devices:
            raise Malformed("certificate")
        devices.append(device)
    return {"account": account, "number": number_, "predecessor": predecessor, "account_key": account_key, "devices": devices, "recovery": recovery}


def verify_lists(account, genesis_record, lists):
    """The newest of an account's ordinary lists, each following the one before."""
    if h(genesis_record) != account:
        raise Malformed("genesis is another account's")
    key, last, newest = read_genesis(genesis_record)["account_key"], bytes(32), None
    for data in lists:
        body, signature = read_record(data)
        newest = read_list(body)
        verify(key, "Sotto 1 device list", body, signature)
        if newest["account"] != account or newest["predecessor"] != last:
            raise Malformed("list does not follow")
        key, last = newest["account_key"], h(body)
    return newest


def reachability_body(account, device_key, number_, url, fingerprint, intro_channel, intro_key, expires):
    return (header(REACHABILITY, account) + device_key + number(number_, 8) + vector(url.encode()) + fingerprint + intro_channel
            + vector(intro_key) + number(expires, 8) + NO_EXTENSIONS)


def read_reachability(body):
    reader = Reader(body)
    read_header(reader, REACHABILITY)
    account, device_key, number_, url = reader.take(32), reader.take(32), reader.number(8), reader.vector()
    fingerprint, channel, key, expires = reader.take(16), reader.take(16), reader.vector(), reader.number(8)
    read_extensions(reader)
    if len(url) > 512 or len(key) != 1216:
        raise Malformed("relay URL or intro key")
    return {"account": account, "device": device_key, "fingerprint": fingerprint, "channel": channel, "expires": expires}


def recovery_body(account, number_, day, sealed):
    return header(RECOVERY, account) + number(number_, 8) + number(day, 4) + vector(sealed) + NO_EXTENSIONS


def statement_body(identity_key, number_, expires, addresses):
    lines = b"".join(vector(url.encode()) + bytes([proof]) + vector(b"".join(hashes)) for url, proof, hashes in addresses)
    return header(STATEMENT) + identity_key + number(number_, 8) + number(expires, 8) + vector(lines) + NO_EXTENSIONS


def read_statement(data):
    body, signature = read_record(data)
    statement = read_statement_body(body)
    verify(statement["identity"], "Sotto 1 relay statement", body, signature)
    return statement


def read_statement_body(body):
    reader = Reader(body)
    read_header(reader, STATEMENT)
    identity, number_, expires = reader.take(32), reader.number(8), reader.number(8)
    lines, addresses = Reader(reader.vector()), []
    while lines.more:
        addresses.append(read_address(lines.vector(), lines.number(1), lines.vector()))
    read_extensions(reader)
    return {"identity": identity, "number": number_, "expires": expires, "addresses": addresses}


def read_address(url, proof, hashes):
    try:
        text = url.decode()
    except UnicodeDecodeError:
        raise Malformed("URL")
    if proof > 2 or len(hashes) % 32:
        raise Malformed("proof or hashes")
    return text, proof, hashes


def fingerprint(identity_key):
    return h(identity_key)[:16]


def request_content(relay_key, account, key, method, target, body, nonce):
    return relay_key + account + key + vector(method.encode()) + vector(target.encode()) + h(body) + nonce


def commit_receipt_content(channel, incarnation, number_, payload_hash, next_hash):
    return channel + incarnation + number(number_, 8) + payload_hash + next_hash
