const i32 ONE = 1
const string TWO = "wire::rpc::"
