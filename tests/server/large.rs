//! Messages that take long to read: they are read on the worker pool, and answered in their turn.

use farthing::generated::bench::BenchService;
use farthing::generated::conformance::ThriftTestService;
use farthing::server::{Config, Server};
use farthing::services::bench::Workloads;
use farthing::services::conformance::CrossTest;

use crate::net::{Canary, Client};
use crate::serving::Serving;
use crate::vectors::{Answer, Over, bytes};

/// A map from numbers to themselves, as an argument of that number.
fn map(entries: u32) -> Vec<u8> {
    let pairs = (0..entries).flat_map(|number| [number.to_be_bytes(), number.to_be_bytes()].concat());
    [bytes("0808"), entries.to_be_bytes().to_vec(), pairs.collect()].concat()
}

fn test_map(seqid: u32, value: &[u8]) -> Vec<u8> {
    [&bytes(&format!("HDR(testMap,1,{seqid:x}) 0d0001"))[..], value, &[0]].concat()
}

fn serve(change: impl FnOnce(&mut Config)) -> Serving {
    let mut config = Config { shards: 1, ..Config::default() };
    change(&mut config);
    Serving::at("127.0.0.1:0", Server::builder().config(config).service(ThriftTestService::new(CrossTest)))
}

fn check(answers: &[Answer], seqid: i32, value: &[u8]) {
    let [Answer::Reply { seqid: got, body, .. }] = answers else { panic!("{answers:?}") };
    assert_eq!(*got, seqid);
    assert!(*body == [&bytes("0d0000"), value, &[0]].concat(), "another value");
}

/// L11.
#[test]
fn large_messages_leave_the_thread_to_the_others() {
    let server = serve(|_| {});
    let address = server.address.parse().unwrap();
    let (large, small) = (map(300_000), map(3));
    let mut canary = Canary::new(address);
    for (count, over) in [Over::Framed, Over::Unframed, Over::Http].into_iter().enumerate() {
        let mut client = Client::connect(address);
        // Small ones behind and between wait for their turn, and no longer.
        for (seqid, value) in [(1, &large), (2, &small), (3, &large), (4, &small)] {
            client.send(&over.wrap(&test_map(seqid, value)));
        }
        canary.sings();
        let answers = client.answers(4);
        for (answer, (seqid, value)) in answers.chunks(1).zip([(1, &large), (2, &small), (3, &large), (4, &small)]) {
            check(answer, seqid, value);
        }
        assert_eq!(server.count("offloaded"), 2 * (count as u64 + 1), "{over:?}");
    }
}

#[test]
fn how_large_is_a_setting() {
    let value = map(1000);
    let call = Over::Framed.wrap(&test_map(1, &value));
    for (above, offloaded) in [(call.len() - 4, 1), (call.len() - 3, 0)] {
        let server = serve(|config| config.calls.offload_above = above);
        let mut client = Client::connect(server.address.parse().unwrap());
        client.send(&call);
        check(&client.answers(1), 1, &value);
        assert_eq!(server.count("offloaded"), offloaded);
    }
}

/// On one connection, what is asked first is done first: a pool changes nothing of that.
#[test]
fn what_follows_a_large_message_comes_after_it() {
    let mut config = Config { shards: 1, ..Config::default() };
    config.calls.offload_above = 100_000;
    let service = BenchService::new(Workloads::new(1 << 30));
    let server = Serving::at("127.0.0.1:0", Server::builder().config(config).service(service));
    let mut client = Client::connect(server.address.parse().unwrap());
    for round in 0..20_u8 {
        let value = [vec![round; 200_000], vec![0; usize::from(round)]].concat();
        let put =
            [&bytes("HDR(put,1,1) 0b0001 00000001 6b 0b0002")[..], &(value.len() as u32).to_be_bytes(), &value, &[0]].concat();
        let get = bytes("HDR(get,1,2) 0b0001 00000001 6b 00");
        client.send(&[Over::Framed.wrap(&put), Over::Framed.wrap(&get)].concat());
        let answers = client.answers(2);
        let Answer::Reply { body, .. } = &answers[1] else { panic!("{answers:?}") };
        assert_eq!(body[7..body.len() - 1].len(), value.len(), "round {round}");
    }
    assert_eq!(server.count("offloaded"), 20);
}
