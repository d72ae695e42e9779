include "lib/geometry.thrift"

exception Failure { 1: string why }
service Empty {}
service Base extends geometry.Measure { void ping() }
service Child extends Base {
  void nothing(),
  i32 add(1: i32 a, 2: i32 b = 2);
  oneway void fire(1: string what)
  list<map<string, geometry.Point>> much(1: required list<i32> a,) throws (1: Failure one, 2: geometry.Far two)
  string (a = "b") annotated(1: i32 a (c = "d")) throws (1: Failure f) (e = "f", g),
} (deprecated = "never")
