package "example.com/a"

@thrift.Uri{value = "x"}
struct A {
  @field.Ann
  1: i32 a
  2: hash_map<i32, i32> b
}

service S {
  stream<i32> f()
}
