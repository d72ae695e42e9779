//! Every row that is sent in frames, sent again inside each of the other transports: what is inside changes nothing.

use crate::peer::Peer;
use crate::streams::{Deflater, inflated};
use crate::vectors::{Case, Over, UPGRADE, cases, masked};

/// What a row came to: the bytes that came back, and how it ended.
fn converse(case: &Case, pieces: &[&[u8]]) -> (Vec<u8>, Option<&'static str>) {
    let mut peer = Peer::for_case(case);
    for piece in pieces {
        if peer.is_open() {
            peer.feed(piece);
        }
    }
    while !peer.jobs.is_empty() {
        peer.run(0);
    }
    // The first bytes of a stream are looked at before those of a message.
    let closed = peer.closed().map(|reason| if reason == "wrong_transport" { "message_head" } else { reason });
    (peer.sent, closed)
}

fn framed() -> impl Iterator<Item = Case> {
    // A frame's own limit is that of the frame, whatever is around it.
    let own_limit = |case: &Case| case.settings.iter().any(|(name, _)| name == "frame_max" || name == "message_max");
    cases().into_iter().filter(move |case| case.over == Over::Framed && !own_limit(case))
}

/// All frames of a stream, without their lengths.
fn frames(mut stream: &[u8]) -> Vec<&[u8]> {
    let mut all = Vec::new();
    while let Some((length, rest)) = stream.split_first_chunk() {
        let (frame, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        all.push(frame);
        stream = rest;
    }
    all
}

#[test]
fn inside_a_zlib_stream() {
    for mut case in framed() {
        let (plain, closed) = converse(&case, &[&case.stream]);
        case.settings.push(("inflate_ratio_max".into(), "1000000".into()));
        let deflated = Deflater::new().flush(&case.stream);
        let whole: &[&[u8]] = &[&deflated];
        let cut: Vec<&[u8]> = deflated.chunks(1).collect();
        for pieces in [whole, &cut] {
            let (sent, ended) = converse(&case, pieces);
            assert_eq!(ended, closed, "{}", case.id);
            assert!(inflated(&sent) == plain, "{}", case.id);
        }
    }
}

#[test]
fn inside_a_zlib_stream_without_frames() {
    for mut case in cases().into_iter().filter(|case| case.over == Over::Unframed) {
        // Two messages are one where their end is found by reading them, and the other by looking for it.
        let (plain, closed) = converse(&case, &[&case.stream]);
        case.settings.push(("inflate_ratio_max".into(), "1000000".into()));
        let deflated = Deflater::new().flush(&case.stream);
        let (sent, ended) = converse(&case, &[&deflated]);
        assert_eq!(ended.is_some(), closed.is_some(), "{}: {ended:?} {closed:?}", case.id);
        let count = |bytes: &[u8]| crate::vectors::Replies::all(bytes).len();
        assert_eq!(count(&inflated(&sent)), count(&plain), "{}", case.id);
    }
}

#[test]
fn behind_a_header() {
    const HEAD: [u8; 14] = [0x0f, 0xff, 0x12, 0x34, 0, 0, 0, 99, 0, 1, 0, 0, 0, 0];
    for case in framed() {
        let (plain, closed) = converse(&case, &[&case.stream]);
        for nested in [false, true] {
            let payload = [&HEAD[..], &case.stream[4..]].concat();
            let payload = if nested { Over::Framed.wrap(&payload) } else { payload };
            let (sent, ended) = converse(&case, &[&Over::Framed.wrap(&payload)]);
            let mut stripped = Vec::new();
            for frame in frames(&sent) {
                let frame = if nested { frames(frame)[0] } else { frame };
                assert_eq!(frame[..4], HEAD[..4], "{}", case.id);
                assert_eq!(frame[8..14], HEAD[8..14], "{}", case.id);
                stripped.extend(Over::Framed.wrap(&frame[14..]));
            }
            assert_eq!(ended, closed, "{}", case.id);
            assert!(stripped == plain, "{}", case.id);
        }
    }
}

#[test]
fn in_a_websocket_message() {
    for case in framed() {
        let (plain, closed) = converse(&case, &[&case.stream]);
        let (sent, ended) = converse(&case, &[UPGRADE, &masked(0x82, &case.stream[4..])]);
        let end = sent.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let mut rest = &sent[end..];
        for reply in frames(&plain) {
            let head = match reply.len() {
                length @ 0..=125 => vec![0x82, length as u8],
                length @ 126..=0xffff => [&[0x82, 126][..], &(length as u16).to_be_bytes()].concat(),
                length => [&[0x82, 127][..], &(length as u64).to_be_bytes()].concat(),
            };
            rest = rest.strip_prefix(&*head).and_then(|rest| rest.strip_prefix(reply)).unwrap_or_else(|| panic!("{}", case.id));
        }
        assert_eq!(ended, closed, "{}", case.id);
        assert_eq!(rest.first(), closed.map(|_| &0x88), "{}", case.id);
    }
}
