//! Bytes and cuts against the whole server side.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| farthing_fuzz::bodies::connection(data));
