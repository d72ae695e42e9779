service cache {
  bool set(1: string list, 2: i32 cpp_type)
}

struct struct {
  1: i32 x (include = "y")
}

struct Uses {
  1: struct s
}
