/** Has the name of a file in another directory. */
enum Shade { LIGHT = 1, DARK = 2 }
struct Point { 1: i32 x, 2: i32 y }
exception Shared { 1: string why }
service Base {
  void ping(),
  Point move(1: Point by) throws (1: Shared shared),
  string echo(1: string text, 2: binary data, 3: list<Point> points) (farthing.alias = "repeat, mirror"),
  oneway void forget(1: i64 what),
  i32 getValue(),
}
const Point ORIGIN = { "x": 0, "y": 0 }
const list<Shade> SHADES = [Shade.LIGHT, Shade.DARK]
