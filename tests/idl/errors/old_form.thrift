cpp_namespace a
php_namespace b
namespace smalltalk.category C-D

senum Letters {
  "a", "b"
}

service S {
  async void f()
}
