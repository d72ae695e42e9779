//! `farthing call`: one call of any method of any server, from an IDL file and JSON.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::client::{Builder, Cause, Connection, Error};
use crate::dynamic::{self, Method, Outcome};
use crate::rpc::{ApplicationException, ExceptionKind, Failure, Response};
use crate::transport::Stack;
use crate::wire::Codec;

use super::check;
use super::dump::Dump;
use super::exit::{Exit, fail};
use super::extras::Extras;
use super::trust::Trust;

const EXAMPLES: &str = "\
Examples (against `farthing serve`):
  farthing call 127.0.0.1:9090 Calculator.add '{\"num1\": 40, \"num2\": 2}' --idl idl/calculator.thrift
  farthing call http://127.0.0.1:9091/ Cache.put '[\"key\", \"value\"]' --idl idl/cache.thrift
  farthing call 127.0.0.1:9091 Cache.get '\"key\"' --idl idl/cache.thrift --transport buffered
  farthing call unix:/run/shop.sock Shop:order @order.json --idl shop.thrift --protocol compact
  farthing call https://cache.example.org/ Cache.get '\"key\"' --idl idl/cache.thrift --tls-ca ca.pem
  farthing call --list --idl idl/cache.thrift                  what there is to call
  farthing call --describe Cache.get --idl idl/cache.thrift    its types and documentation
  farthing call --template Cache.put --idl idl/cache.thrift    arguments to fill in, and to send back with -

Arguments are an object by their names, a list in their order, or the value alone where there is one.
  integers             numbers; all 64 bits of an i64 are kept
  double               a number, or \"NaN\", \"Infinity\", \"-Infinity\"
  binary, uuid         a string: base64, or 8-4-4-4-12 hexadecimal digits
  enum                 its name or its number
  list, set            a list
  map                  an object where keys are texts, numbers, bools or enums; or [[key, value], ...]
  struct, exception    an object by field names; what is left out has its default, or is not sent
  union                an object with exactly one field
Results have the same forms. An exception is printed under its name: {\"KeyNotFound\": {\"key\": \"k\"}}.

Exit codes:
  0 answered    1 the server raised an exception    2 the command line, the IDL or the JSON is wrong
  3 no connection    4 the time was up    5 the server speaks something else, or ended the connection";

/// Call a method of any Thrift server, with JSON in and JSON out.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES, after_help = "`farthing call --help` has examples and says how each type is written in JSON.")]
#[allow(clippy::struct_excessive_bools)] // each is a flag of the command line
pub(super) struct Arguments {
    /// Where the server is: host:port, [v6]:port, unix:/path, unix:@name, http[s]://host:port/path or ws[s]://host:port/path.
    #[arg(value_name = "ADDR", required_unless_present_any = ["list", "describe", "template"])]
    address: Option<String>,

    /// What to call: Service.method, or method where only one service has it; Service:method sends the service's name too.
    #[arg(value_name = "METHOD", required_unless_present_any = ["list", "describe", "template"])]
    method: Option<String>,

    /// The arguments: JSON, @FILE, or - for standard input. Not needed by a method that takes none.
    #[arg(value_name = "JSON")]
    json: Option<String>,

    /// The IDL that the server was made from, with all that it includes; may be repeated.
    #[arg(long, required = true, value_name = "FILE.thrift")]
    idl: Vec<PathBuf>,

    /// Look for included files here, after the directory of the file that includes them; may be repeated.
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    includes: Vec<PathBuf>,

    /// binary, binary-old (without a version, as before 2010), compact or json.
    #[arg(long, short, value_name = "NAME", default_value = "binary", value_parser = protocol)]
    protocol: Protocol,

    /// framed, buffered, http, header, zlib or websocket, or one with another inside, such as http+header [default: http for http[s]://, websocket for ws[s]://, else framed].
    #[arg(long, short, value_name = "NAME")]
    transport: Option<Stack>,

    /// Send the name of the service too (TMultiplexedProtocol), for servers that offer several.
    #[arg(long)]
    multiplexed: bool,

    #[command(flatten)]
    extras: Extras,

    /// How long all may take, connecting included: 250ms, 10s, 5m.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    timeout: Duration,

    #[command(flatten)]
    trust: Trust,

    /// Print the result on one line.
    #[arg(long)]
    compact_output: bool,

    /// Show on standard error what was sent and received, byte by byte and explained.
    #[arg(long, short)]
    verbose: bool,

    /// List all methods of the IDL, and call none.
    #[arg(long, conflicts_with_all = ["describe", "template"])]
    list: bool,

    /// Show METHOD with its documentation and its types, and do not call it.
    #[arg(long, conflicts_with = "template")]
    describe: bool,

    /// Print example arguments for METHOD, and do not call it.
    #[arg(long)]
    template: bool,
}

/// A protocol, and how it begins.
#[derive(Clone, Copy, Debug)]
struct Protocol {
    codec: Codec,
    is_old: bool,
}

fn protocol(name: &str) -> Result<Protocol, String> {
    let is_old = name == "binary-old";
    let codec = if is_old { Some(Codec::Binary) } else { Codec::named(name) };
    codec.map(|codec| Protocol { codec, is_old }).ok_or_else(|| "there are binary, binary-old, compact and json".into())
}

fn time(text: &str) -> Result<Duration, &'static str> {
    crate::server::parse_time(text).ok_or("it is a time of at least 1ms, such as 250ms, 10s or 5m")
}

/// Calls, prints what came of it, and says how it went.
pub(super) fn run(arguments: &Arguments) -> Exit {
    let (Some(program), _) = check::load(&arguments.idl, &arguments.includes) else { return Exit::Usage };
    if arguments.list {
        return print(dynamic::list(&program).trim_end());
    }
    let is_asked = arguments.describe || arguments.template;
    let name = arguments.method.as_ref().or(arguments.address.as_ref().filter(|_| is_asked));
    let Some(name) = name else { return fail(Exit::Usage, "which method? `--list` shows what there is") };
    let method = match dynamic::find(&program, name) {
        Ok(method) => method,
        Err(error) => return fail(Exit::Usage, error),
    };
    if arguments.describe {
        return print(dynamic::describe(method).trim_end());
    }
    if arguments.template {
        return print(&arguments.shown(&dynamic::template(method)));
    }
    let values = match arguments.values(method) {
        Ok(values) => values,
        Err(error) => return fail(Exit::Usage, error),
    };
    let is_multiplexed = arguments.multiplexed || name.contains(':');
    let service = if is_multiplexed { &*method.service.head.name } else { "" };
    match arguments.builder(service).connect() {
        Ok(connection) => arguments.call(connection, method, &values),
        Err(error) => fail(exit(&error), error),
    }
}

impl Arguments {
    fn builder(&self, service: &str) -> Builder {
        let Protocol { codec, is_old } = self.protocol;
        let address = self.address.as_deref().unwrap_or_default();
        let mut builder = Connection::builder(address).codec(codec).old_binary(is_old).service(service);
        builder = builder.timeout(self.timeout).connect_timeout(self.timeout);
        if let Some(transport) = self.transport {
            builder = builder.transport(transport);
        }
        self.extras.apply(self.trust.apply(builder)).recorded(self.verbose)
    }

    /// The arguments of the call, from wherever they come.
    fn values(&self, method: Method<'_>) -> Result<dynamic::Arguments, String> {
        let name = &method.function.name;
        let Some(json) = self.json.as_deref() else {
            if method.function.arguments.is_empty() {
                return dynamic::Arguments::from_json(method, &Json::Null).map_err(|error| error.to_string());
            }
            return Err(format!("{name} takes arguments, as JSON behind its name; `--template {name}` prints an example"));
        };
        let (text, place) = match (json, json.strip_prefix('@')) {
            ("-", _) => (io::read_to_string(io::stdin()), "standard input"),
            (_, Some(path)) => (fs::read_to_string(path), path),
            _ => (Ok(json.to_owned()), ""),
        };
        let text = text.map_err(|error| format!("cannot read {place}: {error}"))?;
        let json = whole_json(&text).map_err(|error| match place {
            "" => format!("the arguments: {error}; a text stands in quotes, as in '\"text\"'"),
            place => format!("{place}: the arguments: {error}"),
        })?;
        dynamic::Arguments::from_json(method, &json).map_err(|error| error.to_string())
    }

    fn call(&self, mut connection: Connection, method: Method<'_>, values: &dynamic::Arguments) -> Exit {
        let answer = ask(&mut connection, method, values);
        if let Some(recording) = connection.recording() {
            let dump = Dump { method, stack: connection.transport(), codec: self.protocol.codec };
            eprint!("{}{}", dump.request(&recording.sent), dump.reply(&recording.received));
        }
        match answer {
            Ok(Answer::Sent) => Exit::Ok,
            Ok(Answer::Outcome(Outcome::Returned(None))) if method.function.returns.is_some() => {
                self.refused(&ApplicationException::new(ExceptionKind::MISSING_RESULT, "the answer holds no result"))
            }
            Ok(Answer::Outcome(Outcome::Returned(value))) => print(&self.shown(&value.unwrap_or(Json::Null))),
            Ok(Answer::Outcome(Outcome::Thrown { kind, value })) => {
                print(&self.shown(&json!({ &kind: value })));
                fail(Exit::Exception, format_args!("the server raised {kind}"))
            }
            Ok(Answer::Refused(exception)) => self.refused(&exception),
            Err(error) => fail(exit(&error), error),
        }
    }

    fn refused(&self, exception: &ApplicationException) -> Exit {
        let ApplicationException { kind, message } = exception;
        print(&self.shown(&json!({ "TApplicationException": { "type": kind.to_string(), "message": message } })));
        let message = printable(message);
        fail(Exit::Exception, format_args!("the server raised TApplicationException {kind}: {message}"))
    }

    fn shown(&self, json: &Json) -> String {
        if self.compact_output { json.to_string() } else { format!("{json:#}") }
    }
}

/// One JSON value, and nothing behind it.
fn whole_json(text: &str) -> Result<Json, String> {
    let (json, end) = dynamic::read_json(text).map_err(|error| error.to_string())?.ok_or("no JSON: there is nothing")?;
    let rest = text[end..].trim();
    let shown: String = rest.chars().take(SHOWN).collect();
    if rest.is_empty() { Ok(json) } else { Err(format!("no JSON: {shown:?} stands behind a value that is whole")) }
}

/// Characters of what does not belong there that an error shows.
const SHOWN: usize = 20;

/// What came of a call.
enum Answer {
    /// There is none: the method is oneway.
    Sent,
    Outcome(Outcome),
    Refused(ApplicationException),
}

fn ask(connection: &mut Connection, method: Method<'_>, values: &dynamic::Arguments) -> Result<Answer, Error> {
    let name = method.wire_name().to_owned();
    if method.function.oneway {
        return connection.send_by(name, values).map(|()| Answer::Sent);
    }
    connection.call_by(name, values, |response: &mut Response<'_>| {
        if response.is_exception() {
            return response.body().map(Answer::Refused);
        }
        response.read(|codec, input| dynamic::read_outcome(method, codec, input)).map(Answer::Outcome)
    })
}

/// A reader that went away has seen enough.
fn print(text: &str) -> Exit {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            fail(Exit::Usage, format_args!("cannot write the result: {error}"))
        }
        _ => Exit::Ok,
    }
}

/// What a server wrote must not steer a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn exit(error: &Error) -> Exit {
    match error.cause() {
        Cause::Address(_) | Cause::Setting(_) | Cause::Call(Failure::Unsendable(_)) => Exit::Usage,
        Cause::Resolve(_) | Cause::Connect(_) | Cause::Tls(_) => Exit::Connect,
        Cause::Timeout { .. } => Exit::Timeout,
        _ => Exit::Protocol,
    }
}
