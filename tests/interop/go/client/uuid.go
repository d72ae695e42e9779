//go:build uuid

package main

import (
	"github.com/apache/thrift/gen/conformance"
	"github.com/apache/thrift/lib/go/thrift"
)

func checkUuid(client *conformance.ThriftTestClient) {
	same("testUuid", client.TestUuid, thrift.Tuuid{}, thrift.Must(thrift.ParseTuuid("00112233-4455-6677-8899-aabbccddeeff")))
}
