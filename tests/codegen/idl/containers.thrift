/** Containers in every shape, with keys that can and cannot be hashed. */

include "other/common.thrift"

struct Scalars {
  1: bool flag,
  2: i8 tiny,
  3: i16 small,
  4: i32 mid,
  5: i64 big,
  6: double ratio,
  7: string text,
  8: binary data,
  9: uuid id,
  10: Colour colour,
  11: byte old,
  12: string (farthing.shared = "true") shared,
  13: SharedText alias,
  14: bool flag2, 15: bool flag3, 16: bool flag4,
}

enum Colour { RED, GREEN = 5, BLUE }
enum Nothing {}
senum Mood { "good", "bad" }

typedef string (farthing.shared = "true") SharedText
typedef string SharedToo (farthing.shared = "true")
typedef SharedToo SharedThree
typedef list<SharedThree> Texts
typedef map<Colour, Texts> Deep
typedef list<Deep> Deeper
typedef Colour Tint
typedef common.Shade Shade
typedef double Real
typedef Scalars Alias

struct Key { 1: i32 a, 2: string b, 3: list<i64> c, 4: optional Tint d, 5: uuid e, 6: binary f }
struct Lists {
  1: list<bool> bools, 2: list<i8> bytes, 3: list<i16> shorts, 4: list<i32> ints, 5: list<i64> longs,
  6: list<double> doubles, 7: list<string> strings, 8: list<binary> binaries, 9: list<uuid> uuids,
  10: list<Colour> colours, 11: list<Scalars> structs, 12: list<list<list<i32>>> nested, 13: list<Either> unions,
  14: list<set<i32>> sets, 15: list<map<string, i32>> maps, 16: Deeper deeper, 17: list<Shade> shades,
  18: list<Mood> moods,
}
struct Sets {
  1: set<bool> bools, 2: set<i8> bytes, 3: set<i16> shorts, 4: set<i32> ints, 5: set<i64> longs,
  6: set<double> doubles, 7: set<string> strings, 8: set<binary> binaries, 9: set<uuid> uuids,
  10: set<Colour> colours, 11: set<Key> structs, 12: set<list<i32>> lists, 13: set<Either> unions,
  14: set<set<i32>> sets, 15: set<map<string, i32>> maps, 16: set<Scalars> floats, 17: set<Real> reals,
  18: set<common.Point> points,
}
struct Maps {
  1: map<bool, i8> bools, 2: map<i32, double> ints, 3: map<string, string> strings, 4: map<binary, binary> binaries,
  5: map<uuid, Colour> uuids, 6: map<Colour, Scalars> colours, 7: map<Key, Key> structs, 8: map<Either, i32> unions,
  9: map<double, string> doubles, 10: map<list<i32>, set<string>> lists, 11: map<set<i32>, i32> sets,
  12: map<map<i32, i32>, map<i32, map<i32, i32>>> maps, 13: map<Tint, Real> typedefs,
}
struct Optionals {
  1: optional Lists lists, 2: optional Sets sets, 3: optional Maps maps, 4: optional list<i32> ints,
  5: optional set<i32> set_, 6: optional map<string, i32> map_, 7: optional Alias alias, 8: optional Nothing nothing,
}
struct Required {
  1: required Scalars scalars, 2: required list<i32> ints, 3: required bool flag, 4: required Colour colour,
  5: required map<i32, string> pairs, 32767: required i8 last,
}
union Either { 1: i32 left, 2: double right, 3: Scalars both, 4: list<Either> neither }
union Empty {}
struct Hollow {}
struct Implicit { i32 first, string second }
