/** There is no report of that number. */
exception NoSuchReport {
  1: i32 number
}

/** Makes reports, which takes a while. */
service Reports {
  /** How many reports there are. */
  i32 count()

  /** The text of a report. */
  string report(1: i32 number) throws (1: NoSuchReport none)
}
