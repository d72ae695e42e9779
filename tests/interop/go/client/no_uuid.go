//go:build !uuid

package main

import "github.com/apache/thrift/gen/conformance"

// Releases before 0.18 have no such type.
func checkUuid(*conformance.ThriftTestClient) {}
