//! `add` over HTTP on hyper and one thread of tokio. It reads the body and takes the two numbers from their places: it is no
//! Thrift server, so what it costs is what HTTP costs.
//!
//! `hyper-server ADDR`

use std::convert::Infallible;
use std::env;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const SUM: [u8; 23] = [0x80, 1, 0, 2, 0, 0, 0, 3, b'a', b'd', b'd', 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0];
const ADD: usize = 30;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind(env::args().nth(1).expect("an address")).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            // Pipelined answers in one write: what hyper has to offer for them.
            let connection = http1::Builder::new().pipeline_flush(true).serve_connection(TokioIo::new(stream), service_fn(call));
            if let Err(error) = connection.await {
                eprintln!("{error}");
            }
        });
    }
}

async fn call(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let answer = match request.into_body().collect().await.map(|body| body.to_bytes()) {
        Ok(body) if body.len() == ADD => Response::builder().header(CONTENT_TYPE, "application/x-thrift").body(sum(&body)),
        _ => Response::builder().status(StatusCode::BAD_REQUEST).body(Full::default()),
    };
    Ok(answer.expect("a right head"))
}

fn sum(call: &[u8]) -> Full<Bytes> {
    let number = |at: usize| i32::from_be_bytes(call[at..at + 4].try_into().expect("four bytes"));
    let mut answer = SUM;
    answer[11..15].copy_from_slice(&call[11..15]);
    answer[18..22].copy_from_slice(&number(18).wrapping_add(number(25)).to_be_bytes());
    Full::new(Bytes::copy_from_slice(&answer))
}
