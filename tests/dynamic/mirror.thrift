/** A field of every type: what is sent as an argument comes back as an exception. */
include "../../idl/conformance.thrift"

enum Colour { RED = 1, GREEN = 2, LAST = 2147483647 }
typedef Colour Paint
typedef map<Paint, list<i8>> Palette
const i32 ANSWER = 42

struct Tree { 1: i32 value, 2: optional list<Tree> children }
struct Strict { 1: required i32 one, 2: required string two, 3: optional i32 three }
struct Defaults {
  1: bool yes = true,
  2: i8 small = -8,
  3: i32 answer = ANSWER,
  4: double half = 0.5,
  5: string text = "text",
  6: binary bytes = "bytes",
  7: uuid id = "00112233-4455-6677-8899-aabbccddeeff",
  8: Colour colour = Colour.GREEN,
  9: list<i16> list = [1, 2],
  10: set<string> set = ["a"],
  11: map<string, i64> map = {"k": 5},
  12: Tree tree = {"value": 7},
  13: optional i32 kept_back = 9,
  14: i32 none
}

exception Holder {
  1: optional bool flag,
  2: optional i8 i8,
  3: optional i16 i16,
  4: optional i32 i32,
  5: optional i64 i64,
  6: optional double double,
  7: optional string string,
  8: optional binary binary,
  9: optional uuid uuid,
  10: optional Paint paint,
  11: optional Palette palette,
  12: optional list<list<string>> lists,
  13: optional set<i64> numbers,
  14: optional map<bool, double> by_bool,
  15: optional map<i64, string> by_number,
  16: optional map<string, string> by_text,
  17: optional map<binary, uuid> by_binary,
  18: optional map<double, i32> by_double,
  19: optional map<Tree, i32> by_tree,
  20: optional map<list<i32>, map<set<i8>, bool>> by_list,
  21: optional Tree tree,
  22: optional Strict strict,
  23: optional Defaults defaults,
  24: optional conformance.SomeUnion union,
  25: optional conformance.CrazyNesting crazy,
  26: optional conformance.Insanity insanity,
  27: optional conformance.LargeDeltas deltas,
  28: optional conformance.NestedMixedx2 mixed,
  29: optional conformance.NestedListsBonk bonks,
  30: optional conformance.EmptyStruct empty,
  31: optional conformance.GuessProtocolStruct guess,
  32: optional conformance.OptionalBinary binaries,
  33: optional conformance.MapType maps
}

service Base {
  void ping(),
  i32 twice(1: i32 number)
}

service Mirror extends Base {
  /** Gives back what it is given. */
  void show(1: Holder holder) throws (1: Holder holder),
  void plain(1: conformance.Bonk bonk, 2: list<i32> list, 3: i32 number = 3),
  void texts(1: list<string> texts),
  oneway void tell(1: Tree tree) (farthing.alias = "say, talk"),
  Tree grow(1: Tree tree)
}

service Other { void ping(), void alone() }
