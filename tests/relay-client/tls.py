"""The TLS presentation language, as docs/protocol/README.md says."""


class Malformed(Exception):
    pass


def number(value, size):
    return value.to_bytes(size, "big")


def vector(data):
    """opaque<V>: the length in its shortest form, then the bytes."""
    size = len(data)
    if size < 64:
        return bytes([size]) + data
    if size < 16384:
        return number(0x4000 + size, 2) + data
    return number(0x80000000 + size, 4) + data


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise Malformed("cut")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def vector(self):
        first = self.number(1)
        if first >> 6 == 3:
            raise Malformed("length")
        size = 1 << (first >> 6)
        length = (first & 0x3F) << 8 * (size - 1) | self.number(size - 1)
        if length < {1: 0, 2: 64, 4: 16384}[size]:
            raise Malformed("length is not in its shortest form")
        return self.take(length)

    @property
    def more(self):
        return self.at < len(self.data)

    def end(self):
        if self.more:
            raise Malformed("bytes are left over")
