//! The choice of a codec at run time: one `match` per message, and monomorphised code behind it.

use super::binary::{BinaryReader, BinaryWriter};
use super::compact::{CompactReader, CompactWriter, types as compact};
use super::error::{Error, ErrorKind};
use super::input::Input;
use super::json::{JsonReader, JsonWriter};
use super::output::Output;
use super::protocol::{Decode, Encode, MessageHead, RawHead, Reader, Writer};
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
        if bytes.starts_with(&[0x80, 0x01]) {
            return Some(Self::Binary); // one comparison for nearly all of them
        }
        match bytes {
            // Version 1, or the high bytes of the length of a name, which `method_max` keeps below 128 KiB.
            [0x80, 0x01, ..] | [0x00, 0x00 | 0x01, ..] => Some(Self::Binary),
            [compact::PROTOCOL, kind, ..] if kind & compact::VERSION_MASK == compact::VERSION => Some(Self::Compact),
            // Version 1. Some of those who type JSON leave blanks, and a new line behind the message before.
            [b'[', b'1' | b' ' | b'\t' | b'\n' | b'\r', ..] | [b' ' | b'\t' | b'\n' | b'\r', ..] => Some(Self::Json),
            _ => None,
        }
    }

    /// All of them.
    pub const ALL: [Self; 3] = [Self::Binary, Self::Compact, Self::Json];

    /// The one of that [name](Self::name).
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.name() == name)
    }

    /// The name of the protocol, as Apache's cross-test spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Compact => "compact",
            Self::Json => "json",
        }
    }

    /// Reads the head of a message, and leaves the cursor at its arguments.
    ///
    /// # Errors
    /// Where the bytes are not such a head.
    pub fn head<'a>(self, input: &mut Input<'a>) -> Result<MessageHead<'a>, Error> {
        let head = self.raw_head(input)?;
        head.checked().ok_or_else(|| input.error(ErrorKind::InvalidMethod))
    }

    /// The same, and leaves it open whether the name is text.
    ///
    /// # Errors
    /// Where the bytes are not such a head.
    #[inline]
    pub fn raw_head<'a>(self, input: &mut Input<'a>) -> Result<RawHead<'a>, Error> {
        match self {
            Self::Binary => read(input, BinaryReader::head),
            Self::Compact => apart(|| read(input, CompactReader::head)),
            Self::Json => apart(|| read(input, JsonReader::head)),
        }
    }

    /// Reads the struct of a message, and leaves the cursor at its end.
    ///
    /// # Errors
    /// Where the bytes are not such a struct.
    #[inline]
    pub fn body<'a, T: Decode<'a>>(self, input: &mut Input<'a>) -> Result<T, Error> {
        match self {
            Self::Binary => body::<BinaryReader<'a>, T>(input),
            Self::Compact => apart(|| body::<CompactReader<'a>, T>(input)),
            Self::Json => apart(|| body::<JsonReader<'a>, T>(input)),
        }
    }

    /// Reads the struct of a message by a visitor, and leaves the cursor at its end.
    ///
    /// # Errors
    /// Those of the visitor.
    pub fn visit<'a, V: Visit<'a>>(self, input: &mut Input<'a>, visitor: V) -> Result<V::Output, Error> {
        match self {
            Self::Binary => visit::<BinaryReader<'a>, V>(input, visitor),
            Self::Compact => visit::<CompactReader<'a>, V>(input, visitor),
            Self::Json => visit::<JsonReader<'a>, V>(input, visitor),
        }
    }

    /// Reads over the struct of a message, and leaves the cursor at its end.
    ///
    /// # Errors
    /// Where the bytes are not a struct, or a limit is passed.
    pub fn skip_body(self, input: &mut Input<'_>) -> Result<(), Error> {
        self.visit(input, Skip)
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
            Self::Compact => apart(|| write(&mut CompactWriter::new(out, depth_max), head, body)),
            Self::Json => apart(|| write(&mut JsonWriter::new(out, depth_max), head, body)),
        }
    }
}

/// Keeps the other codecs out of the way of the one that most messages have: three in one function, and none of them has
/// registers enough.
#[inline(never)]
fn apart<T>(code: impl FnOnce() -> T) -> T {
    code()
}

/// Reads with a reader of its own, and leaves the cursor where that one stopped. In between the cursor is the reader's: as a local
/// value it lives in registers.
#[inline]
fn read<'a, R: Reader<'a>, T>(input: &mut Input<'a>, read: impl FnOnce(&mut R) -> Result<T, Error>) -> Result<T, Error> {
    let mut reader = R::new(input.clone());
    let value = read(&mut reader)?;
    *input = reader.into_input();
    Ok(value)
}

#[inline]
fn body<'a, R: Reader<'a>, T: Decode<'a>>(input: &mut Input<'a>) -> Result<T, Error> {
    read(input, |reader: &mut R| {
        let body = T::decode(reader)?;
        reader.message_end()?;
        Ok(body)
    })
}

fn visit<'a, R: Reader<'a>, V: Visit<'a>>(input: &mut Input<'a>, visitor: V) -> Result<V::Output, Error> {
    read(input, |reader: &mut R| {
        let output = visitor.visit(reader)?;
        reader.message_end()?;
        Ok(output)
    })
}

/// Reads over a struct.
struct Skip;

impl<'a> Visit<'a> for Skip {
    type Output = ();

    fn visit<R: Reader<'a>>(self, reader: &mut R) -> Result<(), Error> {
        reader.skip(WireType::Struct)
    }
}

#[inline]
fn write<W: Writer, T: Encode + ?Sized>(writer: &mut W, (name, kind, seqid): (&str, MessageKind, i32), body: &T) {
    writer.message_begin(name, kind, seqid);
    body.encode(writer);
    writer.message_end();
}
