"""The other end of the tests against Twisted: its own receivers.

    twisted_peer.py     prints a line of JSON: its version, and the port of the
                        listener of each receiver; ends with its standard input

Every message is answered by one that begins with "R: " and goes on with what
arrived. Where Twisted refuses what arrives, it closes the connection.
"""

import json
import sys
import threading

import twisted
from twisted.internet import protocol, reactor
from twisted.protocols import basic


class Int16(basic.Int16StringReceiver):
    def stringReceived(self, string):
        self.sendString(b"R: " + string)


class Int32(basic.Int32StringReceiver):
    def stringReceived(self, string):
        self.sendString(b"R: " + string)


class Netstring(basic.NetstringReceiver):
    def stringReceived(self, string):
        self.sendString(b"R: " + string)


class Line(basic.LineReceiver):
    def lineReceived(self, line):
        self.sendLine(b"R: " + line)


def main():
    ports = {}
    for receiver in (Int16, Int32, Netstring, Line):
        factory = protocol.Factory.forProtocol(receiver)
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        ports[receiver.__name__] = port.getHost().port
    version = f"Twisted {twisted.__version__}"
    print(json.dumps({"version": version, "ports": ports}), flush=True)
    threading.Thread(target=stop_with_stdin, daemon=True).start()
    reactor.run(installSignalHandlers=False)


def stop_with_stdin():
    sys.stdin.read()
    reactor.callFromThread(reactor.stop)


main()
