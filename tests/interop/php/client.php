<?php

// The cross-test's calls through Apache's PHP library. Exit code 1 where an answer is wrong.

declare(strict_types=1);

require __DIR__ . '/connection.php';

use conformance\Insanity;
use conformance\Numberz;
use conformance\SecondServiceClient;
use conformance\ThriftTest_testString_args;
use conformance\ThriftTestClient;
use conformance\Xception;
use conformance\Xception2;
use conformance\Xtruct;
use conformance\Xtruct2;
use Thrift\Exception\TApplicationException;
use Thrift\Protocol\TMultiplexedProtocol;
use Thrift\Protocol\TProtocol;
use Thrift\Transport\TBufferedTransport;
use Thrift\Transport\TFramedTransport;
use Thrift\Transport\THttpClient;
use Thrift\Transport\TSocket;
use Thrift\Transport\TSSLSocket;
use Thrift\Transport\TTransport;
use Thrift\Type\TMessageType;

/** Counts what was compared, and says what was not as it should be. */
final class Checks
{
    public int $made = 0;
    public int $failed = 0;

    public function equal(string $what, mixed $got, mixed $wanted): void
    {
        $this->made++;
        if ($got === $wanted) {
            return;
        }
        $this->failed++;
        printf("FAIL %s: got %.200s, wanted %.200s\n", $what, var_export($got, true), var_export($wanted, true));
    }

    /** Structs and maps: the same members with the same types, in whatever order. */
    public function alike(string $what, mixed $got, mixed $wanted): void
    {
        $this->equal($what, sorted($got), sorted($wanted));
    }

    /** @param array $members what the exception has to hold */
    public function raises(string $what, string $kind, array $members, callable $call): void
    {
        try {
            $call();
            $this->equal($what, 'nothing thrown', $kind);
        } catch (Exception $error) {
            if (!$error instanceof $kind) {
                $this->equal($what, get_class($error) . ': ' . $error->getMessage(), $kind);
                return;
            }
            $held = array_intersect_key(get_object_vars($error) + ['code' => $error->getCode()], $members);
            $this->alike($what, $held, $members);
        }
    }
}

/** A value with all its maps in the order of their keys, and structs as maps. */
function sorted(mixed $value): mixed
{
    if (is_object($value)) {
        $value = ['struct' => get_class($value)] + get_object_vars($value);
    }
    if (!is_array($value)) {
        return $value;
    }
    if (!array_is_list($value)) {
        ksort($value);
    }
    return array_map('sorted', $value);
}

function transport_of(array $options): TTransport
{
    [$host, $port] = [$options['host'], (int) $options['port']];
    $verified = ['ssl' => ['cafile' => $options['ca'] ?? null, 'verify_peer' => true, 'verify_peer_name' => true]];
    if ($options['transport'] === 'http') {
        return isset($options['ssl'])
            ? new THttpClient($host, $port, '/service', 'https', $verified)
            : new THttpClient($host, $port, '/service');
    }
    if (isset($options['domain-socket'])) {
        $socket = new TSocket('unix://' . $options['domain-socket'], -1);
    } elseif (isset($options['ssl'])) {
        $socket = new TSSLSocket($host, $port, stream_context_create($verified));
    } else {
        $socket = new TSocket($host, $port);
    }
    $socket->setRecvTimeout(10000);
    $socket->setSendTimeout(10000);
    return match ($options['transport']) {
        // A TLS stream of PHP waits for as many bytes as are asked for when it holds a part of them: all of a reply has to come in
        // the first read, which is of 512 bytes otherwise.
        'buffered' => isset($options['one-read']) ? new TBufferedTransport($socket, 8192, 8192) : new TBufferedTransport($socket),
        'framed' => new TFramedTransport($socket),
    };
}

function is_json(array $options): bool
{
    return in_array($options['protocol'], ['json', 'multij']);
}

/** The infinities and NaN; JSON had no words for them before 0.23. */
function inexpressible(array $options): array
{
    return is_json($options) && version_compare(getenv('THRIFT_RELEASE'), '0.23', '<') ? [] : [INF, -INF, NAN];
}

function check_echoes(ThriftTestClient $client, array $options, Checks $checks): void
{
    $checks->equal('testVoid', $client->testVoid(), null);
    $control = "quote \" back\\slash / \x08\x0c\r\n\t nul\0 \x01\x1f\x7f";
    $largest = isset($options['one-read']) ? 8000 : 131072;
    foreach (['', 'Test', '1', $control, 'Ünïcödé 漢字 العربية 😀', substr(str_repeat('long ', 4000), 0, $largest)] as $value) {
        $checks->equal('testString', $client->testString($value), $value);
    }
    foreach ([true, false] as $value) {
        $checks->equal('testBool', $client->testBool($value), $value);
    }
    foreach (['testByte' => 7, 'testI32' => 31, 'testI64' => 63, 'testTypedef' => 63] as $method => $width) {
        $least = $width === 63 ? PHP_INT_MIN : -2 ** $width;
        foreach ([0, 1, -1, -($least + 1), $least] as $value) {
            $checks->equal($method, $client->$method($value), $value);
        }
    }
    foreach ([0.0, -0.0, 5.325098235, -5.325098235, 1e300, 5e-324, PHP_FLOAT_MAX, ...inexpressible($options)] as $value) {
        $got = $client->testDouble($value);
        $checks->equal("testDouble $value", is_nan($got) ? 'NaN' : bin2hex(pack('E', $got)), is_nan($value) ? 'NaN' : bin2hex(pack('E', $value)));
    }
    $sizes = [0, 1, 2, 4, 16, 255, 256, 4096, 65536, 131072];
    foreach (array_filter($sizes, fn ($size) => $size <= $largest) as $size) {
        $value = substr(str_repeat(implode(array_map(fn ($index) => chr($index * 7 % 256), range(0, 255))), 512), 0, $size);
        // The library writes binary as it writes text: in JSON base64 is left to the caller.
        $got = is_json($options) ? base64_decode($client->testBinary(base64_encode($value))) : $client->testBinary($value);
        $checks->equal("testBinary $size", $got, $value);
    }
    if (method_exists($client, 'testUuid')) {
        foreach (['00000000-0000-0000-0000-000000000000', '00112233-4455-6677-8899-aabbccddeeff'] as $value) {
            $checks->equal('testUuid', $client->testUuid($value), $value);
        }
    }
}

function xtruct(string $text, int $byte, int $i32, int $i64): Xtruct
{
    return new Xtruct(['string_thing' => $text, 'byte_thing' => $byte, 'i32_thing' => $i32, 'i64_thing' => $i64]);
}

function check_structs(ThriftTestClient $client, Checks $checks): void
{
    $thing = xtruct('Zero', 1, -3, -5);
    $checks->alike('testStruct', $client->testStruct($thing), $thing);
    $nested = new Xtruct2(['byte_thing' => 1, 'struct_thing' => $thing, 'i32_thing' => 5]);
    $checks->alike('testNest', $client->testNest($nested), $nested);
    $insanity = new Insanity([
        'userMap' => [Numberz::FIVE => 5, Numberz::EIGHT => 8],
        'xtructs' => [xtruct('Goodbye4', 4, 4, 4), xtruct('Hello2', 2, 2, 2)],
    ]);
    $empty = new Insanity(['userMap' => [], 'xtructs' => []]);
    $wanted = [1 => [Numberz::TWO => $insanity, Numberz::THREE => $insanity], 2 => [Numberz::SIX => $empty]];
    $checks->alike('testInsanity', $client->testInsanity($insanity), $wanted);
    $got = $client->testMulti(74, 0xFF00FF, 0xFF00FF00FF, [1 => 'blah'], Numberz::FIVE, 0xF0F0F0);
    $checks->alike('testMulti', $got, xtruct('Hello2', 74, 0xFF00FF, 0xFF00FF00FF));
}

function check_containers(ThriftTestClient $client, Checks $checks): void
{
    $few = array_combine(range(0, 4), range(-10, -6));
    $many = array_combine(range(0, 499), range(0, -499));
    foreach ([[], $few, [2147483647 => -2147483648], $many] as $value) {
        $checks->alike('testMap', $client->testMap($value), $value);
    }
    foreach ([[], ['a' => '123', ' x y ' => ' with spaces ', '' => 'ü 漢']] as $value) {
        $checks->alike('testStringMap', $client->testStringMap($value), $value);
    }
    foreach ([[], range(-2, 2), [0, 2147483647, -2147483648], range(0, 1999)] as $value) {
        $checks->equal('testList', $client->testList($value), $value);
        // A set is a map to true here.
        $set = array_fill_keys($value, true);
        $checks->alike('testSet', $client->testSet($set), $set);
    }
    foreach ([Numberz::ONE, Numberz::TWO, Numberz::EIGHT, 77] as $value) {
        $checks->equal('testEnum', $client->testEnum($value), $value);
    }
    $wanted = [-4 => array_combine(range(-4, -1), range(-4, -1)), 4 => array_combine(range(1, 4), range(1, 4))];
    $checks->alike('testMapMap', $client->testMapMap(1), $wanted);
}

function check_exceptions(ThriftTestClient $client, TProtocol $protocol, Checks $checks): void
{
    $checks->raises('Xception', Xception::class, ['errorCode' => 1001, 'message' => 'Xception'], fn () => $client->testException('Xception'));
    $checks->raises('TException', TApplicationException::class, [], fn () => $client->testException('TException'));
    $checks->equal('no exception', $client->testException('success'), null);
    $one = ['errorCode' => 1001, 'message' => 'This is an Xception'];
    $checks->raises('multi 1', Xception::class, $one, fn () => $client->testMultiException('Xception', 'x'));
    $two = ['errorCode' => 2002, 'struct_thing' => xtruct('This is an Xception2', 0, 0, 0)];
    $checks->raises('multi 2', Xception2::class, $two, fn () => $client->testMultiException('Xception2', 'x'));
    $checks->alike('multi none', $client->testMultiException('success', 'foobar'), xtruct('foobar', 0, 0, 0));
    $checks->raises('unknown method', TApplicationException::class, ['code' => TApplicationException::UNKNOWN_METHOD], function () use ($protocol) {
        $protocol->writeMessageBegin('testNoSuchMethod', TMessageType::CALL, 7);
        (new ThriftTest_testString_args(['thing' => 'x']))->write($protocol);
        $protocol->writeMessageEnd();
        $protocol->getTransport()->flush();
        $protocol->readMessageBegin($name, $kind, $id);
        if ([$name, $kind, $id] !== ['testNoSuchMethod', TMessageType::EXCEPTION, 7]) {
            throw new RuntimeException("reply $name of kind $kind, number $id");
        }
        $error = new TApplicationException();
        $error->read($protocol);
        $protocol->readMessageEnd();
        throw $error;
    });
}

function check_oneway(ThriftTestClient $client, Checks $checks): void
{
    $begun = microtime(true);
    $client->testOneway(3);
    $took = microtime(true) - $begun;
    $checks->equal(sprintf('testOneway in %.3f s', $took), $took < 0.2, true);
    $checks->equal('a call behind a oneway one', $client->testI32(-1), -1);
}

function check_both_services(ThriftTestClient $client, SecondServiceClient $second, Checks $checks): void
{
    foreach (['b0', 'b1', 'b2'] as $value) {
        $checks->equal('secondtestString', $second->secondtestString($value), "testString(\"$value\")");
        $checks->equal('testString between', $client->testString('a'), 'a');
    }
}

function main(array $words): int
{
    $options = arguments($words);
    $checks = new Checks();
    $transport = transport_of($options);
    $protocol = protocol_factory($options['protocol'])->getProtocol($transport);
    $multiplexed = isset(MULTIPLEXED[$options['protocol']]);
    $named = fn (string $service) => $multiplexed ? new TMultiplexedProtocol($protocol, $service) : $protocol;
    $client = new ThriftTestClient($named('ThriftTest'));
    $transport->open();
    check_echoes($client, $options, $checks);
    check_structs($client, $checks);
    check_containers($client, $checks);
    if ($multiplexed) {
        check_both_services($client, new SecondServiceClient($named('SecondService')), $checks);
    }
    check_exceptions($client, $named('ThriftTest'), $checks);
    check_oneway($client, $checks);
    $transport->close();
    echo "$checks->made checks, $checks->failed failed\n";
    return $checks->failed ? 1 : 0;
}

exit(main($argv));
