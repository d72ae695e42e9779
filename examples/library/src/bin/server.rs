//! A server with an IDL of its own.

use farthing::{rpc::ApplicationException, server::Server};
use library::greeter::{Greeter, GreeterService};

struct Polite;

impl Greeter for Polite {
    fn greet(&self, name: &str) -> Result<String, ApplicationException> {
        Ok(format!("Good morning, {name}"))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:9090".into());
    let server = Server::builder().service(GreeterService::new(Polite)).bind(&address)?;
    eprintln!("listening on {}", server.addresses()[0]);
    server.run()?;
    Ok(())
}
