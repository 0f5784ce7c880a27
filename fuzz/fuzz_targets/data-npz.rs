//! See the target of this name in `synfire-fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (synfire_fuzz::find("data-npz").expect("a target").run)(bytes));
