"""The cross-test's services on Apache's Python library. Says its port when it listens."""

import ssl
import sys
import time

from thrift.server.TServer import TThreadedServer
from thrift.TMultiplexedProcessor import TMultiplexedProcessor
from thrift.transport.TSocket import TServerSocket
from thrift.transport.TSSLSocket import TSSLServerSocket
from thrift.transport.TTransport import TBufferedTransportFactory, TFramedTransportFactory
from thrift.transport.TZlibTransport import TZlibTransportFactory

from conformance import SecondService, ThriftTest
from conformance.ttypes import Insanity, Numberz, Xception, Xception2, Xtruct
from connection import MULTIPLEXED, arguments, protocol_factory


class Handler:
    def __getattr__(self, name):
        """The methods that give back what they are given."""
        if name.startswith("test"):
            return lambda thing: thing
        raise AttributeError(name)

    def testVoid(self):
        pass

    def testMapMap(self, hello):
        return {-4: {index: index for index in range(-4, 0)}, 4: {index: index for index in range(1, 5)}}

    def testInsanity(self, argument):
        return {1: {Numberz.TWO: argument, Numberz.THREE: argument}, 2: {Numberz.SIX: Insanity({}, [])}}

    def testMulti(self, arg0, arg1, arg2, arg3, arg4, arg5):
        return Xtruct("Hello2", arg0, arg1, arg2)

    def testException(self, arg):
        if arg == "Xception":
            raise Xception(1001, arg)
        if arg == "TException":
            raise RuntimeError("asked for")

    def testMultiException(self, arg0, arg1):
        if arg0 == "Xception":
            raise Xception(1001, "This is an Xception")
        if arg0 == "Xception2":
            raise Xception2(2002, Xtruct("This is an Xception2", 0, 0, 0))
        return Xtruct(arg1, 0, 0, 0)

    def testOneway(self, secondsToSleep):
        time.sleep(0.01)

    def secondtestString(self, thing):
        return f'testString("{thing}")'


class Listening:
    """A server transport that says where it listens."""

    def listen(self):
        super().listen()
        where = self.handle.getsockname()
        print(f"listening on {where if isinstance(where, str) else where[1]}", flush=True)


class Plain(Listening, TServerSocket):
    pass


class Secured(Listening, TSSLServerSocket):
    pass


def serve_http(processor, protocols, options):
    from thrift.server.THttpServer import THttpServer

    extra = {"cert_file": options.cert, "key_file": options.key} if options.ssl else {}
    server = THttpServer(processor, (options.host, options.port), protocols, **extra)
    print(f"listening on {server.httpd.server_address[1]}", flush=True)
    server.serve()


def main():
    options = arguments(__doc__)
    handler = Handler()
    processor = ThriftTest.Processor(handler)
    if options.protocol in MULTIPLEXED:
        plain, processor = processor, TMultiplexedProcessor()
        processor.registerDefault(plain)
        processor.registerProcessor("ThriftTest", plain)
        processor.registerProcessor("SecondService", SecondService.Processor(handler))
    protocols = protocol_factory(options.protocol)
    if options.transport == "http":
        return serve_http(processor, protocols, options)
    if options.domain_socket:
        socket = Plain(unix_socket=options.domain_socket)
    elif options.ssl:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
        socket = Secured(options.host, options.port, ssl_context=context)
    else:
        socket = Plain(options.host, options.port)
    transports = {"buffered": TBufferedTransportFactory, "framed": TFramedTransportFactory, "zlib": TZlibTransportFactory}
    return TThreadedServer(processor, socket, transports[options.transport](), protocols).serve()


if __name__ == "__main__":
    sys.exit(main())
