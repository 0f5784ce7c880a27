//! Samples in an inference circuit, counted.

use anyhow::{Context, Result};
use synfire_circuit::{Form, InferenceCircuit, Population};
use synfire_data::Dataset;
use synfire_net::{Engine, InputSchedule, LayerId, Observer};
use synfire_reference::{Shape, Weights};

use super::sparsity::Inference;
use super::watched::{circuit_shape, fast};

/// Counts the spikes of two layers.
struct Ear {
    layers: [LayerId; 2],
    spikes: [u64; 2],
}

impl Observer for Ear {
    fn spikes(&mut self, _: u64, layer: LayerId, neurons: &[u32]) {
        for (n, &it) in self.spikes.iter_mut().zip(&self.layers) {
            if it == layer {
                *n += neurons.len() as u64;
            }
        }
    }
}

/// Shows the first samples of a data set to the sized inference circuit and counts.
pub(crate) fn observe(
    shape: &Shape,
    weights: &Weights,
    max_active: u32,
    dataset: &Dataset,
    n_samples: usize,
) -> Result<Inference> {
    let [w1, w2] = weights.forward() else { anyhow::bail!("expected two forward matrices") };
    let sizes = circuit_shape(shape, max_active)?;
    let circuit = InferenceCircuit::new(sizes, Form::Sized, w1.values(), w2.values())?;
    let mut engine = fast(circuit.network())?;
    let layer = |population| circuit.layer(population).context("no such population");
    let layers = [layer(Population::X)?, layer(Population::H)?];
    let mut ear = Ear { layers, spikes: [0; 2] };
    circuit.start(&mut engine, &mut ear)?;
    ear.spikes = [0; 2];
    let start = engine.operations();
    let (mut schedule, mut output) = (InputSchedule::new(), Vec::new());
    let n_samples = dataset.len().min(n_samples);
    for sample_idx in 0..n_samples {
        let input = dataset.input(sample_idx);
        circuit.run_cycle_for_output(&mut engine, input, &mut schedule, &mut ear, &mut output)?;
    }
    let operations = engine.operations() - start;
    // W1 and W2 do not learn here, so an engine counts them with the fixed synapses.
    let [_, n_hidden, n_outputs] = [0, 1, 2].map(|layer| shape.sizes()[layer] as u64);
    let matrices = ear.spikes[0] * n_hidden + ear.spikes[1] * n_outputs;
    let all =
        operations.static_deliveries + operations.input_deliveries + operations.plastic_deliveries;
    Ok(Inference {
        samples: n_samples as u64,
        active: ear.spikes,
        operations: matrices,
        fixed: all.checked_sub(matrices).context("more weights were delivered than counted")?,
    })
}
