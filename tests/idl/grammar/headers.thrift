/** The comment of the file. */
namespace rs example.headers
namespace py.twisted example.twisted
namespace * example
namespace java org.example.headers (owner = "team", internal)
namespace smalltalk.category Example
cpp_include "<vector>"
include "lib/geometry.thrift"
include 'lib/dotted.name.thrift'

/** The comment of the struct. */
struct Uses {
  1: geometry.Point point
  2: dotted.name.Label label
}
