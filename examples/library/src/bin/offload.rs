//! A method that blocks: it has the same signature as any other, and runs on the worker pool because the builder says so.

use std::thread;
use std::time::Duration;

use farthing::{rpc::ApplicationException, server::Server};
use library::reports::{NoSuchReport, ReportError, Reports, ReportsService};

struct Archive;

impl Reports for Archive {
    fn count(&self) -> Result<i32, ApplicationException> {
        Ok(3)
    }

    fn report(&self, number: i32) -> Result<String, ReportError> {
        if !(1..=3).contains(&number) {
            return Err(NoSuchReport { number }.into());
        }
        thread::sleep(Duration::from_millis(200)); // a slow disk
        Ok(format!("report {number}"))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:9090".into());
    let server = Server::builder().service(ReportsService::new(Archive)).offload("report").bind(&address)?;
    eprintln!("listening on {}", server.addresses()[0]);
    server.run()?;
    Ok(())
}
