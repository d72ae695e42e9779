const string A = "a\qb"
const string B = "fine: \\ \n"
