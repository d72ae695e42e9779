/** Names that are words of Rust, or of the code around them. */

struct Self {
  1: i32 self,
  2: i32 super,
  3: i32 crate,
  4: string type,
  5: i32 match,
  6: i32 fn,
  7: i32 gen,
  8: required i32 r,
}

struct Locals {
  1: i32 reader,
  2: i32 field,
  3: i32 kind,
  4: i32 writer,
  5: i32 value,
  6: i32 f,
  7: required string id,
  8: i32 arguments,
  9: i32 _,
  10: i32 _1,
  11: i32 known,
  12: i32 found,
}

union loop {
  1: i32 loop,
  2: string Self,
  3: i32 Unknown,
  4: i32 unknown,
}

enum enum {
  self = 1,
  crate = 2,
  Self = 3,
  name = 4,
}

exception try {
  1: string move,
}

exception Application {
  1: string message,
}

const i32 static = 5
const enum self = enum.Self

service trait {
  i32 new(1: i32 self),
  i32 match(1: string reply, 2: i32 request),
  string into(1: binary into) throws (1: try try, 2: Application application, 3: try again),
  void call(1: string call) throws (1: try try),
  void send(),
  i32 clone(1: i32 clone),
  i32 try_into(),
  i32 name(),
  i32 methods(),
  i32 borrow(1: i32 arguments),
  oneway void drop(1: string drop),
  bool fmt(1: string f, 2: string H, 3: string C),
}
