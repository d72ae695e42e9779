senum Letters { "a", "b"; 'c' "d" } (x = "y")
typedef slist Strings
struct A { 1: Strings s, 2: slist t, 3: Letters l = "a" }
service S { async void f() }
