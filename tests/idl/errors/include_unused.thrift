include "nowhere.thrift"

struct A {
  1: i32 b
}
