include "lib/shared.thrift"

struct A {
  1: shraed.Thing near
  2: unknown_prefix.A own
  3: other.Thing absent
  4: base.Hidden not_direct
}
