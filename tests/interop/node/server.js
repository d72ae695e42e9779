// The cross-test's services on Apache's library for Node. Says its port when it listens.
"use strict";

const fs = require("fs");
const thrift = require("thrift");

const ThriftTest = require("ThriftTest");
const SecondService = require("SecondService");
const types = require("conformance_types");
const { options, settings } = require("./connection");

const echo = (thing, result) => result(null, thing);
const handler = {
  testVoid: (result) => result(null),
  testMapMap: (_, result) => result(null, { "-4": { "-4": -4, "-3": -3, "-2": -2, "-1": -1 }, 4: { 1: 1, 2: 2, 3: 3, 4: 4 } }),
  testInsanity: (argument, result) => result(null, { 1: { 2: argument, 3: argument }, 2: { 6: new types.Insanity({ userMap: {}, xtructs: [] }) } }),
  testMulti: (arg0, arg1, arg2, arg3, arg4, arg5, result) =>
    result(null, new types.Xtruct({ string_thing: "Hello2", byte_thing: arg0, i32_thing: arg1, i64_thing: arg2 })),
  testException: (arg, result) => {
    if (arg === "Xception") return result(new types.Xception({ errorCode: 1001, message: arg }));
    return arg === "TException" ? result(new thrift.Thrift.TException("asked for")) : result(null);
  },
  testMultiException: (arg0, arg1, result) => {
    const text = `This is an ${arg0}`;
    const xtruct = (string_thing) => new types.Xtruct({ string_thing, byte_thing: 0, i32_thing: 0, i64_thing: 0 });
    if (arg0 === "Xception") return result(new types.Xception({ errorCode: 1001, message: text }));
    if (arg0 === "Xception2") return result(new types.Xception2({ errorCode: 2002, struct_thing: xtruct(text) }));
    return result(null, xtruct(arg1));
  },
  testOneway: () => {},
  secondtestString: (thing, result) => result(null, `testString("${thing}")`),
};
for (const name of "String Bool Byte I32 I64 Double Binary Uuid Struct Nest Map StringMap Set List Enum Typedef".split(" ")) {
  handler[`test${name}`] = echo;
}

const made = options();
const common = settings(made);
const tls = made.ssl ? { key: fs.readFileSync(made.key), cert: fs.readFileSync(made.cert) } : undefined;
let server;
if (made.transport === "http" || made.transport === "websocket") {
  const service = { ...common, handler, processor: ThriftTest };
  server = thrift.createWebServer({ services: { "/test": { ...service }, "/": { ...service } }, cors: { "*": true }, tls });
} else if (made.multiplexed) {
  const several = new thrift.MultiplexedProcessor();
  several.registerProcessor("ThriftTest", new ThriftTest.Processor(handler));
  several.registerProcessor("SecondService", new SecondService.Processor(handler));
  server = thrift.createMultiplexServer(several, { ...common, tls });
} else {
  server = thrift.createServer(ThriftTest, handler, { ...common, tls });
}
server.on("error", (error) => console.error(error));
const announce = function () {
  const where = this.address();
  console.log(`listening on ${typeof where === "string" ? where : where.port}`);
};
if (made["domain-socket"]) server.listen(made["domain-socket"], announce);
else server.listen(Number(made.port), made.host, announce);
