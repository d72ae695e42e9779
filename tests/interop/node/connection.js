// What client and server have in common: arguments, and Apache's protocols and transports by the names of the matrix.
"use strict";

const thrift = require("thrift");

const INNER = { multi: "binary", multic: "compact", multij: "json", multih: "header" };
const PROTOCOLS = {
  binary: thrift.TBinaryProtocol,
  compact: thrift.TCompactProtocol,
  json: thrift.TJSONProtocol,
  header: thrift.THeaderProtocol,
};

// The arguments of each combination: `--` begins another one.
function combinations() {
  const found = [[]];
  for (const word of process.argv.slice(2)) {
    if (word === "--") found.push([]);
    else found.at(-1).push(word);
  }
  return found.map(options);
}

// `--name=value` and `--name`, as an object.
function options(words = process.argv.slice(2)) {
  const made = { host: "127.0.0.1", port: "0", protocol: "binary", transport: "buffered" };
  for (const word of words) {
    const [, name, value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word);
    made[name] = value ?? true;
  }
  made.multiplexed = made.protocol in INNER;
  return made;
}

function settings(made) {
  return {
    protocol: PROTOCOLS[INNER[made.protocol] ?? made.protocol],
    transport: made.transport === "framed" ? thrift.TFramedTransport : thrift.TBufferedTransport,
  };
}

module.exports = { combinations, options, settings };
