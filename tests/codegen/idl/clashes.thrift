/** Names that are one after their case has changed. */

struct Cases {
  1: string getURL,
  2: string get_url,
  3: string GetUrl,
  4: i32 i32Value,
  5: i32 i32_value,
  6: i32 type,
  7: i32 Type,
  8: i32 _type,
}

struct foo_bar { 1: i32 a }
struct FooBar { 1: i32 a }
struct fooBar { 1: i32 a }
struct URL { 1: i32 a }
struct HTTPServerV2 { 1: i32 a }
struct FOO_BAZ { 1: i32 a }
typedef i32 Foo_Bar
const i32 A = 1
const i32 a = 2
struct a_ { 1: i32 x }
enum N { A = 1, a = 2, aB = 3, a_b = 4, A_B = 5, ONE = -1, TWO = 2147483647, DUPLICATE = 1 }
const N n = N.a_b
union Choice { 1: i32 a_b, 2: string aB, 3: binary AB, 4: double unknown }

service Names {
  i32 getURL(1: i32 aB, 2: i32 a_b),
  i32 get_url(1: string A, 2: string a),
  i32 GetUrl() throws (1: NamesError a_b, 2: Other aB),
  i32 get_url_error() throws (1: NamesError e),
}

exception NamesError { 1: i32 code }
exception Other { 1: i32 code, 2: optional list<double> numbers }

service names_ {
  i32 getUrl() throws (1: Other e),
}
