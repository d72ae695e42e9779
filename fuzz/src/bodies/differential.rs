//! Apache's crate beside ours, with equal limits: what both accept is the same value and ends at the same place. What only we
//! accept is in a list, with the reason why we do.

use bytes::Bytes;
use farthing::wire::{Codec, Input, Limits, Uuid, WireType};
use thrift::protocol::{TBinaryInputProtocol, TCompactInputProtocol, TInputProtocol, TType};
use thrift::{ProtocolError, ProtocolErrorKind, TConfiguration};

use super::codecs::{read, written};
use super::value::{Bytewise, Struct, Value};

/// Bytes of a string, and elements of a container, at most.
const SIZE_MAX: usize = 64 * 1024;
/// Structs and containers inside one another.
const DEPTH_MAX: usize = 64;

/// The same and what is in the innermost of them: they do not count containers, so that is done here.
const LEVELS_MAX: usize = DEPTH_MAX + 1;

/// What they refuse and we accept: the codec, how their error ends, and why we do not refuse it. What is spelled so is accepted by
/// them, too, once we have written it anew.
const OURS_ALONE: [(Codec, &str, &str); 3] = [
    (Codec::Binary, " to TType", "nothing follows from the type of elements that are not there, and some writers put any there"),
    (Codec::Compact, " into TType", "the same"),
    (Codec::Compact, " into bool", "in a container any byte but that of true is false, as in Apache's C++ and Java"),
];

/// `[codec, struct…]`.
///
/// # Panics
/// Where both accept another value, or we accept what the list does not explain.
pub fn differential(data: &[u8]) {
    let Some((&choice, data)) = data.split_first() else { return };
    let codec = if choice % 2 == 0 { Codec::Binary } else { Codec::Compact };
    let limits = Limits { string_max: SIZE_MAX, container_max: SIZE_MAX, depth_max: DEPTH_MAX, ..Limits::default() };
    let mut input = Input::new(data, &limits);
    let Ok(Bytewise(ours)) = codec.body(&mut input) else { return };
    match theirs(codec, data) {
        Ok((value, used)) => {
            assert_eq!(value, ours, "{codec:?}: {}", data.escape_ascii());
            assert_eq!(used, input.position(), "{codec:?}: {}", data.escape_ascii());
        }
        Err(error) => {
            let text = match &error {
                thrift::Error::Protocol(error) => error.message.as_str(),
                _ => "",
            };
            let is_listed = OURS_ALONE.iter().any(|(listed, ends, _)| *listed == codec && text.ends_with(ends));
            assert!(is_listed, "{codec:?}: only we accept {}: {error:?}", data.escape_ascii());
        }
    }
    // What we write is theirs to read, whatever it was read from.
    let (_, body) = written(codec, &Bytewise(ours.clone())).expect("what was read can be written");
    let again = theirs(codec, &body).map(|(value, _)| value);
    assert!(again.as_ref().is_ok_and(|value| *value == ours), "{codec:?}: {again:?} from {}", body.escape_ascii());
    assert_eq!(read::<Bytewise>(codec, &body).0, ours);
}

/// What they read, and how many bytes of it.
fn theirs(codec: Codec, data: &[u8]) -> thrift::Result<(Struct, usize)> {
    let config = TConfiguration::builder()
        .max_string_size(Some(SIZE_MAX))
        .max_container_size(Some(SIZE_MAX))
        .max_recursion_depth(Some(DEPTH_MAX))
        .build()?;
    let mut rest = data;
    let value = match codec {
        Codec::Binary => record(&mut TBinaryInputProtocol::with_config(&mut rest, false, config), LEVELS_MAX),
        _ => record(&mut TCompactInputProtocol::with_config(&mut rest, config), LEVELS_MAX),
    }?;
    Ok((value, data.len() - rest.len()))
}

fn record(input: &mut dyn TInputProtocol, depth: usize) -> thrift::Result<Struct> {
    let mut fields = Vec::new();
    input.read_struct_begin()?;
    loop {
        let field = input.read_field_begin()?;
        if field.field_type == TType::Stop {
            input.read_struct_end()?;
            return Ok(Struct(fields));
        }
        let value = value(input, field.field_type, depth.saturating_sub(1))?;
        input.read_field_end()?;
        fields.push((field.id.unwrap_or_default(), value));
    }
}

fn value(input: &mut dyn TInputProtocol, kind: TType, depth: usize) -> thrift::Result<Value> {
    if depth == 0 {
        return Err(ProtocolError::new(ProtocolErrorKind::DepthLimit, "too deep for the test").into());
    }
    Ok(match kind {
        TType::Bool => Value::Bool(input.read_bool()?),
        TType::I08 => Value::I8(input.read_i8()?),
        TType::I16 => Value::I16(input.read_i16()?),
        TType::I32 => Value::I32(input.read_i32()?),
        TType::I64 => Value::I64(input.read_i64()?),
        TType::Double => Value::Double(input.read_double()?.to_bits()),
        TType::Uuid => Value::Uuid(Uuid(input.read_uuid()?.into_bytes())),
        TType::String => Value::Binary(Bytes::from(input.read_bytes()?)),
        TType::Struct => Value::Struct(record(input, depth)?),
        TType::List => {
            let head = input.read_list_begin()?;
            let values = values(input, head.element_type, head.size, depth)?;
            input.read_list_end()?;
            Value::List(element(head.element_type, head.size)?, values)
        }
        TType::Set => {
            let head = input.read_set_begin()?;
            let values = values(input, head.element_type, head.size, depth)?;
            input.read_set_end()?;
            Value::Set(element(head.element_type, head.size)?, values)
        }
        TType::Map => {
            let head = input.read_map_begin()?;
            let (key, mapped) = (head.key_type.unwrap_or(TType::Bool), head.value_type.unwrap_or(TType::Bool));
            let mut pairs = Vec::new();
            for _ in 0..head.size {
                pairs.push((value(input, key, depth - 1)?, value(input, mapped, depth - 1)?));
            }
            input.read_map_end()?;
            Value::Map(element(key, head.size)?, element(mapped, head.size)?, pairs)
        }
        other => return Err(unknown(other)),
    })
}

fn values(input: &mut dyn TInputProtocol, kind: TType, size: i32, depth: usize) -> thrift::Result<Vec<Value>> {
    (0..size).map(|_| value(input, kind, depth - 1)).collect()
}

/// Nothing is known of elements that are not there.
fn element(kind: TType, size: i32) -> thrift::Result<WireType> {
    match kind {
        _ if size == 0 => Ok(WireType::Bool),
        TType::Bool => Ok(WireType::Bool),
        TType::I08 => Ok(WireType::I8),
        TType::I16 => Ok(WireType::I16),
        TType::I32 => Ok(WireType::I32),
        TType::I64 => Ok(WireType::I64),
        TType::Double => Ok(WireType::Double),
        TType::Uuid => Ok(WireType::Uuid),
        TType::String => Ok(WireType::String),
        TType::Struct => Ok(WireType::Struct),
        TType::List => Ok(WireType::List),
        TType::Set => Ok(WireType::Set),
        TType::Map => Ok(WireType::Map),
        other => Err(unknown(other)),
    }
}

fn unknown(kind: TType) -> thrift::Error {
    ProtocolError::new(ProtocolErrorKind::Unknown, format!("a value of type {kind:?}")).into()
}
