//! See the body.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| farthing_fuzz::bodies::json(data));
