#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche::testing::fuzz::run("html", data));
