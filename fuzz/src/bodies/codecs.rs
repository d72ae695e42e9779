//! A struct of a codec: what is accepted survives being written, and reading, skipping and scanning agree on where it ends. The
//! same value in one codec and in another is the same value.

use std::fmt::Debug;

use farthing::wire::{Codec, Decode, Encode, ErrorKind, Input, Limits, MessageKind, Output, Scan, Scanner};

use super::value::{Bytewise, Textwise, Value};

/// A struct of the binary protocol.
///
/// # Panics
/// Where it is not written as it was read, or skipping or scanning does not end where reading does.
pub fn binary(data: &[u8]) {
    if let Some((written, used)) = accepted::<Bytewise>(Codec::Binary, data) {
        // Only bools and the types of empty containers have more than one way to be written.
        assert_eq!(written.len(), used);
    }
}

/// A struct of the compact protocol.
///
/// # Panics
/// As [`binary`].
pub fn compact(data: &[u8]) {
    accepted::<Bytewise>(Codec::Compact, data);
}

/// A struct of the JSON protocol and the bracket behind it.
///
/// # Panics
/// As [`binary`].
pub fn json(data: &[u8]) {
    accepted::<Textwise>(Codec::Json, data);
    // Not every text is that of bytes, and what is read over may be either.
    let limits = Limits::default();
    if let Ok(value) = Codec::Json.body::<Bytewise>(&mut Input::new(data, &limits)) {
        let (_, body) = written(Codec::Json, &value).expect("what was read can be written");
        assert_eq!(read::<Bytewise>(Codec::Json, &body), value, "{}", data.escape_ascii());
    }
}

/// A struct of the binary protocol, in all codecs.
///
/// # Panics
/// Where it is another value in one of them.
pub fn cross(data: &[u8]) {
    let limits = Limits::default();
    if let Ok(Bytewise(value)) = Codec::Binary.body(&mut Input::new(data, &limits)) {
        let value = value.with_one_nan();
        let is_json = !value.any(&Value::is_map_of_containers);
        in_all_codecs(&Bytewise(value), is_json);
    }
    if let Ok(Textwise(value)) = Codec::Binary.body(&mut Input::new(data, &limits)) {
        let value = value.with_one_nan();
        let is_json = !value.any(&Value::is_map_of_containers);
        in_all_codecs(&Textwise(value), is_json);
    }
}

/// A struct of the binary protocol in another codec, where both can have it.
pub fn in_codec(codec: Codec, data: &[u8]) -> Option<Vec<u8>> {
    let limits = Limits::default();
    let mut input = Input::new(data, &limits);
    let (_, body) = match Codec::Binary.body::<Textwise>(&mut input) {
        Ok(text) => written(codec, &text).ok()?,
        Err(_) => written(codec, &Codec::Binary.body::<Bytewise>(&mut input).ok()?).ok()?,
    };
    Some(body)
}

/// Checks that a value comes back from every codec; from JSON where that can name its keys.
pub(super) fn in_all_codecs<T>(value: &T, is_json: bool)
where
    T: Encode + for<'a> Decode<'a> + PartialEq + Debug,
{
    for codec in Codec::ALL {
        match written(codec, value) {
            Ok((head, body)) => {
                assert_eq!(read::<T>(codec, &body), *value, "{codec:?}");
                agree(codec, &head, &body, body.len());
            }
            Err(error) => assert!(codec == Codec::Json && !is_json && error == ErrorKind::KeyNotScalar, "{codec:?}: {error:?}"),
        }
    }
}

/// Reads a struct of `data`; where that works, checks it, and gives back what is written of it, and how much it took.
fn accepted<T>(codec: Codec, data: &[u8]) -> Option<(Vec<u8>, usize)>
where
    T: Encode + for<'a> Decode<'a> + PartialEq + Debug,
{
    let limits = Limits::default();
    let mut input = Input::new(data, &limits);
    let Ok(value) = codec.body::<T>(&mut input) else {
        let skipped = codec.skip_body(&mut Input::new(data, &limits));
        assert!(skipped.is_err(), "skipped and not read: {}", data.escape_ascii());
        return None;
    };
    let used = input.position();
    let (head, body) = written(codec, &value).expect("what was read can be written");
    agree(codec, &head, data, used);
    let again = read::<T>(codec, &body);
    assert_eq!(again, value, "another value: {}", data.escape_ascii());
    assert_eq!(written(codec, &again), Ok((head, body.clone())), "written in two ways: {}", data.escape_ascii());
    Some((body, used))
}

/// Checks that skipping and scanning end where reading does, the latter however the bytes come.
fn agree(codec: Codec, head: &[u8], data: &[u8], used: usize) {
    let limits = Limits::default();
    let mut over = Input::new(data, &limits);
    let skipped = codec.skip_body(&mut over).map(|()| over.position());
    assert_eq!(skipped, Ok(used), "{codec:?}: {}", data.escape_ascii());
    let message = [head, data].concat();
    let (mut scanner, end) = (Scanner::new(codec), head.len() + used);
    // Once as it is, and once by what the scanner asks for.
    assert_eq!(Scanner::new(codec).scan(&message, &limits), Ok(Scan::End(end)), "{codec:?}: {}", data.escape_ascii());
    let mut need = 1;
    while let Ok(Scan::Need(next)) = scanner.scan(&message[..need], &limits) {
        assert!(
            next > need && next <= end.max(need + 1),
            "{codec:?} asks for {next} at {need} of {end}: {}",
            data.escape_ascii()
        );
        need = next;
    }
}

/// The head of a message with this struct, and the struct.
///
/// # Errors
/// Where the codec cannot write it.
pub(super) fn written<T: Encode>(codec: Codec, value: &T) -> Result<(Vec<u8>, Vec<u8>), ErrorKind> {
    let limits = Limits::default();
    let mut output = Output::new();
    codec.write(&mut output, limits.depth_max, ("m", MessageKind::CALL, 1), value);
    if let Some(error) = output.error() {
        return Err(error);
    }
    let mut head = output.to_vec();
    let mut input = Input::new(&head, &limits);
    codec.head(&mut input).expect("a head");
    let at = input.position();
    let body = head.split_off(at);
    Ok((head, body))
}

/// Reads what was written, to its last byte.
pub(super) fn read<T: for<'a> Decode<'a>>(codec: Codec, body: &[u8]) -> T {
    let limits = Limits::default();
    let mut input = Input::new(body, &limits);
    let value = codec.body(&mut input);
    assert!(value.is_ok() && input.remaining() == 0, "{codec:?}: written and not read: {}", body.escape_ascii());
    value.unwrap_or_else(|_| unreachable!("it is there"))
}
