//! The answer that turns HTTP into WebSocket (RFC 6455 4.2).

/// What the key of a client is joined with, so that nobody answers who does not mean to (1.3).
const SUFFIX: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a client offers.
#[derive(Clone, Copy, Debug)]
pub(in crate::transport) struct Offer<'h> {
    /// What it will know the answer by.
    pub(in crate::transport) key: &'h [u8],
    /// The subprotocols it would speak, as a list with commas.
    pub(in crate::transport) protocols: &'h [u8],
}

/// Whether this is sixteen bytes in base64 (4.2.1, 5).
pub(in crate::transport) fn is_key(key: &[u8]) -> bool {
    key.len() == 24 && key.ends_with(b"==") && key[..22].iter().all(|byte| ALPHABET.contains(byte))
}

/// What the answer to a key is known by (4.2.2).
pub(super) fn accept(key: &[u8]) -> Vec<u8> {
    let mut digest = sha1_smol::Sha1::new();
    digest.update(key);
    digest.update(SUFFIX);
    let mut text = Vec::new();
    write_base64(&mut text, &digest.digest().bytes());
    text
}

/// Writes the answer. Of the subprotocols `thrift` is taken, or else the first one: a client that offers some gives up where
/// none is taken, and all of them are Thrift here.
pub(in crate::transport) fn write_answer(out: &mut Vec<u8>, offer: Offer<'_>, is_token: impl Fn(u8) -> bool) {
    out.extend_from_slice(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ",
    );
    out.extend_from_slice(&accept(offer.key));
    let mut names = offer.protocols.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    let mut usable = names.clone().filter(|name| !name.is_empty() && name.iter().all(|&byte| is_token(byte)));
    if let Some(name) = names.find(|name| *name == b"thrift").or_else(|| usable.next()) {
        out.extend_from_slice(b"\r\nSec-WebSocket-Protocol: ");
        out.extend_from_slice(name);
    }
    out.extend_from_slice(b"\r\n\r\n");
}

fn write_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    for group in bytes.chunks(3) {
        let bits = group.iter().zip([16, 8, 0]).fold(0, |bits, (byte, shift)| bits | usize::from(*byte) << shift);
        let digits = [18, 12, 6, 0].map(|shift| ALPHABET[bits >> shift & 63]);
        out.extend_from_slice(&digits[..=group.len()]);
        out.resize(out.len() + 3 - group.len(), b'=');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(protocols: &[u8]) -> String {
        let mut out = Vec::new();
        let offer = Offer { key: b"dGhlIHNhbXBsZSBub25jZQ==", protocols };
        write_answer(&mut out, offer, |byte| byte.is_ascii_alphanumeric());
        String::from_utf8(out).unwrap()
    }

    /// RFC 6455 1.3.
    #[test]
    fn the_example_of_the_specification() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        assert!(answer(b"").ends_with("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"));
    }

    #[test]
    fn one_of_the_offered_protocols_is_taken() {
        for (offered, taken) in [("chat, thrift", "thrift"), ("chat", "chat"), ("b\r\nX: 1, chat", "chat")] {
            assert!(answer(offered.as_bytes()).ends_with(&format!("\r\nSec-WebSocket-Protocol: {taken}\r\n\r\n")), "{offered}");
        }
        assert!(!answer(b"\0, , ").contains("Protocol:"));
    }

    #[test]
    fn a_key_is_sixteen_bytes() {
        for bad in [&b""[..], b"dGhlIHNhbXBsZSBub25jZQ=", b"dGhlIHNhbXBsZSBub25jZSE=", b"dGhlIHNhbXBsZSBub25j\r\n=="] {
            assert!(!is_key(bad));
        }
    }
}
