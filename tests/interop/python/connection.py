"""What client and server have in common: arguments, and Apache's protocols and transports by the names of the matrix."""

import argparse
import sys

from thrift.protocol.TBinaryProtocol import TBinaryProtocolAcceleratedFactory, TBinaryProtocolFactory
from thrift.protocol.TCompactProtocol import TCompactProtocolAcceleratedFactory, TCompactProtocolFactory
from thrift.protocol.THeaderProtocol import THeaderProtocolFactory
from thrift.protocol.TJSONProtocol import TJSONProtocolFactory

PROTOCOLS = {
    "binary": (TBinaryProtocolFactory, {}),
    "accel": (TBinaryProtocolAcceleratedFactory, {"fallback": False}),
    "compact": (TCompactProtocolFactory, {}),
    "accelc": (TCompactProtocolAcceleratedFactory, {"fallback": False}),
    "json": (TJSONProtocolFactory, {}),
    "header": (THeaderProtocolFactory, {}),
}
MULTIPLEXED = {"multi": "binary", "multia": "accel", "multic": "compact", "multiac": "accelc", "multij": "json", "multih": "header"}


def combinations(text):
    """The arguments of each combination: `--` begins another one."""
    found = [[]]
    for word in sys.argv[1:]:
        if word == "--":
            found.append([])
        else:
            found[-1].append(word)
    return [arguments(text, words) for words in found]


def arguments(text, words=None):
    parser = argparse.ArgumentParser(description=text)
    parser.add_argument("--protocol", choices=[*PROTOCOLS, *MULTIPLEXED], default="binary")
    parser.add_argument("--transport", choices=["buffered", "framed", "http", "zlib"], default="buffered")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--domain-socket")
    parser.add_argument("--ssl", action="store_true")
    parser.add_argument("--ca", help="the certificate that signed the server's")
    parser.add_argument("--cert", help="the server's own certificate")
    parser.add_argument("--key", help="and its key")
    return parser.parse_args(words)


def protocol_factory(name):
    factory, options = PROTOCOLS[MULTIPLEXED.get(name, name)]
    return factory(**options)
