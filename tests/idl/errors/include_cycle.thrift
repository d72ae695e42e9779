include "lib/circle.thrift"

struct A {
  1: i32 b
}
