"""Whether a server answers."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

# Seconds that an answer may take.
TIMEOUT = 10


def web_page(url: str) -> bool:
    """Tell whether a page is served without an error.

    :param url: its http address
    """
    # Never by a proxy: the page is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=TIMEOUT):
            return True
    except OSError:  # URLError and HTTPError among them
        return False


def greeting(port: int, question: bytes, answer: bytes) -> bool:
    """Tell whether a server on loopback says what is expected of it.

    :param port: its port
    :param question: what it is sent
    :param answer: how its first words begin
    """
    try:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as server:
            server.sendall(question)
            return server.recv(len(answer)) == answer
    except OSError:
        return False


def port(host: str, number: int) -> bool:
    """Tell whether somebody listens.

    :param host: name or address
    :param number: the port
    """
    try:
        with socket.create_connection((host, number), TIMEOUT):
            return True
    except OSError:
        return False
