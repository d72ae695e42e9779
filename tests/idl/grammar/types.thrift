typedef i32 Number
typedef list<Number> Numbers;
typedef map<string, map<Number, set<list<bool>>>> Deep,

struct All {
  1: bool a
  2: byte b
  3: i8 c
  4: i16 d
  5: i32 e
  6: i64 f
  7: double g
  8: string h
  9: binary i
  10: uuid j
  11: list<string> k
  12: set<i64> l
  13: map<string, binary> m
  14: Numbers n
  15: Deep o
  16: Later p
  17: map cpp_type "std::unordered_map<int, int>" <i32, i32> q
  18: list cpp_type "std::deque<int>" <i32> r
  19: set cpp_type "X" <i32> s
  20: list<i32> cpp_type "Y" t
  21: string (python.immutable = "") u
  22: list<string (len = "3")> (kind = "small") v
  23:list<list<list<list<i32>>>>w
}

struct Later {}
