// Package connection has what client and server have in common: arguments, and Apache's protocols by the names of the matrix.
package connection

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/apache/thrift/lib/go/thrift"
)

// Options are the arguments that all clients and servers of the matrix take.
type Options struct {
	Protocol, Transport, Host, Unix, CA, Cert, Key string
	Port                                           int
	TLS                                            bool
}

// Parse takes the options from the command line.
func Parse() *Options {
	made := &Options{}
	flag.StringVar(&made.Protocol, "protocol", "binary", "")
	flag.StringVar(&made.Transport, "transport", "buffered", "")
	flag.StringVar(&made.Host, "host", "127.0.0.1", "")
	flag.IntVar(&made.Port, "port", 0, "")
	flag.StringVar(&made.Unix, "domain-socket", "", "")
	flag.BoolVar(&made.TLS, "ssl", false, "")
	flag.StringVar(&made.CA, "ca", "", "the certificate that signed the server's")
	flag.StringVar(&made.Cert, "cert", "", "the server's own certificate")
	flag.StringVar(&made.Key, "key", "", "and its key")
	flag.Parse()
	return made
}

// Address is host and port.
func (options *Options) Address() string {
	return fmt.Sprintf("%s:%d", options.Host, options.Port)
}

// Multiplexed tells whether calls carry the name of their service.
func (options *Options) Multiplexed() bool {
	return strings.HasPrefix(options.Protocol, "multi")
}

// Codec is the protocol, below the multiplexed one where there is such.
func (options *Options) Codec() string {
	inner := map[string]string{"multi": "binary", "multic": "compact", "multij": "json", "multih": "header"}
	if name, found := inner[options.Protocol]; found {
		return name
	}
	return options.Protocol
}

// Protocols is the factory of that protocol.
func (options *Options) Protocols(conf *thrift.TConfiguration) thrift.TProtocolFactory {
	switch options.Codec() {
	case "binary":
		return thrift.NewTBinaryProtocolFactoryConf(conf)
	case "compact":
		return thrift.NewTCompactProtocolFactoryConf(conf)
	case "json":
		return thrift.NewTJSONProtocolFactory()
	case "header":
		return thrift.NewTHeaderProtocolFactoryConf(conf)
	}
	Fail(fmt.Errorf("protocol %s", options.Protocol))
	return nil
}

// Fail ends the program with an error.
func Fail(err error) {
	fmt.Println("FAIL", err)
	os.Exit(1)
}
