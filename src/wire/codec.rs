//! The choice of a codec at run time: one `match` per message, and monomorphised code behind it.

use super::binary::{BinaryReader, BinaryWriter};
use super::compact::{CompactReader, CompactWriter, types as compact};
use super::error::Error;
use super::input::Input;
use super::json::{JsonReader, JsonWriter};
use super::output::Output;
use super::protocol::{Decode, Encode, MessageHead, Reader, Writer};
use super::types::{MessageKind, WireType};

/// Which protocol the bytes of a message are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// The binary protocol, strict or old.
    Binary,
    /// The compact protocol.
    Compact,
    /// The JSON protocol, TJSONProtocol.
    Json,
}

/// Reads what no type of Rust stands for, by whichever reader the codec has.
pub trait Visit<'a> {
    /// What is made of it.
    type Output;

    /// Reads a struct.
    ///
    /// # Errors
    /// Where the bytes are not what the visitor reads.
    fn visit<R: Reader<'a>>(self, reader: &mut R) -> Result<Self::Output, Error>;
}

impl Codec {
    /// The codec of a message that begins with `bytes`, of which there are at least two. Never wrong about bytes that are a
    /// message; says nothing of their being one.
    #[inline]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            // Version 1, or the high bytes of the length of a name, which `method_max` keeps below 128 KiB.
            [0x80, 0x01, ..] | [0x00, 0x00 | 0x01, ..] => Some(Self::Binary),
            [compact::PROTOCOL, kind, ..] if kind & compact::VERSION_MASK == compact::VERSION => Some(Self::Compact),
            // Version 1. Some of those who type JSON leave blanks, and a new line behind the message before.
            [b'[', b'1' | b' ' | b'\t' | b'\n' | b'\r', ..] | [b' ' | b'\t' | b'\n' | b'\r', ..] => Some(Self::Json),
            _ => None,
        }
    }

    /// The name of the protocol, as Apache's cross-test spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Compact => "compact",
            Self::Json => "json",
        }
    }

    /// Reads the head of a message, and gives the cursor back at its arguments.
    ///
    /// # Errors
    /// Where the bytes are not such a head.
    #[inline]
    pub fn head<'a>(self, input: Input<'a>) -> Result<(MessageHead<'a>, Input<'a>), Error> {
        match self {
            Self::Binary => head::<BinaryReader<'a>>(input),
            Self::Compact => head::<CompactReader<'a>>(input),
            Self::Json => head::<JsonReader<'a>>(input),
        }
    }

    /// Reads the struct of a message, and gives the cursor back at its end.
    ///
    /// # Errors
    /// Where the bytes are not such a struct.
    #[inline]
    pub fn body<'a, T: Decode<'a>>(self, input: Input<'a>) -> Result<(T, Input<'a>), Error> {
        match self {
            Self::Binary => body::<BinaryReader<'a>, T>(input),
            Self::Compact => body::<CompactReader<'a>, T>(input),
            Self::Json => body::<JsonReader<'a>, T>(input),
        }
    }

    /// Reads the struct of a message by a visitor, and gives the cursor back at its end.
    ///
    /// # Errors
    /// Those of the visitor.
    pub fn visit<'a, V: Visit<'a>>(self, input: Input<'a>, visitor: V) -> Result<(V::Output, Input<'a>), Error> {
        match self {
            Self::Binary => visit::<BinaryReader<'a>, V>(input, visitor),
            Self::Compact => visit::<CompactReader<'a>, V>(input, visitor),
            Self::Json => visit::<JsonReader<'a>, V>(input, visitor),
        }
    }

    /// Reads over the struct of a message, and gives the cursor back at its end.
    ///
    /// # Errors
    /// Where the bytes are not a struct, or a limit is passed.
    #[inline]
    pub fn skip_body(self, input: Input<'_>) -> Result<Input<'_>, Error> {
        match self {
            Self::Binary => skip_body::<BinaryReader<'_>>(input),
            Self::Compact => skip_body::<CompactReader<'_>>(input),
            Self::Json => skip_body::<JsonReader<'_>>(input),
        }
    }

    /// Writes a whole message in the binary protocol, with the old head that has no version.
    pub fn write_old<T: Encode + ?Sized>(
        out: &mut Output,
        depth_max: usize,
        (name, kind, seqid): (&str, MessageKind, i32),
        body: &T,
    ) {
        let mut writer = BinaryWriter::new(out, depth_max);
        writer.old_message_begin(name, kind, seqid);
        body.encode(&mut writer);
        writer.message_end();
    }

    /// Writes a whole message.
    #[inline]
    pub fn write<T: Encode + ?Sized>(self, out: &mut Output, depth_max: usize, head: (&str, MessageKind, i32), body: &T) {
        match self {
            Self::Binary => write(&mut BinaryWriter::new(out, depth_max), head, body),
            Self::Compact => write(&mut CompactWriter::new(out, depth_max), head, body),
            Self::Json => write(&mut JsonWriter::new(out, depth_max), head, body),
        }
    }
}

#[inline]
fn head<'a, R: Reader<'a>>(input: Input<'a>) -> Result<(MessageHead<'a>, Input<'a>), Error> {
    let mut reader = R::new(input);
    let head = reader.message()?;
    Ok((head, reader.into_input()))
}

#[inline]
fn body<'a, R: Reader<'a>, T: Decode<'a>>(input: Input<'a>) -> Result<(T, Input<'a>), Error> {
    let mut reader = R::new(input);
    let body = T::decode(&mut reader)?;
    reader.message_end()?;
    Ok((body, reader.into_input()))
}

fn visit<'a, R: Reader<'a>, V: Visit<'a>>(input: Input<'a>, visitor: V) -> Result<(V::Output, Input<'a>), Error> {
    let mut reader = R::new(input);
    let output = visitor.visit(&mut reader)?;
    reader.message_end()?;
    Ok((output, reader.into_input()))
}

fn skip_body<'a, R: Reader<'a>>(input: Input<'a>) -> Result<Input<'a>, Error> {
    let mut reader = R::new(input);
    reader.skip(WireType::Struct)?;
    reader.message_end()?;
    Ok(reader.into_input())
}

#[inline]
fn write<W: Writer, T: Encode + ?Sized>(writer: &mut W, (name, kind, seqid): (&str, MessageKind, i32), body: &T) {
    writer.message_begin(name, kind, seqid);
    body.encode(writer);
    writer.message_end();
}
