/** Types that are called like those of the prelude and of the library. */

struct Vec { 1: list<string> vec }
struct String { 1: string string, 2: binary binary }
struct Option { 1: optional string option, 2: optional Box box }
struct Box { 1: optional Option option, 2: optional Box box }
struct Some { 1: i32 some }
struct None { 1: i32 none = 3 }
enum Ok { Err = 1, OK = 2 }
struct Err { 1: Ok ok, 2: required Ok err }
struct Result { 1: Some some, 2: map<string, Option> options }
struct Default { 1: i32 default = 7, 2: list<i32> list = [1, 2] }
struct From { 1: set<string> from }
struct Bytes { 1: binary data, 2: binary more }
struct Send { 1: i32 a }
struct Sync { 1: i32 a }
struct Clone { 1: i32 a }
struct Debug { 1: i32 a }
struct PartialEq { 1: i32 a }
struct Eq { 1: i32 a }
struct Hash { 1: i32 a }
struct Into { 1: i32 a }
struct Iterator { 1: i32 a }
struct HashMap { 1: map<i32, i32> map }
struct Sized { 1: i32 a }
struct Drop { 1: i32 a }
struct Fn { 1: i32 a }
struct R { 1: W w }
struct W { 1: i32 w }
struct H { 1: i32 h }
struct C { 1: H h = { "h": 1 } }
struct T { 1: R r = { "w": { "w": 2 } } }
struct u8 { 1: i32 a }
union Copy { 1: Vec vec, 2: list<Copy> copies, 3: Some some }
typedef list<Ok> Rc
exception Error { 1: string message, 2: Default inner }
const Default DEFAULT = { "default": 1 }
const list<String> STRINGS = [{ "string": "a" }]
const T TEE = {}

service Wire {
  Option get(1: Vec vec, 2: String string, 3: string text, 4: H h, 5: C c, 6: list<R> rs) throws (1: Error error),
  H put(1: C c, 2: binary data),
}

struct WireService { 1: i32 a }
struct WireClient { 1: i32 a }
struct GetError { 1: i32 a }
struct GetArguments { 1: i32 a }
struct GetCall { 1: i32 a }
struct DeferredWire { 1: i32 a }
