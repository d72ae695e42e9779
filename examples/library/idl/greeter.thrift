/** Greets. */
service Greeter {
  /** A greeting for `name`. */
  string greet(1: string name)
}
