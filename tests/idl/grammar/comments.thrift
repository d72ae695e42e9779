# a Unix comment
// a line comment
/* a block
   comment */
/**/ /***/ /** doc */
struct A { // behind a brace
  /** of the field */
  1: i32 a, # behind a separator
  /* before */ 2: /* between */ i32 /* words */ b /* after */
  /** Ünïcödé: 日本語 */
  3: string c // the end */ /* is not here
}
/** at the end of the file */
