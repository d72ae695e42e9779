// The bench service on Apache's Go library: TSimpleServer, a goroutine for each connection; net/http for HTTP.
//
// server ADDR framed|buffered|http
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/apache/thrift/gen/bench"
	"github.com/apache/thrift/lib/go/thrift"
)

type workloads struct {
	lock   sync.RWMutex
	values map[string][]byte
}

func (w *workloads) Add(_ context.Context, num1, num2 int32) (int32, error) { return num1 + num2, nil }

func (w *workloads) Get(_ context.Context, key string) ([]byte, error) {
	w.lock.RLock()
	defer w.lock.RUnlock()
	return w.values[key], nil
}

func (w *workloads) Put(_ context.Context, key string, value []byte) error {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.values[key] = value
	return nil
}

func (w *workloads) Echo(_ context.Context, arg *bench.Payload) (*bench.Payload, error) { return arg, nil }

func main() {
	address, kind := os.Args[1], os.Args[2]
	processor := bench.NewBenchProcessor(&workloads{values: map[string][]byte{}})
	config := &thrift.TConfiguration{}
	protocols := thrift.NewTBinaryProtocolFactoryConf(config)
	if kind == "http" {
		handler := thrift.NewThriftHandlerFunc(processor, protocols, protocols)
		log.Fatal(http.ListenAndServe(address, http.HandlerFunc(handler)))
	}
	socket, err := thrift.NewTServerSocket(address)
	if err != nil {
		log.Fatal(err)
	}
	var transports thrift.TTransportFactory = thrift.NewTBufferedTransportFactory(8192)
	if kind == "framed" {
		transports = thrift.NewTFramedTransportFactoryConf(transports, config)
	}
	log.Fatal(thrift.NewTSimpleServer4(processor, socket, transports, protocols).Serve())
}
