namespace rs people

struct Person {
  1: string name,
  2: optional string email,
}
