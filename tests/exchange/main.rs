//! Files for other programs, held against those programs: NumPy, safetensors and NIR of Python; the commands that
//! write and read them; and spikes on record.
//!
//! Where there is no Python with these modules the tests say what they skip.

mod carry;
mod command;
mod nir;
mod python;
mod spikes;
