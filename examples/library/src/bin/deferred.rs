//! Answers that come later, from another thread: the handler gets the right to answer, and passes it on.

use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use farthing::{rpc::Deferred, server::Server};
use library::reports::{DeferredReports, DeferredReportsService, NoSuchReport, ReportError};

type Order = (i32, Deferred<String, ReportError>);

struct Desk {
    printer: Sender<Order>,
}

impl DeferredReports for Desk {
    fn count(&self, reply: Deferred<i32>) {
        reply.complete(Ok(3));
    }

    fn report(&self, number: i32, reply: Deferred<String, ReportError>) {
        if (1..=3).contains(&number) {
            // Were the printer gone, the order would be dropped, and a dropped `Deferred` answers with an INTERNAL_ERROR.
            _ = self.printer.send((number, reply));
        } else {
            reply.complete(Err(NoSuchReport { number }.into()));
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (printer, orders) = channel::<Order>();
    thread::spawn(move || {
        for (number, reply) in orders {
            thread::sleep(Duration::from_millis(200));
            reply.complete(Ok(format!("report {number}")));
        }
    });
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:9090".into());
    let server = Server::builder().service(DeferredReportsService::new(Desk { printer })).bind(&address)?;
    eprintln!("listening on {}", server.addresses()[0]);
    server.run()?;
    Ok(())
}
