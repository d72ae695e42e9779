//! What a connection costs that only stays open: pools of clients keep thousands of them.

use crate::net::{Client, Process, farthing};
use crate::vectors::{Over, bytes};

const SERVE: [&str; 5] = ["serve", "--workers", "1", "--listen", "127.0.0.1:0=bench"];

#[test]
fn an_idle_connection_costs_three_hundred_bytes() {
    const CONNECTIONS: usize = 700;
    let server = Process::start(&mut farthing(&SERVE), 1);
    let add = |over: Over| over.wrap(&bytes("HDR(add,1,1) 080001 00000002 080002 00000003 00"));
    let open = |count: usize| -> Vec<Client> {
        let transports = [Over::Framed, Over::Unframed, Over::Http].iter().cycle().take(count);
        let served = transports.map(|over| {
            let mut client = Client::connect(server.tcp());
            assert!(client.send(&add(*over)));
            assert_eq!(client.answers(1).len(), 1);
            client
        });
        served.collect()
    };
    // From some hundreds on the table of connections is mapped, and grows without a copy left behind.
    let first = open(300);
    let before = server.memory();
    let others = open(CONNECTIONS);
    let each = (server.memory() - before) / CONNECTIONS;
    assert!(each <= 320, "{each} bytes for each idle connection");
    drop((first, others));
}
