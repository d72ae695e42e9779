include "lib/shared.thrift"

struct Operation {
  1: Operatoin near
  2: float foreign
  3: Thing elsewhere
  4: shared.Thnig prefixed
  5: strnig base
}
