<?php

// What client and server have in common: loading, arguments, and Apache's protocols by the names of the matrix.

declare(strict_types=1);

use Thrift\Factory\TBinaryProtocolFactory;
use Thrift\Factory\TCompactProtocolFactory;
use Thrift\Factory\TJSONProtocolFactory;
use Thrift\Factory\TProtocolFactory;
use Thrift\Protocol\TBinaryProtocolAccelerated;

const MULTIPLEXED = ['multi' => 'binary', 'multic' => 'compact', 'multij' => 'json'];

// The library and the stubs have a class in each file.
spl_autoload_register(function (string $class): void {
    $path = str_replace('\\', '/', $class) . '.php';
    $file = match (strstr($path, '/', true)) {
        'Thrift' => getenv('THRIFT_LIBRARY') . substr($path, strlen('Thrift')),
        'Psr' => '/usr/share/php/' . $path,
        default => getenv('THRIFT_STUBS') . '/' . $path,
    };
    if (is_file($file)) {
        require_once $file;
    }
});

/** `--name=value`; a name without a value is "yes". */
function arguments(array $words): array
{
    $given = ['protocol' => 'binary', 'transport' => 'buffered', 'host' => '127.0.0.1', 'port' => '0'];
    foreach (array_slice($words, 1) as $word) {
        [$name, $value] = explode('=', substr($word, 2), 2) + [1 => 'yes'];
        $given[$name] = $value;
    }
    return $given;
}

/** The factory of a protocol, or of the one below a multiplexed one. */
function protocol_factory(string $name): TProtocolFactory
{
    return match (MULTIPLEXED[$name] ?? $name) {
        'binary' => new TBinaryProtocolFactory(),
        'accel' => accelerated(),
        'compact' => new TCompactProtocolFactory(),
        'json' => new TJSONProtocolFactory(),
    };
}

function accelerated(): TProtocolFactory
{
    // Without its extension the class works in plain PHP, and says nothing.
    if (!function_exists('thrift_protocol_write_binary')) {
        throw new RuntimeException('the extension is not loaded');
    }
    return new class () implements TProtocolFactory {
        public function getProtocol($transport): TBinaryProtocolAccelerated
        {
            return new TBinaryProtocolAccelerated($transport);
        }
    };
}
