//! Two samples through the phases of the circuit.

use maud::{Markup, PreEscaped, html};

use super::{Place, left_out, wide};
use crate::findings::Findings;

pub(crate) fn raster(place: &Place, findings: &Findings) -> Markup {
    let raster = match &findings.raster {
        Ok(raster) => raster,
        Err(reason) => return left_out(reason, "The raster is left out."),
    };
    place.figure(
        "Two samples in the learning circuit",
        "Time runs to the right, twelve phases to a sample; from top to bottom outputs, hidden neurons, inputs, gates. The \
         first sample is one that the outputs get wrong: errors come back, and weights go up and down in the shaded \
         phases. The second one is right, and nothing is learned from it. Rest on a mark to read its values.",
        &html! {
            ul.stories { @for story in &raster.stories { li { (story) } } }
            // Drawn and escaped by `synfire-draw`.
            (wide("Raster of spikes by phase", &html! { (PreEscaped(&raster.svg)) }))
        },
    )
}
