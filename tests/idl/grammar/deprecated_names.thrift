struct Fields {
  1: i32 namespace, 2: i32 include, 3: i32 void, 4: bool bool, 5: byte byte, 6: i8 i8, 7: i16 i16, 8: i32 i32, 9: i64 i64
  10: double double, 11: string string, 12: binary binary, 13: uuid uuid, 14: map<i32, i32> map, 15: list<i32> list
  16: set<i32> set, 17: i32 oneway, 18: i32 async, 19: i32 typedef, 20: i32 struct, 21: i32 union, 22: i32 exception
  23: i32 extends, 24: i32 throws, 25: i32 service, 26: i32 enum, 27: i32 const, 28: i32 required, 29: i32 optional
  30: i32 cpp_include, 31: i32 senum
}
enum Values { list, set = 2, struct, required }
const i32 list = 1
struct service { 1: i32 a }
struct Uses { 1: service a, 2: list<service> b, 3: i32 c = list, 4: Values d = Values.struct }
service cache { bool set(1: string map, 2: string list) service get(1: string key) throws (1: E enum) void struct() }
exception E {}
