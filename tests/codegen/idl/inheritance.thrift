/** Services that have the methods of services in other files. */
include "other/common.thrift"

service Middle extends common.Base {
  common.Point where(),
  /** Is another method than the inherited `getValue`. */
  i32 get_value(1: i32 what),
}

service Child extends Middle {
  /** Hides the inherited one. */
  void ping(1: i32 times),
  common.Point move2(1: common.Point by) throws (1: common.Shared shared),
}

service Empty {}
service OnlyOneway { oneway void tell(1: string what), oneway void shout(1: binary (cpp.type = "x") what) }
