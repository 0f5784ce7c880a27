//! Why a picture cannot be drawn.

/// Why a picture cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
#[non_exhaustive]
pub enum DrawError {
    /// There is nothing to show.
    #[error("a picture needs {what}, found none")]
    Empty { what: &'static str },
    /// There are too many of something.
    #[error("{what}: found {found}, expected at most {max}")]
    TooMany { what: &'static str, found: u64, max: u64 },
    /// The steps are not in order.
    #[error("steps {first} to {last}, expected the first to be 1 or more and not after the last")]
    Steps { first: u64, last: u64 },
    /// A mark lies outside the picture.
    #[error("{what} is {found}, expected {min} to {max}")]
    Outside { what: &'static str, found: u64, min: u64, max: u64 },
    /// Something is there a second time.
    #[error("{what} {found} twice, expected once")]
    Twice { what: &'static str, found: u64 },
    /// A share is no number from 0 to 1.
    #[error("{what} of `{name}` is not a number of 0 or more")]
    Share { what: &'static str, name: String },
    /// An axis does not run upwards between two numbers.
    #[error(
        "the {axis} axis runs from {low} to {high}, expected finite numbers, the first below the second"
    )]
    Axis { axis: &'static str, low: String, high: String },
    /// A number has no place on its axis.
    #[error("a number on the {axis} axis is {found}, expected {allowed}")]
    Number { axis: &'static str, found: String, allowed: &'static str },
    /// The drawing library failed.
    #[error("drawing failed: {message}")]
    Library { message: String },
}
