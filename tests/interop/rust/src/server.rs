//! The cross-test's services on Apache's Rust library. Says its port when it is about to listen.

#[allow(clippy::all, warnings)]
mod conformance;
mod connection;

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;

use thrift::OrderedFloat;
use thrift::protocol::{
    TBinaryInputProtocolFactory, TBinaryOutputProtocolFactory, TCompactInputProtocolFactory, TCompactOutputProtocolFactory,
    TInputProtocolFactory, TOutputProtocolFactory,
};
use thrift::server::{TMultiplexedProcessor, TProcessor, TServer};
use thrift::transport::{
    TBufferedReadTransportFactory, TBufferedWriteTransportFactory, TFramedReadTransportFactory, TFramedWriteTransportFactory,
    TReadTransportFactory, TWriteTransportFactory,
};

use conformance::{
    Insanity, Numberz, SecondServiceSyncHandler, SecondServiceSyncProcessor, ThriftTestSyncHandler, ThriftTestSyncProcessor,
    UserId, Xception, Xception2, Xtruct, Xtruct2,
};
use connection::Options;

struct Handler;

impl ThriftTestSyncHandler for Handler {
    fn handle_test_void(&self) -> thrift::Result<()> {
        Ok(())
    }
    fn handle_test_string(&self, thing: String) -> thrift::Result<String> {
        Ok(thing)
    }
    fn handle_test_bool(&self, thing: bool) -> thrift::Result<bool> {
        Ok(thing)
    }
    fn handle_test_byte(&self, thing: i8) -> thrift::Result<i8> {
        Ok(thing)
    }
    fn handle_test_i32(&self, thing: i32) -> thrift::Result<i32> {
        Ok(thing)
    }
    fn handle_test_i64(&self, thing: i64) -> thrift::Result<i64> {
        Ok(thing)
    }
    fn handle_test_double(&self, thing: OrderedFloat<f64>) -> thrift::Result<OrderedFloat<f64>> {
        Ok(thing)
    }
    fn handle_test_binary(&self, thing: Vec<u8>) -> thrift::Result<Vec<u8>> {
        Ok(thing)
    }
    #[cfg(feature = "since_018")]
    fn handle_test_uuid(&self, thing: uuid::Uuid) -> thrift::Result<uuid::Uuid> {
        Ok(thing)
    }
    fn handle_test_struct(&self, thing: Xtruct) -> thrift::Result<Xtruct> {
        Ok(thing)
    }
    fn handle_test_nest(&self, thing: Xtruct2) -> thrift::Result<Xtruct2> {
        Ok(thing)
    }
    fn handle_test_map(&self, thing: BTreeMap<i32, i32>) -> thrift::Result<BTreeMap<i32, i32>> {
        Ok(thing)
    }
    fn handle_test_string_map(&self, thing: BTreeMap<String, String>) -> thrift::Result<BTreeMap<String, String>> {
        Ok(thing)
    }
    fn handle_test_set(&self, thing: BTreeSet<i32>) -> thrift::Result<BTreeSet<i32>> {
        Ok(thing)
    }
    fn handle_test_list(&self, thing: Vec<i32>) -> thrift::Result<Vec<i32>> {
        Ok(thing)
    }
    fn handle_test_enum(&self, thing: Numberz) -> thrift::Result<Numberz> {
        Ok(thing)
    }
    fn handle_test_typedef(&self, thing: UserId) -> thrift::Result<UserId> {
        Ok(thing)
    }

    fn handle_test_map_map(&self, _: i32) -> thrift::Result<BTreeMap<i32, BTreeMap<i32, i32>>> {
        let map = |range: std::ops::RangeInclusive<i32>| range.map(|index| (index, index)).collect();
        Ok(BTreeMap::from([(-4, map(-4..=-1)), (4, map(1..=4))]))
    }

    fn handle_test_insanity(&self, argument: Insanity) -> thrift::Result<BTreeMap<UserId, BTreeMap<Numberz, Insanity>>> {
        let empty = Insanity::new(BTreeMap::new(), Vec::new());
        Ok(BTreeMap::from([
            (1, BTreeMap::from([(Numberz::TWO, argument.clone()), (Numberz::THREE, argument)])),
            (2, BTreeMap::from([(Numberz::SIX, empty)])),
        ]))
    }

    fn handle_test_multi(
        &self,
        arg0: i8,
        arg1: i32,
        arg2: i64,
        _: BTreeMap<i16, String>,
        _: Numberz,
        _: UserId,
    ) -> thrift::Result<Xtruct> {
        Ok(Xtruct::new("Hello2".to_owned(), arg0, arg1, arg2))
    }

    fn handle_test_exception(&self, arg: String) -> thrift::Result<()> {
        match arg.as_str() {
            "Xception" => Err(Xception::new(1001, arg).into()),
            "TException" => Err("asked for".into()),
            _ => Ok(()),
        }
    }

    fn handle_test_multi_exception(&self, arg0: String, arg1: String) -> thrift::Result<Xtruct> {
        let text = format!("This is an {arg0}");
        match arg0.as_str() {
            "Xception" => Err(Xception::new(1001, text).into()),
            "Xception2" => Err(Xception2::new(2002, Xtruct::new(text, 0, 0, 0)).into()),
            _ => Ok(Xtruct::new(arg1, 0, 0, 0)),
        }
    }

    fn handle_test_oneway(&self, _: i32) -> thrift::Result<()> {
        Ok(())
    }
}

impl SecondServiceSyncHandler for Handler {
    fn handle_secondtest_string(&self, thing: String) -> thrift::Result<String> {
        Ok(format!("testString(\"{thing}\")"))
    }
}

fn serve<P: TProcessor + Send + Sync + 'static>(options: &Options, processor: P) -> thrift::Result<()> {
    let (input, output): (Box<dyn TInputProtocolFactory>, Box<dyn TOutputProtocolFactory>) = if options.is_compact() {
        (Box::new(TCompactInputProtocolFactory::new()), Box::new(TCompactOutputProtocolFactory::new()))
    } else {
        (Box::new(TBinaryInputProtocolFactory::new()), Box::new(TBinaryOutputProtocolFactory::new()))
    };
    let (read, write): (Box<dyn TReadTransportFactory>, Box<dyn TWriteTransportFactory>) = if options.is_framed() {
        (Box::new(TFramedReadTransportFactory::new()), Box::new(TFramedWriteTransportFactory::new()))
    } else {
        (Box::new(TBufferedReadTransportFactory::new()), Box::new(TBufferedWriteTransportFactory::new()))
    };
    let mut server = TServer::new(read, input, write, output, processor, 10);
    if let Some(path) = options.get("domain-socket") {
        println!("listening on {path}");
        return server.listen_uds(path);
    }
    // The library tells no port that it was given by the system: a free one is looked for.
    let address = TcpListener::bind(("127.0.0.1", options.port()))?.local_addr()?;
    println!("listening on {}", address.port());
    if options.get("ssl").is_some() { secured(options, server, address) } else { server.listen(address.to_string().as_str()) }
}

#[cfg(not(feature = "since_018"))]
fn secured<P, R, I, W, O>(_: &Options, _: TServer<P, R, I, W, O>, _: std::net::SocketAddr) -> thrift::Result<()>
where
    P: TProcessor + Send + Sync + 'static,
    R: TReadTransportFactory + 'static,
    I: TInputProtocolFactory + 'static,
    W: TWriteTransportFactory + 'static,
    O: TOutputProtocolFactory + 'static,
{
    Err("no TLS in this release".into())
}

#[cfg(feature = "since_018")]
fn secured<P, R, I, W, O>(
    options: &Options,
    mut server: TServer<P, R, I, W, O>,
    address: std::net::SocketAddr,
) -> thrift::Result<()>
where
    P: TProcessor + Send + Sync + 'static,
    R: TReadTransportFactory + 'static,
    I: TInputProtocolFactory + 'static,
    W: TWriteTransportFactory + 'static,
    O: TOutputProtocolFactory + 'static,
{
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

    let certificate = CertificateDer::from_pem_file(options.file("cert")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(options.file("key")).expect("a key");
    let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).expect("a pair");
    server.listen_tls(address, config.into())
}

fn main() -> thrift::Result<()> {
    let options = Options::parse();
    let plain = ThriftTestSyncProcessor::new(Handler);
    if !options.is_multiplexed() {
        return serve(&options, plain);
    }
    let mut several = TMultiplexedProcessor::new();
    several.register("ThriftTest", Box::new(plain), true)?;
    several.register("SecondService", Box::new(SecondServiceSyncProcessor::new(Handler)), false)?;
    serve(&options, several)
}
