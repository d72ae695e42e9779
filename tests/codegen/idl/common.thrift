include "other/common.thrift"
include "inheritance.thrift"
struct Nothing {}
