include "lib"

struct A {
  1: lib.B b
}
