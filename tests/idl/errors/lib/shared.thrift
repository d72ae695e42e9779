include "base.thrift"

struct Thing {
  1: base.Hidden a
}
