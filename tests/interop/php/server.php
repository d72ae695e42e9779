<?php

// The cross-test's services on Apache's PHP library. Says its port when it listens. PHP's own web server runs this file, too.

declare(strict_types=1);

require __DIR__ . '/connection.php';
require __DIR__ . '/handler.php';

use conformance\SecondServiceProcessor;
use conformance\ThriftTestProcessor;
use Thrift\Factory\TProtocolFactory;
use Thrift\Factory\TTransportFactory;
use Thrift\Protocol\TProtocol;
use Thrift\Server\TForkingServer;
use Thrift\Server\TServerSocket;
use Thrift\Server\TSSLServerSocket;
use Thrift\TMultiplexedProcessor;
use Thrift\Transport\TBufferedTransport;
use Thrift\Transport\TFramedTransport;
use Thrift\Transport\TPhpStream;

/** Makes a server transport say where it listens. */
trait Announced
{
    public function listen(): void
    {
        parent::listen();
        $where = stream_socket_get_name($this->listener ?? $this->listener_, false);
        echo 'listening on ', substr($where, strrpos($where, ':') + 1), "\n";
    }
}

/** Protocols on top of a buffered or a framed transport: not all releases have factories for these transports. */
final class Layered implements TProtocolFactory
{
    public function __construct(private string $transport, private TProtocolFactory $protocols)
    {
    }

    public function getProtocol($transport): TProtocol
    {
        return $this->protocols->getProtocol(match ($this->transport) {
            'buffered' => new TBufferedTransport($transport),
            'framed' => new TFramedTransport($transport),
        });
    }
}

function processor_for(string $protocol): object
{
    $plain = new ThriftTestProcessor(new Handler());
    if (!isset(MULTIPLEXED[$protocol])) {
        return $plain;
    }
    $several = new TMultiplexedProcessor();
    $several->registerProcessor('ThriftTest', $plain);
    $several->registerProcessor('SecondService', new SecondServiceProcessor(new Handler()));
    return $several;
}

function server_socket(array $options): TServerSocket
{
    [$host, $port] = [$options['host'], (int) $options['port']];
    if (!isset($options['ssl'])) {
        return new class ($host, $port) extends TServerSocket {
            use Announced;
        };
    }
    $context = stream_context_create(['ssl' => ['local_cert' => $options['cert'], 'local_pk' => $options['key']]]);
    return new class ($host, $port, $context) extends TSSLServerSocket {
        use Announced;
    };
}

/** One request of PHP's web server. */
function answer(string $protocol): void
{
    header('Content-Type: application/x-thrift');
    $stream = new TBufferedTransport(new TPhpStream(TPhpStream::MODE_R | TPhpStream::MODE_W));
    $stream->open();
    $exchange = protocol_factory($protocol)->getProtocol($stream);
    processor_for($protocol)->process($exchange, $exchange);
    $stream->close();
}

/** Becomes PHP's web server, which says `(http://127.0.0.1:PORT) started`; the line that is awaited follows from it. */
function serve_http(array $options): int
{
    $command = [PHP_BINARY, ...explode(' ', getenv('PHP_OPTIONS')), '-S', "$options[host]:$options[port]", __FILE__];
    $process = proc_open($command, [2 => ['pipe', 'w']], $pipes, null, ['INTEROP_PROTOCOL' => $options['protocol']] + getenv());
    while (($line = fgets($pipes[2])) !== false) {
        echo preg_replace('/^.*\(http:.*:(\d+)\) started$/', 'listening on $1', $line);
    }
    return proc_close($process);
}

function main(array $words): int
{
    $options = arguments($words);
    if ($options['transport'] === 'http') {
        return serve_http($options);
    }
    $protocols = new Layered($options['transport'], protocol_factory($options['protocol']));
    $transports = new TTransportFactory();
    $processor = processor_for($options['protocol']);
    (new TForkingServer($processor, server_socket($options), $transports, $transports, $protocols, $protocols))->serve();
    return 0;
}

if (PHP_SAPI === 'cli-server') {
    answer(getenv('INTEROP_PROTOCOL'));
} else {
    exit(main($argv));
}
