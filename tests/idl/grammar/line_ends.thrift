/** First.
 * Second.
 */
struct A {
  1: i32 a // behind
  2: string b = "c"
}
