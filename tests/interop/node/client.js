// The cross-test's calls through Apache's library for Node. Exit code 1 where an answer is wrong.
"use strict";

const assert = require("assert");
const fs = require("fs");
const thrift = require("thrift");
const { Int64 } = thrift;

const ThriftTest = require("ThriftTest");
const SecondService = require("SecondService");
const types = require("conformance_types");
const { combinations, settings } = require("./connection");

let made = 0;
let failed = 0;

function equal(what, got, wanted) {
  made += 1;
  try {
    assert.deepStrictEqual(got, wanted);
  } catch {
    failed += 1;
    console.log(`FAIL ${what}: got ${String(JSON.stringify(got)).slice(0, 200)}, wanted ${String(JSON.stringify(wanted)).slice(0, 200)}`);
  }
}

async function raises(what, call, kind, members) {
  try {
    equal(what, await call, kind.name);
  } catch (error) {
    equal(what, error instanceof kind, true);
    for (const [name, wanted] of Object.entries(members)) equal(`${what} ${name}`, error[name], wanted);
  }
}

function connect(made) {
  const ca = made.ssl ? fs.readFileSync(made.ca) : undefined;
  const common = settings(made);
  switch (made.transport) {
    case "http":
      Object.assign(common, { path: "/test", https: Boolean(made.ssl), nodeOptions: { ca } });
      if (made["domain-socket"]) return thrift.createHttpUDSConnection(made["domain-socket"], common);
      return thrift.createHttpConnection(made.host, Number(made.port), common);
    case "websocket": {
      Object.assign(common, { path: "/test", secure: Boolean(made.ssl), wsOptions: { ca } });
      const connection = thrift.createWSConnection(made.host, Number(made.port), common);
      connection.open();
      return connection;
    }
  }
  if (made["domain-socket"]) return thrift.createUDSConnection(made["domain-socket"], common);
  if (made.ssl) return thrift.createSSLConnection(made.host, Number(made.port), { ...common, ca });
  return thrift.createConnection(made.host, Number(made.port), common);
}

function clients(made, connection) {
  if (made.multiplexed) {
    const several = new thrift.Multiplexer();
    return [several.createClient("ThriftTest", ThriftTest, connection), several.createClient("SecondService", SecondService, connection)];
  }
  const create = { http: thrift.createHttpClient, websocket: thrift.createWSClient }[made.transport] ?? thrift.createClient;
  return [create(ThriftTest, connection), null];
}

// A number that JavaScript's own cannot hold, in a form that compares.
function wide(number) {
  return number instanceof Int64 ? BigInt.asIntN(64, BigInt(`0x${number.toOctetString()}`)) : BigInt(number);
}

function int64(big) {
  return new Int64(BigInt.asUintN(64, big).toString(16).padStart(16, "0"));
}

async function echoes(client) {
  equal("testVoid", await client.testVoid(), undefined);
  const texts = ["", "Test", "quote \" back\\slash / tab\t newline\n", "Ünïcödé 漢字 العربية 😀", "x".repeat(20000)];
  for (const text of texts) equal("testString", await client.testString(text), text);
  for (const value of [true, false]) equal("testBool", await client.testBool(value), value);
  for (const value of [0, 1, -1, 127, -128]) equal("testByte", await client.testByte(value), value);
  for (const value of [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)]) equal("testI32", await client.testI32(value), value);
  for (const value of [0n, 1n, -1n, -34359738368n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    equal(`testI64 ${value}`, wide(await client.testI64(int64(value))), value);
    equal(`testTypedef ${value}`, wide(await client.testTypedef(int64(value))), value);
  }
  // Not -0: its writers turn it into 0.
  for (const value of [0, 5.325098235, -5.325098235, 1e300, 5e-324, Number.MAX_VALUE]) {
    equal(`testDouble ${value}`, await client.testDouble(value), value);
  }
  for (const size of [0, 1, 2, 4, 16, 255, 256, 4096, 65536, 131072]) {
    const value = Buffer.from(Uint8Array.from({ length: size }, (_, index) => index * 7));
    equal(`testBinary of ${size}`, Buffer.from(await client.testBinary(value)).equals(value), true);
  }
  if (client.testUuid) {
    for (const text of ["00000000-0000-0000-0000-000000000000", "00112233-4455-6677-8899-aabbccddeeff"]) {
      equal("testUuid", await client.testUuid(text), text);
    }
  }
}

async function extremes(client, codec) {
  // Its JSON writer turns these doubles into null, and leaves control characters as they are.
  if (codec === "json") return;
  equal("testString", await client.testString("nul\0 \x01\x1f"), "nul\0 \x01\x1f");
  for (const value of [Infinity, -Infinity, NaN]) equal(`testDouble ${value}`, await client.testDouble(value), value);
}

async function structs(client) {
  const plain = (value) => JSON.parse(JSON.stringify(value, (_, inner) => (inner instanceof Int64 ? Number(inner) : inner)));
  const xtruct = (string_thing, byte_thing, i32_thing, i64_thing) => new types.Xtruct({ string_thing, byte_thing, i32_thing, i64_thing });
  const thing = xtruct("Zero", 1, -3, -5);
  equal("testStruct", plain(await client.testStruct(thing)), plain(thing));
  const nested = new types.Xtruct2({ byte_thing: 1, struct_thing: thing, i32_thing: 5 });
  equal("testNest", plain(await client.testNest(nested)), plain(nested));
  const insanity = new types.Insanity({ userMap: { 5: 5, 8: 8 }, xtructs: [xtruct("Goodbye4", 4, 4, 4), xtruct("Hello2", 2, 2, 2)] });
  const empty = new types.Insanity({ userMap: {}, xtructs: [] });
  equal("testInsanity", plain(await client.testInsanity(insanity)), plain({ 1: { 2: insanity, 3: insanity }, 2: { 6: empty } }));
  const multi = await client.testMulti(74, 0xff00ff, int64(0xff00ff00ffn), { 1: "blah" }, types.Numberz.FIVE, 0xf0f0f0);
  equal("testMulti", plain(multi), plain(xtruct("Hello2", 74, 0xff00ff, 0xff00ff00ff)));
}

async function containers(client) {
  const list = Array.from({ length: 2000 }, (_, index) => index);
  const many = Object.fromEntries(list.map((index) => [index, 7 - index]));
  for (const value of [{}, { 0: -10, 4: -6, "-1": 7 }, { 2147483647: -2147483648 }, many]) equal("testMap", await client.testMap(value), value);
  for (const value of [{}, { a: "123", " x y ": " with spaces ", 0: "numeric key", "": "ü 漢" }]) {
    equal("testStringMap", { ...(await client.testStringMap(value)) }, value);
  }
  for (const value of [[], [-2, -1, 0, 1, 2], list]) {
    equal("testList", await client.testList(value), value);
    equal("testSet", (await client.testSet(value)).sort((one, other) => one - other), value);
  }
  for (const value of [1, 2, 8, 77]) equal("testEnum", await client.testEnum(value), value);
  equal("testMapMap", await client.testMapMap(1), { "-4": { "-4": -4, "-3": -3, "-2": -2, "-1": -1 }, 4: { 1: 1, 2: 2, 3: 3, 4: 4 } });
}

async function exceptions(client) {
  await raises("Xception", client.testException("Xception"), types.Xception, { errorCode: 1001, message: "Xception" });
  await raises("TException", client.testException("TException"), thrift.Thrift.TApplicationException, {});
  equal("no exception", await client.testException("success"), undefined);
  await raises("multi 1", client.testMultiException("Xception", "x"), types.Xception, { errorCode: 1001, message: "This is an Xception" });
  await raises("multi 2", client.testMultiException("Xception2", "x"), types.Xception2, { errorCode: 2002 });
  equal("multi none", (await client.testMultiException("success", "foobar")).string_thing, "foobar");
}

// Many calls before the first answer, a oneway one among them.
async function pipelined(client) {
  const calls = [];
  for (let index = 0; index < 40; index += 1) {
    calls.push(client.testI32(index).then((got) => equal("pipelined", got, index)));
    // What it gives back is never settled by some releases.
    if (index === 20) client.testOneway(3);
  }
  const begun = Date.now();
  await Promise.all(calls);
  equal("a oneway call holds nothing up", Date.now() - begun < 2000, true);
}

async function run(given) {
  made = failed = 0;
  const connection = connect(given);
  connection.on("error", (error) => {
    console.log(`FAIL after ${made} checks: ${error.stack}`);
    process.exit(1);
  });
  const [client, second] = clients(given, connection);
  await echoes(client);
  await extremes(client, given.protocol.replace("multij", "json"));
  await structs(client);
  await containers(client);
  for (const text of second ? ["a", "b", "c"] : []) {
    equal("secondtestString", await second.secondtestString(text), `testString("${text}")`);
    equal("testString between", await client.testString("a"), "a");
  }
  await exceptions(client);
  await pipelined(client);
  console.log(`${made} checks, ${failed} failed`);
  return failed;
}

async function main() {
  let sum = 0;
  for (const given of combinations()) sum += await run(given);
  process.exit(sum ? 1 : 0);
}

main().catch((error) => {
  console.log(`FAIL after ${made} checks: ${error.stack}`);
  process.exit(1);
});
