// The cross-test's calls through Apache's Go library. Exit code 1 where an answer is wrong.
package main

import (
	"compress/zlib"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/apache/thrift/connection"
	"github.com/apache/thrift/gen/conformance"
	"github.com/apache/thrift/lib/go/thrift"
)

var (
	made, failed int
	background   = context.Background()
)

func check(what string, good bool, got any) {
	made++
	if !good {
		failed++
		fmt.Printf("FAIL %s: %.200v\n", what, got)
	}
}

// same calls a method with a value that must come back.
func same[T any](what string, call func(context.Context, T) (T, error), values ...T) {
	for _, value := range values {
		got, err := call(background, value)
		check(what, err == nil && reflect.DeepEqual(got, value), fmt.Sprint(got, err))
	}
}

func equal[T any](what string, got T, err error, wanted T) {
	check(what, err == nil && reflect.DeepEqual(got, wanted), fmt.Sprint(got, err))
}

func trusted(file string) *tls.Config {
	text, err := os.ReadFile(file)
	if err != nil {
		connection.Fail(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
}

func transportOf(options *connection.Options, conf *thrift.TConfiguration) (thrift.TTransport, error) {
	if options.TLS {
		conf.TLSConfig = trusted(options.CA)
	}
	if options.Transport == "http" {
		scheme := "http"
		client := &http.Client{Timeout: 10 * time.Second}
		if options.TLS {
			scheme = "https"
			client.Transport = &http.Transport{TLSClientConfig: conf.TLSConfig}
		}
		return thrift.NewTHttpClientWithOptions(fmt.Sprintf("%s://%s/", scheme, options.Address()), thrift.THttpClientOptions{Client: client})
	}
	var socket thrift.TTransport
	switch {
	case options.Unix != "":
		socket = thrift.NewTSocketFromAddrConf(&net.UnixAddr{Name: options.Unix, Net: "unix"}, conf)
	case options.TLS:
		socket = thrift.NewTSSLSocketConf(options.Address(), conf)
	default:
		socket = thrift.NewTSocketConf(options.Address(), conf)
	}
	switch options.Transport {
	case "buffered":
		return thrift.NewTBufferedTransport(socket, 8192), nil
	case "framed":
		return thrift.NewTFramedTransportConf(socket, conf), nil
	case "zlib":
		return thrift.NewTZlibTransport(socket, zlib.BestCompression)
	}
	return nil, fmt.Errorf("transport %s", options.Transport)
}

func echoes(client *conformance.ThriftTestClient) {
	check("testVoid", client.TestVoid(background) == nil, nil)
	same("testString", client.TestString, "", "Test", "quote \" back\\slash / tab\t newline\n nul\x00.", "Ünïcödé 漢字 العربية 😀 <&>", strings.Repeat("x", 20000))
	same("testBool", client.TestBool, true, false)
	same("testByte", client.TestByte, 0, 1, -1, 127, -128)
	same("testI32", client.TestI32, 0, 1, -1, math.MaxInt32, math.MinInt32)
	same("testI64", client.TestI64, 0, -1, -34359738368, 1<<53+1, math.MaxInt64, math.MinInt64)
	same("testTypedef", client.TestTypedef, 0, -1, math.MaxInt64, math.MinInt64)
	for _, value := range []float64{0, math.Copysign(0, -1), 5.325098235, -5.325098235, 1e300, 5e-324, math.MaxFloat64, math.Inf(1), math.Inf(-1)} {
		got, err := client.TestDouble(background, value)
		check(fmt.Sprint("testDouble ", value), err == nil && math.Float64bits(got) == math.Float64bits(value), got)
	}
	got, err := client.TestDouble(background, math.NaN())
	check("testDouble NaN", err == nil && math.IsNaN(got), got)
	for _, size := range []int{0, 1, 2, 4, 16, 255, 256, 4096, 65536, 131072} {
		value := make([]byte, size)
		for index := range value {
			value[index] = byte(index * 7)
		}
		got, err := client.TestBinary(background, value)
		check(fmt.Sprint("testBinary of ", size), err == nil && slices.Equal(got, value), err)
	}
	checkUuid(client)
}

func structs(client *conformance.ThriftTestClient) {
	thing := &conformance.Xtruct{StringThing: "Zero", ByteThing: 1, I32Thing: -3, I64Thing: -5}
	same("testStruct", client.TestStruct, thing)
	same("testNest", client.TestNest, &conformance.Xtruct2{ByteThing: 1, StructThing: thing, I32Thing: 5})
	insanity := &conformance.Insanity{
		UserMap: map[conformance.Numberz]conformance.UserId{conformance.Numberz_FIVE: 5, conformance.Numberz_EIGHT: 8},
		Xtructs: []*conformance.Xtruct{
			{StringThing: "Goodbye4", ByteThing: 4, I32Thing: 4, I64Thing: 4},
			{StringThing: "Hello2", ByteThing: 2, I32Thing: 2, I64Thing: 2},
		},
	}
	empty := &conformance.Insanity{UserMap: map[conformance.Numberz]conformance.UserId{}, Xtructs: []*conformance.Xtruct{}}
	got, err := client.TestInsanity(background, insanity)
	equal("testInsanity", got, err, map[conformance.UserId]map[conformance.Numberz]*conformance.Insanity{
		1: {conformance.Numberz_TWO: insanity, conformance.Numberz_THREE: insanity},
		2: {conformance.Numberz_SIX: empty},
	})
	multi, err := client.TestMulti(background, 74, 0xFF00FF, 0xFF00FF00FF, map[int16]string{1: "blah"}, conformance.Numberz_FIVE, 0xF0F0F0)
	equal("testMulti", multi, err, &conformance.Xtruct{StringThing: "Hello2", ByteThing: 74, I32Thing: 0xFF00FF, I64Thing: 0xFF00FF00FF})
}

func containers(client *conformance.ThriftTestClient) {
	many, list := map[int32]int32{}, []int32{}
	for index := int32(0); index < 2000; index++ {
		many[index] = -index
		list = append(list, index)
	}
	same("testMap", client.TestMap, map[int32]int32{}, map[int32]int32{0: -10, 4: -6}, map[int32]int32{math.MaxInt32: math.MinInt32}, many)
	same("testStringMap", client.TestStringMap, map[string]string{}, map[string]string{"a": "123", " x y ": " with spaces ", "0": "numeric key", "": "ü 漢"})
	same("testList", client.TestList, []int32{}, []int32{-2, -1, 0, 1, 2}, list)
	for _, value := range [][]int32{{}, {-2, -1, 0, 1, 2}, list} {
		got, err := client.TestSet(background, value)
		slices.Sort(got)
		equal("testSet", got, err, value)
	}
	same("testEnum", client.TestEnum, conformance.Numberz_ONE, conformance.Numberz_TWO, conformance.Numberz_EIGHT, conformance.Numberz(77))
	nested, err := client.TestMapMap(background, 1)
	equal("testMapMap", nested, err, map[int32]map[int32]int32{-4: {-4: -4, -3: -3, -2: -2, -1: -1}, 4: {1: 1, 2: 2, 3: 3, 4: 4}})
}

func exceptions(client *conformance.ThriftTestClient) {
	var one *conformance.Xception
	var two *conformance.Xception2
	var application thrift.TApplicationException
	err := client.TestException(background, "Xception")
	check("Xception", errors.As(err, &one) && one.ErrorCode == 1001 && one.Message == "Xception", err)
	err = client.TestException(background, "TException")
	check("TException", errors.As(err, &application), err)
	err = client.TestException(background, "success")
	check("no exception", err == nil, err)
	_, err = client.TestMultiException(background, "Xception", "x")
	check("multi 1", errors.As(err, &one) && one.ErrorCode == 1001 && one.Message == "This is an Xception", err)
	_, err = client.TestMultiException(background, "Xception2", "x")
	check("multi 2", errors.As(err, &two) && two.ErrorCode == 2002 && two.StructThing.StringThing == "This is an Xception2", err)
	got, err := client.TestMultiException(background, "success", "foobar")
	equal("multi none", got, err, &conformance.Xtruct{StringThing: "foobar"})
}

func oneway(client *conformance.ThriftTestClient) {
	begun := time.Now()
	err := client.TestOneway(background, 3)
	took := time.Since(begun)
	check("testOneway", err == nil && took < 200*time.Millisecond, fmt.Sprint(took, err))
	same("a call behind a oneway one", client.TestI32, -1)
}

func main() {
	options := connection.Parse()
	conf := &thrift.TConfiguration{ConnectTimeout: 10 * time.Second, SocketTimeout: 10 * time.Second}
	transport, err := transportOf(options, conf)
	if err != nil {
		connection.Fail(err)
	}
	if err = transport.Open(); err != nil {
		connection.Fail(err)
	}
	protocol := options.Protocols(conf).GetProtocol(transport)
	named := func(service string) thrift.TClient {
		if options.Multiplexed() {
			return thrift.NewTStandardClient(protocol, thrift.NewTMultiplexedProtocol(protocol, service))
		}
		return thrift.NewTStandardClient(protocol, protocol)
	}
	client := conformance.NewThriftTestClient(named("ThriftTest"))
	echoes(client)
	structs(client)
	containers(client)
	if options.Multiplexed() {
		second := conformance.NewSecondServiceClient(named("SecondService"))
		for _, text := range []string{"a", "b", "c"} {
			got, err := second.SecondtestString(background, text)
			equal("secondtestString", got, err, fmt.Sprintf("testString(%q)", text))
			same("testString between", client.TestString, "a")
		}
	}
	exceptions(client)
	oneway(client)
	transport.Close()
	fmt.Printf("%d checks, %d failed\n", made, failed)
	if failed > 0 {
		os.Exit(1)
	}
}
