"""The peer of the Fernet rows: Python's cryptography. One request a line on stdin, one answer a line on stdout.

encrypt SIZE SECONDS and decrypt SIZE SECONDS answer with the seconds that one token took; versions answers with both versions.
"""

import os
import platform
import sys
import time

import cryptography
from cryptography.fernet import Fernet


def seconds_each(work, argument, limit):
    """Runs in growing batches until the limit is used up; the clock is read once a batch."""
    done, batch, begun = 0, 1, time.perf_counter()
    while True:
        for _ in range(batch):
            work(argument)
        done += batch
        used = time.perf_counter() - begun
        if used >= limit:
            return used / done
        batch = max(1, min(batch * 2, int((limit - used) * done / used / 2)))


def main():
    fernet = Fernet(Fernet.generate_key())
    for line in sys.stdin:
        request = line.split()
        if request[0] == "versions":
            print(f"Python {platform.python_version()}, cryptography {cryptography.__version__}", flush=True)
            continue
        plaintext = os.urandom(int(request[1]))
        work, argument = (fernet.encrypt, plaintext) if request[0] == "encrypt" else (fernet.decrypt, fernet.encrypt(plaintext))
        print(repr(seconds_each(work, argument, float(request[2]))), flush=True)


main()
