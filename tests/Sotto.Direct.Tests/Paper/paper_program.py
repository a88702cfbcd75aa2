"""The program as the paper has it: one Fernet key, one socket, one recv(4096) per message, no framing.

Used by the interoperability tests as `paper_program.py server` and `paper_program.py client PORT`. The first line of
standard input is the key; then come orders, one a line, with texts separated by tabs:

    say TEXT...        one send per text, with no pause between them
    joined TEXT...     all tokens in one send
    pieces N TEXT...   all tokens, cut into pieces of N bytes, one send each
    close              close our side of the connection

Standard output tells what happened: PORT n, GOT hex (one for each recv that decrypts), BAD n, END.
"""
import socket
import sys
import threading

from cryptography.fernet import Fernet, InvalidToken


def tell(*words):
    print(*words, flush=True)


def open_socket(arguments):
    if arguments[0] == "client":
        return socket.create_connection(("127.0.0.1", int(arguments[1])))
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(1)
    tell("PORT", server.getsockname()[1])
    connection, _ = server.accept()
    return connection


def receive(sock, fernet):
    while True:
        data = sock.recv(4096)
        if not data:
            break
        try:
            tell("GOT", fernet.decrypt(data, ttl=60).hex())
        except InvalidToken:
            tell("BAD", len(data))
    tell("END")


def obey(sock, fernet, order):
    verb, *texts = order.split("\t")
    size = int(texts.pop(0)) if verb == "pieces" else 0
    tokens = [fernet.encrypt(text.encode()) for text in texts]
    everything = b"".join(tokens)
    if verb == "say":
        for token in tokens:
            sock.send(token)
    elif verb == "joined":
        sock.sendall(everything)
    elif verb == "pieces":
        for at in range(0, len(everything), size):
            sock.sendall(everything[at:at + size])
    elif verb == "close":
        sock.shutdown(socket.SHUT_WR)
    else:
        raise ValueError(verb)


def main():
    sys.stdin.reconfigure(encoding="utf-8")
    fernet = Fernet(sys.stdin.readline().strip().encode())
    sock = open_socket(sys.argv[1:])
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener = threading.Thread(target=receive, args=(sock, fernet))
    listener.start()
    for order in sys.stdin:
        obey(sock, fernet, order.rstrip("\n"))
    listener.join()
    sock.close()


main()
