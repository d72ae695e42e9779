//! How many connections one address may have.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::net::{Client, Ending, Running, until};
use crate::vectors::{Over, bytes};

fn is_served(client: &mut Client) {
    client.send(&Over::Framed.wrap(&bytes("HDR(m) 00")));
    assert_eq!(client.answers(1).len(), 1);
}

#[test]
fn the_fourth_of_one_address_is_refused_and_others_are_not() {
    let server = Running::start(|config| {
        config.connections_per_ip_max = Some(3);
        config.shards = 2;
    });
    let mut first: Vec<_> = (0..3).map(|_| server.connect()).collect();
    first.iter_mut().for_each(is_served);
    for refused in 1..=5 {
        let mut fourth = server.connect();
        assert_eq!(fourth.rest(), (vec![], Ending::Reset));
        until("it is counted", || server.handle.counts().crowded == refused);
    }
    let other = IpAddr::from(Ipv4Addr::new(127, 0, 0, 2));
    let mut others: Vec<_> = (0..3).map(|_| Client::connect_from(other, server.address)).collect();
    others.iter_mut().for_each(is_served);
    assert_eq!(server.open(), 6);
    // However a connection ends, its place is free again.
    first.pop().unwrap().reset();
    drop(first.pop());
    until("both places", || server.open() == 4);
    let mut again: Vec<_> = (0..2).map(|_| server.connect()).collect();
    again.iter_mut().for_each(is_served);
    assert_eq!(server.connect().rest().1, Ending::Reset);
    first.iter_mut().chain(&mut others).for_each(is_served);
}

#[test]
fn an_address_is_the_same_in_both_versions() {
    let server = Running::at("[::]:0", |config| config.connections_per_ip_max = Some(2));
    let port = server.address.port();
    let plain = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mapped = SocketAddr::from((Ipv4Addr::LOCALHOST.to_ipv6_mapped(), port));
    let mut guests = [plain, mapped].map(Client::connect);
    guests.iter_mut().for_each(is_served);
    for address in [plain, mapped] {
        assert_eq!(Client::connect(address).rest().1, Ending::Reset);
    }
    is_served(&mut Client::connect(SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, port))));
}
