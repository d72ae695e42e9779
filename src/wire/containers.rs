//! Lists, sets and maps as the collections of the standard library, and as vectors where keys can be neither hashed nor
//! ordered.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use super::error::{Error, ErrorKind};
use super::protocol::{Decode, Encode, Reader, Typed, Writer, reserve};
use super::room;
use super::types::WireType;

/// A set that is kept in the order it came in, for elements that can be neither hashed nor ordered. It does not look for
/// duplicates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VecSet<T>(pub Vec<T>);

/// A map that is kept in the order it came in, for keys that can be neither hashed nor ordered. It does not look for
/// duplicates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VecMap<K, V>(pub Vec<(K, V)>);

impl<T: Typed> Typed for [T] {
    const TYPE: WireType = WireType::List;
}

impl<T: Encode> Encode for [T] {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        writer.list_begin(T::TYPE, self.len());
        T::encode_all(self, writer);
        writer.list_end();
    }
}

impl<T: Typed> Typed for Vec<T> {
    const TYPE: WireType = WireType::List;
}

impl<T: Encode> Encode for Vec<T> {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        self.as_slice().encode(writer);
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Vec<T> {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        let elements = reader.list()?;
        check::<T, R>(elements.kind, reader)?;
        let values = T::decode_all(elements.len, reader)?;
        reader.list_end()?;
        Ok(values)
    }
}

/// Elements must be of the type that the schema says; an empty container may name any.
#[inline]
fn check<'a, T: Typed, R: Reader<'a>>(found: Option<WireType>, reader: &mut R) -> Result<(), Error> {
    match found {
        Some(kind) if kind != T::TYPE => Err(reader.error(ErrorKind::TypeMismatch)),
        _ => Ok(()),
    }
}

#[inline]
fn encode_set<'v, T: Encode + 'v, W: Writer>(values: impl ExactSizeIterator<Item = &'v T>, writer: &mut W) {
    writer.set_begin(T::TYPE, values.len());
    values.for_each(|value| value.encode(writer));
    writer.set_end();
}

/// Reads a set into what `make` reserves, `make_room` makes larger and `insert` fills.
#[inline]
fn decode_set<'a, T: Decode<'a>, C, R: Reader<'a>>(
    reader: &mut R,
    make: impl FnOnce(usize) -> C,
    make_room: impl Fn(&mut C, usize),
    mut insert: impl FnMut(&mut C, T),
) -> Result<C, Error> {
    let elements = reader.set()?;
    check::<T, R>(elements.kind, reader)?;
    reader.input().charge(elements.len.saturating_mul(size_of::<T>()))?;
    let mut room = reserve::<T>(elements.len);
    let mut values = make(room);
    for at in 0..elements.len {
        let value = T::decode(reader)?;
        if at == room {
            let more = at.clamp(1, elements.len - at);
            make_room(&mut values, more);
            room += more;
        }
        insert(&mut values, value);
    }
    reader.set_end()?;
    Ok(values)
}

#[inline]
fn encode_map<'v, K: Encode + 'v, V: Encode + 'v, W: Writer>(
    pairs: impl ExactSizeIterator<Item = (&'v K, &'v V)>,
    writer: &mut W,
) {
    writer.map_begin(K::TYPE, V::TYPE, pairs.len());
    for (key, value) in pairs {
        key.encode(writer);
        value.encode(writer);
    }
    writer.map_end();
}

/// Reads a map into what `make` reserves, `make_room` makes larger and `insert` fills.
#[inline]
fn decode_map<'a, K: Decode<'a>, V: Decode<'a>, C, R: Reader<'a>>(
    reader: &mut R,
    make: impl FnOnce(usize) -> C,
    make_room: impl Fn(&mut C, usize),
    mut insert: impl FnMut(&mut C, K, V),
) -> Result<C, Error> {
    let map = reader.map()?;
    if map.kinds.is_some_and(|kinds| kinds != (K::TYPE, V::TYPE)) {
        return Err(reader.error(ErrorKind::TypeMismatch));
    }
    reader.input().charge(map.len.saturating_mul(size_of::<(K, V)>()))?;
    let mut room = reserve::<(K, V)>(map.len);
    let mut pairs = make(room);
    for at in 0..map.len {
        let (key, value) = (K::decode(reader)?, V::decode(reader)?);
        if at == room {
            let more = at.clamp(1, map.len - at);
            make_room(&mut pairs, more);
            room += more;
        }
        insert(&mut pairs, key, value);
    }
    reader.map_end()?;
    Ok(pairs)
}

impl<T: Typed, S> Typed for HashSet<T, S> {
    const TYPE: WireType = WireType::Set;
}

impl<T: Encode, S> Encode for HashSet<T, S> {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        encode_set(self.iter(), writer);
    }
}

impl<'a, T: Decode<'a> + Eq + Hash, S: BuildHasher + Default> Decode<'a> for HashSet<T, S> {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        decode_set(reader, room::set_of, |set, more| room::had(set.try_reserve(more)), |set, value| _ = set.insert(value))
    }
}

impl<T: Typed> Typed for BTreeSet<T> {
    const TYPE: WireType = WireType::Set;
}

impl<T: Encode> Encode for BTreeSet<T> {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        encode_set(self.iter(), writer);
    }
}

impl<'a, T: Decode<'a> + Ord> Decode<'a> for BTreeSet<T> {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        decode_set(reader, |_| BTreeSet::new(), |_, _| {}, |set, value| _ = set.insert(value))
    }
}

impl<T: Typed> Typed for VecSet<T> {
    const TYPE: WireType = WireType::Set;
}

impl<T: Encode> Encode for VecSet<T> {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        encode_set(self.0.iter(), writer);
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for VecSet<T> {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        decode_set(reader, |n| VecSet(room::of(n)), |set, more| room::make_room(&mut set.0, more), |set, value| set.0.push(value))
    }
}

impl<K: Typed, V: Typed, S> Typed for HashMap<K, V, S> {
    const TYPE: WireType = WireType::Map;
}

impl<K: Encode, V: Encode, S> Encode for HashMap<K, V, S> {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        encode_map(self.iter(), writer);
    }
}

impl<'a, K: Decode<'a> + Eq + Hash, V: Decode<'a>, S: BuildHasher + Default> Decode<'a> for HashMap<K, V, S> {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        decode_map(
            reader,
            room::map_of,
            |map, more| room::had(map.try_reserve(more)),
            |map, key, value| _ = map.insert(key, value),
        )
    }
}

impl<K: Typed, V: Typed> Typed for BTreeMap<K, V> {
    const TYPE: WireType = WireType::Map;
}

impl<K: Encode, V: Encode> Encode for BTreeMap<K, V> {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        encode_map(self.iter(), writer);
    }
}

impl<'a, K: Decode<'a> + Ord, V: Decode<'a>> Decode<'a> for BTreeMap<K, V> {
    /// One by one: a map that is made at once is sorted first, and asks for large memory in a way that cannot fail.
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        decode_map(reader, |_| BTreeMap::new(), |_, _| {}, |map, key, value| _ = map.insert(key, value))
    }
}

impl<K: Typed, V: Typed> Typed for VecMap<K, V> {
    const TYPE: WireType = WireType::Map;
}

impl<K: Encode, V: Encode> Encode for VecMap<K, V> {
    #[inline]
    fn encode<W: Writer>(&self, writer: &mut W) {
        encode_map(self.0.iter().map(|(key, value)| (key, value)), writer);
    }
}

impl<'a, K: Decode<'a>, V: Decode<'a>> Decode<'a> for VecMap<K, V> {
    #[inline]
    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Error> {
        decode_map(
            reader,
            |n| VecMap(room::of(n)),
            |map, more| room::make_room(&mut map.0, more),
            |map, key, value| map.0.push((key, value)),
        )
    }
}
