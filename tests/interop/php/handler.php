<?php

// Both services of the cross-test.

declare(strict_types=1);

use conformance\Insanity;
use conformance\Numberz;
use conformance\Xception;
use conformance\Xception2;
use conformance\Xtruct;

/** Says nothing of `ThriftTestIf`: whether its methods declare types depends on the release of the compiler. */
final class Handler
{
    /** The methods that give back what they are given. */
    public function __call(string $name, array $arguments): mixed
    {
        return $arguments[0] ?? null;
    }

    public function testVoid(): void
    {
    }

    public function testMapMap(): array
    {
        return [-4 => array_combine(range(-4, -1), range(-4, -1)), 4 => array_combine(range(1, 4), range(1, 4))];
    }

    public function testInsanity(Insanity $argument): array
    {
        $empty = new Insanity(['userMap' => [], 'xtructs' => []]);
        return [1 => [Numberz::TWO => $argument, Numberz::THREE => $argument], 2 => [Numberz::SIX => $empty]];
    }

    public function testMulti(int $arg0, int $arg1, int $arg2): Xtruct
    {
        return new Xtruct(['string_thing' => 'Hello2', 'byte_thing' => $arg0, 'i32_thing' => $arg1, 'i64_thing' => $arg2]);
    }

    public function testException(string $arg): void
    {
        if ($arg === 'Xception') {
            throw new Xception(['errorCode' => 1001, 'message' => $arg]);
        }
        if ($arg === 'TException') {
            throw new Thrift\Exception\TException('asked for');
        }
    }

    public function testMultiException(string $arg0, string $arg1): Xtruct
    {
        if ($arg0 === 'Xception') {
            throw new Xception(['errorCode' => 1001, 'message' => 'This is an Xception']);
        }
        $thing = fn (string $text) => new Xtruct(['string_thing' => $text, 'byte_thing' => 0, 'i32_thing' => 0, 'i64_thing' => 0]);
        if ($arg0 === 'Xception2') {
            throw new Xception2(['errorCode' => 2002, 'struct_thing' => $thing('This is an Xception2')]);
        }
        return $thing($arg1);
    }

    public function testOneway(int $secondsToSleep): void
    {
    }

    public function secondtestString(string $thing): string
    {
        return "testString(\"$thing\")";
    }
}
