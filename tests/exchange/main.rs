//! Files for other programs, held against those programs: NumPy, safetensors and NIR of Python.
//!
//! Where there is no Python with these modules the tests say what they skip.

mod nir;
mod python;
