"""The mailbox plane over a WebSocket, as docs/protocol/relay.md and stream.proto say. Blobs are HTTP and carry no login either."""
import http.client

import stream_pb2
import websockets

from account_plane import Refused
from invites import encode


class MailboxPlane:
    def __init__(self, socket):
        self.socket, self.last, self.pushed = socket, 0, {}

    @classmethod
    async def connect(cls, address):
        socket = await websockets.connect(f"ws://{address}/v1/stream", compression=None, max_size=2 ** 21)
        plane = cls(socket)
        hello = (await plane.receive())[0].hello
        assert hello.version == 1 and len(hello.incarnation) == 8
        return plane

    async def close(self):
        await self.socket.close()

    async def ask(self, name, **fields):
        """One request, and its answer."""
        self.last += 1
        frame = stream_pb2.Frame(request=self.last, **{name: getattr(stream_pb2, MESSAGES[name])(**fields)})
        await self.socket.send(stream_pb2.Batch(frames=[frame]).SerializeToString())
        while True:
            for answer in await self.receive():
                if answer.request == frame.request:
                    if answer.HasField("problem"):
                        raise Refused(0, answer.problem.type)
                    return getattr(answer, answer.WhichOneof("body"))

    async def subscribe(self, channel, mailbox, capability, **after):
        subscribed = await self.ask("subscribe", channel=channel, mailbox=mailbox, read_capability=capability, **after)
        self.pushed.setdefault(subscribed.subscription, [])
        return subscribed

    async def entry(self, subscription):
        while not self.pushed[subscription]:
            await self.receive()
        return self.pushed[subscription].pop(0)

    async def receive(self):
        frames = stream_pb2.Batch.FromString(await self.socket.recv()).frames
        for frame in frames:
            if frame.HasField("push"):
                self.pushed.setdefault(frame.push.subscription, []).extend(frame.push.entries)
        return frames


MESSAGES = {"create_channel": "CreateChannel", "post": "Post", "claim": "Claim", "rekey": "Rekey", "subscribe": "Subscribe",
            "acknowledge": "Acknowledge", "set_note": "SetNote", "open_lane": "OpenLane", "close_lane": "CloseLane", "reserve": "Reserve"}


class Blobs:
    def __init__(self, address):
        self.http = http.client.HTTPConnection(address, timeout=30)

    def close(self):
        self.http.close()

    def put(self, channel, blob, capability, vouchers, data, offset, days=60, length=None):
        """Sends bytes from an offset on; tells how much the relay has."""
        headers = {"Sotto-Vouchers": ",".join(encode(voucher) for voucher in vouchers), "Sotto-Blob-Length": str(length or len(data)),
                   "Sotto-Blob-Days": str(days), "Sotto-Blob-Offset": str(offset)}
        return int(self.exchange("PUT", channel, blob, capability, headers, data)[0]["Sotto-Blob-Offset"])

    def head(self, channel, blob, capability):
        headers = self.exchange("HEAD", channel, blob, capability, {})[0]
        return int(headers["Sotto-Blob-Offset"]), int(headers["Sotto-Blob-Length"])

    def get(self, channel, blob, capability, range_=None):
        return self.exchange("GET", channel, blob, capability, {"Range": range_} if range_ else {})[1]

    def exchange(self, method, channel, blob, capability, headers, data=None):
        target = f"/v1/channels/{encode(channel)}/blobs/{encode(blob)}"
        self.http.request(method, target, data, {"Sotto-Capability": encode(capability), **headers})
        answer = self.http.getresponse()
        body = answer.read()
        if answer.status >= 400:
            raise Refused(answer.status, body.decode())
        return answer.headers, body
