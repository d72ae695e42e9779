const uuid A = "6ba7b810-9dad-11d1-80b4"
const uuid B = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
