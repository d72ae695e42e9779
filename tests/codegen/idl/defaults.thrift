/** Values that are given, in constants and as defaults. */
include "other/common.thrift"
include "containers.thrift"

const bool YES = true
const i8 TINY = -128
const i16 SMALL = -32768
const i32 MID = -2147483648
const i64 BIG = -9223372036854775807
const i64 BIGGER = 9223372036854775807
const double PI = 3.14159265358979
const double ROUND = 3
const double HUGE = 1e308
const double E = 2.718281828459045
const string TEXT = "quotes \" ' and \\ and é and {braces}"
const string EMPTY = ""
const binary RAW = "by\"tes"
const uuid ID = "00112233-4455-6677-8899-aabbccddeeff"
const containers.Colour COLOUR = containers.Colour.GREEN
const containers.Tint TINT = containers.Colour.BLUE
const list<i32> NUMBERS = [1, 2, 3]
const list<i32> NONE = []
const set<string> WORDS = ["a", "b"]
const set<double> REALS = [1.5, 2.5]
const map<string, i32> PAIRS = { "one": 1, "two": 2 }
const map<double, string> HALVES = { 0.5: "half" }
const map<string, list<map<i32, string>>> NESTED = { "a": [{ 1: "x" }, {}], "b": [] }
const common.Point POINT = { "x": 1, "y": 2 }
const containers.Either EITHER = { "right": 1.5 }
const containers.Mood MOOD = "good"
const containers.SharedText SHARED = "shared"
const Everything THING = { "text": "other", "point": { "x": 9 } }
const list<string> LONG = ["a long text to fill the line with", "a long text to fill the line with", "a long text to fill the line with", "more"]

struct Everything {
  1: bool flag = true, 2: i8 tiny = -1, 3: i16 small = 2, 4: i32 mid = MID, 5: i64 big = 5000000000,
  6: double ratio = 0.5, 7: string text = "te\"xt", 8: binary data = "data", 9: uuid id = ID,
  10: containers.Colour colour = containers.Colour.GREEN, 11: list<i32> list_ = [1, 2], 12: set<i32> set_ = [3],
  13: map<string, i32> map_ = { "a": 1 }, 14: common.Point point = { "x": 1 }, 15: containers.Either either = { "left": 1 },
  16: string (farthing.shared = "true") shared = "shared", 17: string nothing = "", 18: list<string> empty = [],
  19: containers.Mood mood = "bad", 20: containers.Deep deep = { containers.Colour.RED: ["x"] },
}
struct Optional {
  1: optional bool flag = true, 2: optional i8 tiny = -1, 3: optional i16 small = 2, 4: optional i32 mid = 3,
  6: optional double ratio = 0.5, 7: optional string text = "text", 8: optional binary data = "data", 9: optional uuid id = ID,
  10: optional containers.Colour colour = containers.Colour.GREEN, 11: optional list<i32> list_ = [1, 2],
  12: optional set<i32> set_ = {}, 13: optional map<string, i32> map_ = {}, 14: optional common.Point point = { "x": 1 },
  15: optional containers.Either either = { "both": { "text": "x" } }, 16: optional string plain,
}
struct Demanding { 1: required i32 number = 3, 2: required string text = "x", 3: i32 free }
struct Node { 1: i32 value = 5, 2: optional Node next }
const Node NODES = { "next": { "value": 6, "next": { "value": 7 } } }
union Preset { 1: i32 number = 4, 2: string text }
exception Failure { 1: i32 code = 500, 2: string message = "failed" }

service Defaults {
  string run(1: string name = "nobody", 2: i32 count = 3, 3: binary data = "raw", 4: list<i32> list_ = [1], 5: containers.SharedText text,
    6: required i32 must, 7: common.Point point = { "x": 4 }, 8: double ratio = 1.5, 9: containers.Either either) throws (1: Failure failure),
}
