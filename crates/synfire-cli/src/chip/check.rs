//! `synfire chip check`: a network as the chip would hold it, or everything that stands in the way.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};
use synfire_train::synfire_loihi::place::{Placement, Resource};
use synfire_train::synfire_loihi::{Program, SynapseGroup};
use synfire_train::synfire_net::{Decay, Network, Projection, ProjectionId};

use super::count;
use super::destination::{Destination, check_distinct};
use super::estimate::StepCost;
use super::options::CheckOptions;
use super::picture::draw_cores;
use super::placed::{self, Placed, Refused};
use super::table::table;
use crate::Status;

pub(super) fn run(
    options: &CheckOptions,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Status> {
    let inputs: Vec<&Path> =
        std::iter::once(options.net.as_path()).chain(options.cost.placement.file()).collect();
    let placed = match placed::read(&options.net, options.cost.placement.file()) {
        Ok(placed) => placed,
        Err(error) => {
            let Some(refused) = error.downcast_ref::<Refused>() else { return Err(error) };
            if options.json {
                writeln!(stdout, "{}", json!({"accepted": false, "reasons": refused.reasons}))?;
            }
            writeln!(stderr, "error: {}: {refused}", options.net.display())?;
            return Ok(Status::Failure);
        }
    };
    let Placed { program, placement } = &placed;
    let cost = StepCost::new(&placed, &options.cost)?;
    if let Some(path) = &options.picture {
        check_distinct(&inputs, std::slice::from_ref(path))?;
        Destination::open(path)?.write(draw_cores(placement)?.as_bytes())?;
    }
    if options.json {
        let answer = json!({
            "accepted": true,
            "network": program.network().name(),
            "layers": layers_json(program),
            "projections": projections_json(program),
            "placement": placement_json(placement),
            "estimates": cost.json(&placed),
        });
        writeln!(stdout, "{answer}")?;
    } else {
        write_program(program, stdout)?;
        writeln!(stdout, "\n{placement}\nbinds: {}", binding(placement))?;
        cost.write(&placed, stdout)?;
    }
    Ok(Status::Success)
}

fn write_program(program: &Program, stdout: &mut dyn Write) -> Result<()> {
    let network = program.network();
    let size = network.size();
    writeln!(
        stdout,
        "{}: {}, {}; synapses: {} from sources, {} between neurons, {} that learn",
        network.name(),
        count(size.n_neurons, "neuron"),
        count(size.n_sources, "source"),
        size.n_input_synapses,
        size.n_static_synapses,
        size.n_plastic_synapses
    )?;
    if let Some(gating) = network.gating() {
        let gates: Vec<&str> =
            gating.chain.iter().map(|&gate| network.layer(gate).name.as_str()).collect();
        writeln!(stdout, "gating: period {}, {}", gating.period, gates.join(", "))?;
    }
    let layers: Vec<_> = network.layer_ids().map(|id| layer_row(program, id.index())).collect();
    let heading = [
        "layer",
        "size",
        "threshold",
        "bias",
        "decay u",
        "decay v",
        "refractory",
        "accumulators",
        "noise",
    ];
    write!(stdout, "\n{}", table(&heading, &layers))?;
    if network.projections().is_empty() {
        return Ok(());
    }
    let projections: Vec<_> =
        network.projection_ids().map(|id| projection_row(program, id)).collect();
    let heading =
        ["projection", "from", "to", "synapses", "delay", "weights", "exponent", "learns"];
    write!(stdout, "\n{}", table(&heading, &projections))?;
    Ok(())
}

fn layer_row(program: &Program, layer_idx: usize) -> Vec<String> {
    let layer = &program.network().layers()[layer_idx];
    let id = program.network().layer_ids().nth(layer_idx);
    let Some(group) = id.and_then(|id| program.compartments(id)) else {
        let mut row = vec![layer.name.clone(), layer.n_neurons.to_string(), "sources".to_owned()];
        row.resize(9, String::new());
        return row;
    };
    let config = &group.config;
    let bias = match (config.bias.mantissa(), config.bias.exponent()) {
        (mantissa, 0) => mantissa.to_string(),
        (mantissa, exponent) => format!("{mantissa}*2^{exponent}"),
    };
    let decay = |decay: Decay| decay.get().to_string();
    vec![
        layer.name.clone(),
        layer.n_neurons.to_string(),
        format!("{}*64", config.threshold.mantissa()),
        bias,
        decay(config.current_decay),
        decay(config.voltage_decay),
        config.refractory.get().to_string(),
        group.n_accumulators.to_string(),
        config.noise.map_or("-", |_| "yes").to_owned(),
    ]
}

fn projection_row(program: &Program, id: ProjectionId) -> Vec<String> {
    let network = program.network();
    let projection = network.projection(id);
    let SynapseGroup { format, .. } = program.synapses(id);
    vec![
        projection.name.clone(),
        network.layer(projection.source).name.clone(),
        network.layer(projection.target).name.clone(),
        network.n_synapses(id).to_string(),
        delay(projection),
        format.weight.to_string(),
        format.exponent.get().to_string(),
        projection.plasticity.as_ref().map_or(String::new(), |plasticity| {
            plasticity
                .rules
                .iter()
                .map(|(target, rule)| format!("{target} = {rule}"))
                .collect::<Vec<_>>()
                .join("; ")
        }),
    ]
}

/// The longest delay, or that it is learned.
fn delay(projection: &Projection) -> String {
    let learns =
        projection.plasticity.as_ref().is_some_and(|plasticity| plasticity.rules.delay.is_some());
    let longest = projection.max_delay().get();
    if learns { format!("0 to {longest}") } else { longest.to_string() }
}

/// Which resource binds on how many cores, the most frequent first.
pub(super) fn binding(placement: &Placement) -> String {
    let mut n_cores: BTreeMap<Resource, usize> = BTreeMap::new();
    for core in placement.cores() {
        let (resource, ..) = core.usage.binding(placement.limits());
        *n_cores.entry(resource).or_default() += 1;
    }
    let mut by_count: Vec<_> = n_cores.into_iter().collect();
    by_count.sort_by_key(|&(resource, n)| (std::cmp::Reverse(n), resource));
    let words: Vec<String> = by_count
        .iter()
        .map(|(resource, n)| format!("{resource} on {}", count(*n, "core")))
        .collect();
    if words.is_empty() { "nothing: no core is used".to_owned() } else { words.join(", ") }
}

fn layers_json(program: &Program) -> Vec<Value> {
    let network: &Network = program.network();
    let layer_json = |id| {
        let layer = network.layer(id);
        let mut answer = json!({
            "name": layer.name,
            "is_source": layer.is_source(),
            "size": layer.n_neurons,
        });
        if let Some(group) = program.compartments(id) {
            let config = &group.config;
            answer["threshold_mantissa"] = config.threshold.mantissa().into();
            answer["bias_mantissa"] = config.bias.mantissa().into();
            answer["bias_exponent"] = config.bias.exponent().into();
            answer["current_decay"] = config.current_decay.get().into();
            answer["voltage_decay"] = config.voltage_decay.get().into();
            answer["refractory"] = config.refractory.get().into();
            answer["accumulators"] = group.n_accumulators.into();
            answer["has_noise"] = config.noise.is_some().into();
        }
        answer
    };
    network.layer_ids().map(layer_json).collect()
}

fn projections_json(program: &Program) -> Vec<Value> {
    let network: &Network = program.network();
    let projection_json = |id| {
        let projection = network.projection(id);
        let format = program.synapses(id).format;
        let rules: BTreeMap<String, String> = projection
            .plasticity
            .iter()
            .flat_map(|plasticity| plasticity.rules.iter())
            .map(|(target, rule)| (target.to_string(), rule.to_string()))
            .collect();
        json!({
            "name": projection.name,
            "from": network.layer(projection.source).name,
            "to": network.layer(projection.target).name,
            "synapses": network.n_synapses(id),
            "longest_delay": projection.max_delay().get(),
            "sign_mode": format.weight.sign_mode().to_string(),
            "weight_bits": format.weight.bits(),
            "weight_exponent": format.exponent.get(),
            "rules": rules,
        })
    };
    network.projection_ids().map(projection_json).collect()
}

/// Where everything is, and what binds.
pub(super) fn placement_json(placement: &Placement) -> Value {
    let network = placement.network();
    let cores: Vec<Value> = placement
        .cores()
        .iter()
        .map(|core| {
            let usage: BTreeMap<String, u32> = Resource::ALL
                .into_iter()
                .map(|resource| (resource.to_string(), core.usage.of(resource)))
                .collect();
            let slices: Vec<Value> = core
                .slices
                .iter()
                .map(|slice| {
                    json!({
                        "layer": network.layer(slice.layer).name,
                        "first": slice.first,
                        "n": slice.n,
                        "compartment": slice.offset,
                    })
                })
                .collect();
            json!({
                "chip": core.id.chip,
                "core": core.id.core,
                "usage": usage,
                "binds": core.usage.binding(placement.limits()).0.to_string(),
                "slices": slices,
            })
        })
        .collect();
    let totals = placement.totals();
    json!({
        "n_cores": totals.n_cores,
        "n_chips": totals.n_chips,
        "axon_hops": totals.n_axon_hops,
        "binds": binding(placement),
        "cores": cores,
    })
}
