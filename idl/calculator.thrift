/** The example service of the reference deployment. */
namespace py calculator
namespace rs calculator
namespace java calculator
namespace go calculator
namespace cpp calculator

service Calculator {
  /** The sum, or an INTERNAL_ERROR that says so where it does not fit in an i32. */
  i32 add(1: i32 num1, 2: i32 num2)
}
