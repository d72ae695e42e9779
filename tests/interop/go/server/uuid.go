//go:build uuid

package main

import (
	"context"

	"github.com/apache/thrift/lib/go/thrift"
)

func (*handler) TestUuid(_ context.Context, thing thrift.Tuuid) (thrift.Tuuid, error) {
	return thing, nil
}
