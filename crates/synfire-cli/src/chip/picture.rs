//! What a run and a placement look like: spikes, probes, cores.

#![expect(clippy::float_arithmetic, reason = "shares of a picture")]

use anyhow::Result;
use synfire_train::synfire_draw::{
    CoreBox, CoreMap, CurvePicture, MAX_ROWS, MAX_SPIKES, Panel, RasterPicture, RasterRow,
    RasterSpike, Segment, Series, core_map, curves, raster,
};
use synfire_train::synfire_loihi::place::{CORES_PER_TILE, Core, Placement, TILE_COLUMNS};
use synfire_train::synfire_net::{LayerId, Network, Observer};

use super::count;
use super::probe::{Curves, Probe};
use crate::UsageError;

/// The raster of a run while it runs, of as many spikes as a picture may have.
pub(super) struct RasterSheet {
    picture: RasterPicture,
    /// The band of each layer, if it has one.
    rows: Vec<Option<usize>>,
    /// The first step of which a spike would be too many.
    full_in: Option<u64>,
}

impl RasterSheet {
    /// # Errors
    /// More layers than a picture has bands.
    pub(super) fn new(network: &Network, layers: &[LayerId]) -> Result<RasterSheet, UsageError> {
        if layers.len() > MAX_ROWS {
            let found = layers.len();
            let message = format!(
                "a raster of {found} layers, expected at most {MAX_ROWS}: choose some with --layers"
            );
            return Err(UsageError(message));
        }
        let mut bands = network.layer_ids().filter(|id| layers.contains(id)).map(LayerId::index);
        let mut next = bands.next();
        let mut picture = RasterPicture {
            title: network.name().to_owned(),
            first_step: 1,
            period: network.gating().map(|gating| gating.period),
            ..RasterPicture::default()
        };
        let mut rows = Vec::with_capacity(network.layers().len());
        for (idx, layer) in network.layers().iter().enumerate() {
            if next != Some(idx) {
                rows.push(None);
                continue;
            }
            rows.push(Some(picture.rows.len()));
            picture.rows.push(RasterRow { name: layer.name.clone(), n_neurons: layer.n_neurons });
            next = bands.next();
        }
        Ok(RasterSheet { picture, rows, full_in: None })
    }

    /// The picture of the steps up to `last`, and the last step it shows if that is not all.
    pub(super) fn draw(mut self, last: u64) -> Result<(String, Option<u64>)> {
        // A step of which spikes are missing is not shown.
        let shown = self.full_in.map(|step| step.saturating_sub(1).clamp(1, last.max(1)));
        self.picture.last_step = shown.unwrap_or(last.max(1));
        let end = self.picture.last_step;
        self.picture.spikes.retain(|spike| spike.step <= end);
        if shown.is_some() {
            self.picture.title += &format!(", steps 1 to {end} of {last}");
        }
        Ok((raster(&self.picture)?, shown))
    }
}

impl Observer for RasterSheet {
    fn spikes(&mut self, step: u64, layer: LayerId, neurons: &[u32]) {
        let (Some(row), None) = (self.rows[layer.index()], self.full_in) else { return };
        if (self.picture.spikes.len() + neurons.len()) as u64 > MAX_SPIKES {
            self.full_in = Some(step);
            return;
        }
        let spike = |&neuron_idx| RasterSpike { step, row, neuron_idx };
        self.picture.spikes.extend(neurons.iter().map(spike));
    }
}

/// The picture of a probe up to step `last`.
pub(super) fn draw_probe(
    probe: &Probe,
    sampled: &Curves,
    network: &Network,
    last: u64,
) -> Result<String> {
    let labels = probe.labels(network, sampled.values.len());
    let series = labels.into_iter().zip(&sampled.values).map(|(name, values)| {
        let mut points: Vec<(u64, i64)> =
            sampled.steps.iter().copied().zip(values.iter().copied()).collect();
        // Pictures begin with step 1, until whose end the state is that of the start.
        match points[..] {
            [(0, _), (1, _), ..] => {
                points.remove(0);
            }
            [ref mut start, ..] => start.0 = start.0.max(1),
            [] => {}
        }
        Series { name, points }
    });
    let mut title = format!("{}: {}", network.name(), probe.name);
    if sampled.n_left_out > 0 {
        let n = sampled.values.len();
        title += &format!(", the first {n} of {}", n + sampled.n_left_out);
    }
    if sampled.thinning > 1 {
        title += &format!(", one of {} samples", sampled.thinning);
    }
    let panel = Panel {
        label: probe.unit().to_owned(),
        series: series.collect(),
        level: probe.threshold(network).map(|threshold| (threshold, "threshold".to_owned())),
    };
    let last_step = last.max(1);
    Ok(curves(&CurvePicture { title, first_step: 1, last_step, panels: vec![panel] })?)
}

/// The cores in use, and what is on them.
pub(super) fn draw_cores(placement: &Placement) -> Result<String> {
    let totals = placement.totals();
    let n_chips = placement.cores().iter().map(|core| core.id.chip + 1).max().unwrap_or(1);
    let of_chip = |chip| {
        let cores = placement.cores().iter().filter(|core| core.id.chip == chip);
        cores.map(|core| core_box(placement, core)).collect()
    };
    Ok(core_map(&CoreMap {
        title: format!("{}: {}", placement.network().name(), count(totals.n_cores, "core")),
        columns: TILE_COLUMNS,
        rows: placement.limits().cores_per_chip.div_ceil(TILE_COLUMNS * CORES_PER_TILE),
        chips: (0..n_chips).map(of_chip).collect(),
    })?)
}

fn core_box(placement: &Placement, core: &Core) -> CoreBox {
    let (resource, found, limit) = core.usage.binding(placement.limits());
    let load = f64::from(found) / f64::from(limit.max(1));
    let n_compartments = f64::from(core.usage.compartments.max(1));
    let segment = |slice: &synfire_train::synfire_loihi::place::Slice| Segment {
        name: placement.network().layer(slice.layer).name.clone(),
        share: load * f64::from(slice.n) / n_compartments,
        colour_idx: slice.layer.index(),
    };
    CoreBox {
        core: core.id.core,
        label: core.usage.compartments.to_string(),
        segments: core.slices.iter().map(segment).collect(),
        load,
        binds: resource.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use synfire_train::synfire_net::NetworkBuilder;

    #[test]
    fn a_raster_that_is_full_shows_whole_steps_only() {
        let mut builder = NetworkBuilder::new("test");
        let ids = ["a", "b", "c"].map(|name| builder.sources(name, 4));
        let network = builder.build().unwrap();
        let mut sheet = RasterSheet::new(&network, &[ids[0], ids[2]]).unwrap();
        assert_eq!(sheet.rows, [Some(0), None, Some(1)]);
        sheet.spikes(1, ids[0], &[0, 3]);
        sheet.spikes(1, ids[1], &[0]);
        sheet.spikes(2, ids[2], &[1]);
        let spikes: Vec<_> =
            sheet.picture.spikes.iter().map(|s| (s.step, s.row, s.neuron_idx)).collect();
        assert_eq!(spikes, [(1, 0, 0), (1, 0, 3), (2, 1, 1)]);
        let rest = usize::try_from(MAX_SPIKES).unwrap() - 3;
        let spike = RasterSpike { step: 2, row: 0, neuron_idx: 0 };
        sheet.picture.spikes.extend(vec![spike; rest]);
        sheet.spikes(3, ids[0], &[0]);
        sheet.spikes(4, ids[0], &[0]);
        let (svg, shown) = sheet.draw(9).unwrap();
        assert_eq!(shown, Some(2));
        assert!(svg.contains("steps 1 to 2 of 9"));
    }
}
