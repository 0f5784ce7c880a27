//! Two samples through the phases of the circuit.

use maud::{Markup, PreEscaped, html};

use super::{Place, left_out, wide};
use crate::findings::Findings;

pub(crate) fn raster(place: &Place, findings: &Findings) -> Markup {
    let raster = match &findings.raster {
        Ok(raster) => raster,
        Err(reason) => return left_out(reason, "The raster is left out."),
    };
    let what = match raster.has_error[..] {
        [true, false] => {
            "The first sample is one that the outputs get wrong: errors come back, and weights go up and down in the \
             shaded phases. The second one is right, and nothing is learned from it."
        }
        [true] => {
            "The outputs get the sample wrong: errors come back, and weights go up and down in the shaded phases."
        }
        _ => "The outputs are right, and nothing is learned.",
    };
    let title = match raster.has_error.len() {
        1 => "A sample in the learning circuit",
        _ => "Two samples in the learning circuit",
    };
    let see = format!(
        "Time runs to the right, twelve phases to a sample; from top to bottom outputs, hidden neurons, inputs, gates. {what} \
         Rest on a mark to read its values."
    );
    place.figure(
        title,
        &see,
        &html! {
            p.scroll { "The picture scrolls sideways." }
            // Drawn and escaped by `synfire-draw`.
            (wide("Raster of spikes by phase", &html! { (PreEscaped(&raster.svg)) }))
        },
    )
}
