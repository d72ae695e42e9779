struct Empty {}
struct OneLine { 1: i32 a, 2: i32 b; 3: i32 c 4: i32 d }
struct Every {
  1: required i32 a
  2: optional i32 b = 5
  3: i32 c = -1,
  4: optional Every & next
  32767: string last = "x" (a = "1");
} (final, x.y = "yes")
