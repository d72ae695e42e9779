//! The notation in which `cases.txt` writes bytes: `8001` hex, `"text\r\n"`, `(…)` a group, `…*100` repeated, `F(…)` behind its
//! length in four bytes, `HDR(m)` the head of a binary call with seqid 1, `HDR(m,4,ffffffff)` one of that kind and seqid,
//! `X(…)` an HTTP request with that body, `Z(…)` a zlib stream of that, flushed and not finished, `U()` the request for
//! WebSocket, `W(…)` a masked frame with a whole message of bytes. Blanks separate.

use flate2::{Compress, Compression, FlushCompress};

/// The bytes that a text stands for.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    let mut parser = Parser { rest: text };
    let all = parser.sequence();
    assert!(parser.rest.is_empty(), "left over: {:?} of {text:?}", parser.rest);
    all
}

struct Parser<'t> {
    rest: &'t str,
}

impl Parser<'_> {
    fn sequence(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() || self.rest.starts_with(')') {
                return all;
            }
            let part = self.part();
            let times = if self.eat("*") { self.while_in(|c| c.is_ascii_digit()).parse().expect("a number of times") } else { 1 };
            all.extend(part.repeat(times));
        }
    }

    fn part(&mut self) -> Vec<u8> {
        if self.eat("HDR(") {
            let inside = self.while_in(|c| c != ')');
            self.close();
            return head(&inside);
        }
        if self.eat("F(") {
            let inside = self.group();
            return [&(inside.len() as u32).to_be_bytes()[..], &inside].concat();
        }
        if self.eat("X(") {
            let inside = self.group();
            return super::Over::Http.wrap(&inside);
        }
        if self.eat("Z(") {
            let inside = self.group();
            let mut out = Vec::with_capacity(inside.len() + inside.len() / 8 + 64);
            Compress::new(Compression::default(), true).compress_vec(&inside, &mut out, FlushCompress::Sync).expect("deflated");
            return out;
        }
        if self.eat("U(") {
            self.close();
            return super::UPGRADE.to_vec();
        }
        if self.eat("W(") {
            let inside = self.group();
            return super::masked(0x82, &inside);
        }
        if self.eat("(") {
            return self.group();
        }
        if self.eat("\"") {
            return self.text();
        }
        let digits = self.while_in(|c| c.is_ascii_hexdigit());
        assert!(!digits.is_empty() && digits.len().is_multiple_of(2), "not hex: {:?}", self.rest);
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex")).collect()
    }

    fn group(&mut self) -> Vec<u8> {
        let inside = self.sequence();
        self.close();
        inside
    }

    fn text(&mut self) -> Vec<u8> {
        let inside = self.while_in(|c| c != '"');
        assert!(self.eat("\""), "an open text");
        inside.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0").replace("\\t", "\t").into_bytes()
    }

    fn close(&mut self) {
        assert!(self.eat(")"), "an open group");
    }

    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn while_in(&mut self, within: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c| !within(c)).unwrap_or(self.rest.len());
        let (inside, rest) = self.rest.split_at(end);
        self.rest = rest;
        inside.to_owned()
    }
}

/// The head of a strict binary message: `name`, `name,kind` or `name,kind,seqid`.
fn head(inside: &str) -> Vec<u8> {
    let mut parts = inside.split(',');
    let name = parts.next().unwrap_or_default();
    let kind = parts.next().map_or(1, |kind| kind.parse().expect("a kind"));
    let seqid = parts.next().map_or(1, |seqid| u32::from_str_radix(seqid, 16).expect("a seqid"));
    [&[0x80, 1, 0, kind][..], &(name.len() as u32).to_be_bytes(), name.as_bytes(), &seqid.to_be_bytes()].concat()
}

#[test]
fn the_notation_means_what_it_says() {
    assert_eq!(bytes("00ff \"a\\r\\n\" (01 02)*2 F(\"xy\")"), b"\x00\xffa\r\n\x01\x02\x01\x02\x00\x00\x00\x02xy");
    assert_eq!(bytes("HDR(m,4,ff) 00"), b"\x80\x01\x00\x04\x00\x00\x00\x01m\x00\x00\x00\xff\x00");
    assert!(bytes("X(00)").ends_with(b"Content-Length: 1\r\n\r\n\0"));
}
