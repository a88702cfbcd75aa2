"""The account plane over HTTP, as docs/protocol/relay.md says."""
import http.client
import json

from invites import decode, encode
from records import request_content


class Refused(Exception):
    def __init__(self, status, problem):
        super().__init__(problem)
        self.status, self.problem = status, problem


class AccountPlane:
    """One connection: with a login, or for others' tokens without."""

    def __init__(self, address, relay_key=None, account=None):
        self.http = http.client.HTTPConnection(address, timeout=30)
        self.relay_key, self.account, self.nonce = relay_key, account, None

    def close(self):
        self.http.close()

    def ask(self, method, target, body=None, headers=None):
        status, _, answer = self.exchange(method, target, body, headers or {})
        return self.read(status, answer)

    def signed(self, key, method, target, body=None):
        """Asks, and once again when the nonce was not good any more."""
        for attempt in range(2):
            nonce = self.nonce or decode(self.ask("GET", "/v1/nonce")["nonce"])
            data = b"" if body is None else json.dumps(body).encode()
            content = request_content(self.relay_key, self.account, key.public, method, target, data, nonce)
            headers = {"Sotto-Account": encode(self.account), "Sotto-Key": encode(key.public), "Sotto-Nonce": encode(nonce),
                       "Sotto-Signature": encode(key.sign("Sotto 1 request", content))}
            status, found, answer = self.exchange(method, target, data or None, headers)
            self.nonce = decode(found["Sotto-Nonce"]) if "Sotto-Nonce" in found else None
            try:
                return self.read(status, answer)
            except Refused as refusal:
                if attempt or refusal.problem != "urn:sotto:problem:bad-nonce":
                    raise

    def exchange(self, method, target, body, headers):
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        self.http.request(method, target, body, headers)
        answer = self.http.getresponse()
        return answer.status, answer.headers, answer.read()

    @staticmethod
    def read(status, answer):
        if status >= 400:
            raise Refused(status, json.loads(answer)["type"])
        return json.loads(answer) if answer else None
