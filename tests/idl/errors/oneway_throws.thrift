exception A {}

service S {
  oneway void f() throws (1: A a)
}
