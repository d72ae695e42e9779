/**
 * Comments with [brackets], <tags>, `code<T>`, and snake_case or CamelCase words, see http://example.com/.
 *
 *     indented code
 *
 * ```
 * fenced code
 * ```
 */

/** A [struct](x) with `unbalanced and <b>bold</b> */
struct Documented {
  /** First line.
   *  - item
   *    continued
   */
  1: i32 a,
  2: i32 b, // trailing
}
/**
 * An enum.
 */
enum Letters {
  /** The first. */
  A
}
/** ``` */
service Talk {
  /** */
  void say(1: string what),
  /** Returns {@code x} and "quotes" \ backslash. */
  i32 listen(),
}
