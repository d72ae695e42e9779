//! The envelope around a reply: as that of the request, with the message's own number, and never compressed.

use crate::wire::Codec;

use super::info::InfoHeaders;

/// The first two bytes of an envelope.
pub(in crate::transport) const MAGIC: [u8; 2] = [0x0f, 0xff];
/// The number of the compact protocol.
pub(super) const COMPACT: u8 = 2;
/// What comes before the header: magic, flags, number, length in words.
pub(super) const FIXED_BYTES: usize = 10;
/// The length that may come before all.
pub(super) const LENGTH_BYTES: usize = 4;
/// A header is counted in words of this many bytes.
pub(super) const WORD: usize = 4;

/// What the reply to a message in an envelope must know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    /// Its length comes first.
    pub with_length: bool,
    /// The number of the protocol inside.
    pub protocol: u8,
    /// Whatever they mean to the peer.
    pub flags: u16,
    /// The number of the message.
    pub seqid: i32,
}

impl Return {
    /// What the message inside is written in.
    pub fn codec(self) -> Codec {
        if self.protocol == COMPACT { Codec::Compact } else { Codec::Binary }
    }

    /// Bytes before a reply without headers.
    pub(in crate::transport) fn room(self) -> usize {
        FIXED_BYTES + WORD + if self.with_length { LENGTH_BYTES } else { 0 }
    }

    /// Writes what comes before a reply of `length` bytes.
    pub(in crate::transport) fn write(self, out: &mut Vec<u8>, length: usize, headers: Option<&InfoHeaders>) {
        self.write_transformed(out, &[], length, headers);
    }

    /// The same for a message that went through these transforms, of which `length` bytes are left.
    pub(super) fn write_transformed(self, out: &mut Vec<u8>, transforms: &[u8], length: usize, headers: Option<&InfoHeaders>) {
        let start = out.len();
        if self.with_length {
            out.extend_from_slice(&[0; LENGTH_BYTES]);
        }
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&self.flags.to_be_bytes());
        out.extend_from_slice(&self.seqid.to_be_bytes());
        let words = out.len();
        out.extend_from_slice(&[0; 2]);
        let header = out.len();
        // No protocol or transform is numbered above 127.
        out.extend_from_slice(&[self.protocol, transforms.len() as u8]);
        out.extend_from_slice(transforms);
        headers.into_iter().for_each(|headers| headers.write(out));
        out.resize(header + (out.len() - header).next_multiple_of(WORD), 0);
        let count = ((out.len() - header) / WORD) as u16;
        out[words..header].copy_from_slice(&count.to_be_bytes());
        if self.with_length {
            let rest = out.len() - start - LENGTH_BYTES + length;
            out[start..start + LENGTH_BYTES].copy_from_slice(&(rest as u32).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::transport::Limits;
    use crate::transport::header::{Content, open};

    use super::*;

    #[test]
    fn what_is_written_can_be_opened() {
        let mut headers = InfoHeaders::default();
        headers.add(b"key", b"value").unwrap();
        for with_length in [false, true] {
            for headers in [None, Some(&headers)] {
                let reply = Return { with_length, protocol: 2, flags: 7, seqid: -1 };
                let mut out = Vec::new();
                reply.write(&mut out, 3, headers);
                assert_eq!(out.len() == reply.room(), headers.is_none());
                out.extend_from_slice(b"abc");
                let opened = open(&out, &Limits::default()).unwrap();
                assert_eq!(opened.reply, reply);
                assert!(matches!(opened.content, Ok(Content::Plain(b"abc"))));
                assert_eq!(opened.headers.get("key").is_some(), headers.is_some());
            }
        }
    }
}
