// The cross-test's services on Apache's Go library. Says its port when it listens.
package main

import (
	"compress/zlib"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/apache/thrift/connection"
	"github.com/apache/thrift/gen/conformance"
	"github.com/apache/thrift/lib/go/thrift"
)

type handler struct{}

func (*handler) TestVoid(context.Context) error                                        { return nil }
func (*handler) TestString(_ context.Context, thing string) (string, error)            { return thing, nil }
func (*handler) TestBool(_ context.Context, thing bool) (bool, error)                  { return thing, nil }
func (*handler) TestByte(_ context.Context, thing int8) (int8, error)                  { return thing, nil }
func (*handler) TestI32(_ context.Context, thing int32) (int32, error)                 { return thing, nil }
func (*handler) TestI64(_ context.Context, thing int64) (int64, error)                 { return thing, nil }
func (*handler) TestDouble(_ context.Context, thing float64) (float64, error)          { return thing, nil }
func (*handler) TestBinary(_ context.Context, thing []byte) ([]byte, error)            { return thing, nil }
func (*handler) TestSet(_ context.Context, thing []int32) ([]int32, error)             { return thing, nil }
func (*handler) TestList(_ context.Context, thing []int32) ([]int32, error)            { return thing, nil }
func (*handler) TestMap(_ context.Context, m map[int32]int32) (map[int32]int32, error) { return m, nil }
func (*handler) TestOneway(context.Context, int32) error                               { return nil }

func (*handler) TestStruct(_ context.Context, thing *conformance.Xtruct) (*conformance.Xtruct, error) {
	return thing, nil
}

func (*handler) TestNest(_ context.Context, thing *conformance.Xtruct2) (*conformance.Xtruct2, error) {
	return thing, nil
}

func (*handler) TestStringMap(_ context.Context, thing map[string]string) (map[string]string, error) {
	return thing, nil
}

func (*handler) TestEnum(_ context.Context, thing conformance.Numberz) (conformance.Numberz, error) {
	return thing, nil
}

func (*handler) TestTypedef(_ context.Context, thing conformance.UserId) (conformance.UserId, error) {
	return thing, nil
}

func (*handler) TestMapMap(context.Context, int32) (map[int32]map[int32]int32, error) {
	return map[int32]map[int32]int32{-4: {-4: -4, -3: -3, -2: -2, -1: -1}, 4: {1: 1, 2: 2, 3: 3, 4: 4}}, nil
}

func (*handler) TestInsanity(_ context.Context, argument *conformance.Insanity) (map[conformance.UserId]map[conformance.Numberz]*conformance.Insanity, error) {
	return map[conformance.UserId]map[conformance.Numberz]*conformance.Insanity{
		1: {conformance.Numberz_TWO: argument, conformance.Numberz_THREE: argument},
		2: {conformance.Numberz_SIX: conformance.NewInsanity()},
	}, nil
}

func (*handler) TestMulti(_ context.Context, arg0 int8, arg1 int32, arg2 int64, _ map[int16]string, _ conformance.Numberz, _ conformance.UserId) (*conformance.Xtruct, error) {
	return &conformance.Xtruct{StringThing: "Hello2", ByteThing: arg0, I32Thing: arg1, I64Thing: arg2}, nil
}

func (*handler) TestException(_ context.Context, arg string) error {
	switch arg {
	case "Xception":
		return &conformance.Xception{ErrorCode: 1001, Message: arg}
	case "TException":
		return errors.New("asked for")
	}
	return nil
}

func (*handler) TestMultiException(_ context.Context, arg0 string, arg1 string) (*conformance.Xtruct, error) {
	switch arg0 {
	case "Xception":
		return nil, &conformance.Xception{ErrorCode: 1001, Message: "This is an Xception"}
	case "Xception2":
		return nil, &conformance.Xception2{ErrorCode: 2002, StructThing: &conformance.Xtruct{StringThing: "This is an Xception2"}}
	}
	return &conformance.Xtruct{StringThing: arg1}, nil
}

func (*handler) SecondtestString(_ context.Context, thing string) (string, error) {
	return fmt.Sprintf("testString(\"%s\")", thing), nil
}

func serverSocket(options *connection.Options, secured *tls.Config) (thrift.TServerTransport, func() net.Addr, error) {
	switch {
	case options.Unix != "":
		socket := thrift.NewTServerSocketFromAddrTimeout(&net.UnixAddr{Name: options.Unix, Net: "unix"}, 0)
		return socket, socket.Addr, socket.Listen()
	case options.TLS:
		// Old releases tell no port that was given by the system: a free one is looked for.
		address, err := freeAddress(options)
		if err != nil {
			return nil, nil, err
		}
		socket, err := thrift.NewTSSLServerSocket(address.String(), secured)
		if err == nil {
			err = socket.Listen()
		}
		return socket, func() net.Addr { return address }, err
	}
	socket, err := thrift.NewTServerSocket(options.Address())
	if err == nil {
		err = socket.Listen()
	}
	return socket, socket.Addr, err
}

func freeAddress(options *connection.Options) (net.Addr, error) {
	listener, err := net.Listen("tcp", options.Address())
	if err != nil {
		return nil, err
	}
	return listener.Addr(), listener.Close()
}

func announce(address net.Addr) {
	if tcp, ok := address.(*net.TCPAddr); ok {
		fmt.Println("listening on", tcp.Port)
	} else {
		fmt.Println("listening on", address)
	}
}

func serveHTTP(options *connection.Options, processor thrift.TProcessor, protocols thrift.TProtocolFactory, secured *tls.Config) error {
	listener, err := net.Listen("tcp", options.Address())
	if err != nil {
		return err
	}
	announce(listener.Addr())
	server := &http.Server{Handler: http.HandlerFunc(thrift.NewThriftHandlerFunc(processor, protocols, protocols)), TLSConfig: secured}
	if options.TLS {
		return server.ServeTLS(listener, "", "")
	}
	return server.Serve(listener)
}

func main() {
	options := connection.Parse()
	conf := &thrift.TConfiguration{}
	var processor thrift.TProcessor = conformance.NewThriftTestProcessor(&handler{})
	if options.Multiplexed() {
		several := thrift.NewTMultiplexedProcessor()
		several.RegisterDefault(processor)
		several.RegisterProcessor("ThriftTest", processor)
		several.RegisterProcessor("SecondService", conformance.NewSecondServiceProcessor(&handler{}))
		processor = several
	}
	var secured *tls.Config
	if options.TLS {
		certificate, err := tls.LoadX509KeyPair(options.Cert, options.Key)
		if err != nil {
			connection.Fail(err)
		}
		secured = &tls.Config{Certificates: []tls.Certificate{certificate}}
	}
	protocols := options.Protocols(conf)
	if options.Transport == "http" {
		connection.Fail(serveHTTP(options, processor, protocols, secured))
	}
	socket, address, err := serverSocket(options, secured)
	if err != nil {
		connection.Fail(err)
	}
	announce(address())
	transports := map[string]thrift.TTransportFactory{
		"buffered": thrift.NewTBufferedTransportFactory(8192),
		"framed":   thrift.NewTFramedTransportFactoryConf(thrift.NewTTransportFactory(), conf),
		"zlib":     thrift.NewTZlibTransportFactory(zlib.BestCompression),
	}
	connection.Fail(thrift.NewTSimpleServer4(processor, socket, transports[options.Transport], protocols).Serve())
}
