const string A = "one
two"
