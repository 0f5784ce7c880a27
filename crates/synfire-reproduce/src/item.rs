//! What there is to reproduce.

use anyhow::Result;

use crate::record::Record;
use crate::scale::Scale;
use crate::section::Section;
use crate::trial::Trial;
use crate::{experiment, section};

/// One part of the reproduction: what is computed for it, and what is said of it.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// The name used on the command line and for folders.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// The module of what is computed, by which results are known to be of the present sources; none if it tells of
    /// what others compute.
    pub experiment: Option<&'static str>,
    /// What is computed.
    pub trials: fn(Scale) -> Vec<Trial>,
    /// Other items whose results its section reads.
    pub needs: &'static [&'static str],
    /// What is said of the results.
    pub section: fn(&Record) -> Result<Section>,
}

/// All of them, in the order of the document.
pub const ITEMS: &[Item] = &[
    Item {
        name: "mnist",
        about: "MNIST 400-400-10: three readouts over the epochs, all seeds",
        experiment: Some("accuracy"),
        trials: experiment::accuracy::mnist,
        needs: &[],
        section: section::accuracy::mnist,
    },
    Item {
        name: "fashion",
        about: "Fashion-MNIST 784-400-10: the same",
        experiment: Some("accuracy"),
        trials: experiment::accuracy::fashion,
        needs: &[],
        section: section::accuracy::fashion,
    },
    Item {
        name: "exactness",
        about: "Updates compared, mismatches, faults, saturation, the two feedback matrices",
        experiment: Some("feedback"),
        trials: experiment::feedback::trials,
        needs: &["mnist", "fashion"],
        section: section::exactness::exactness,
    },
    Item {
        name: "published",
        about: "The published circuit against the sized one: phantoms, wrong updates, drift, accuracy",
        experiment: Some("published"),
        trials: experiment::published::trials,
        needs: &[],
        section: section::published::published,
    },
    Item {
        name: "ablation",
        about: "Both circuits with one part changed at a time",
        experiment: Some("ablation"),
        trials: experiment::ablation::trials,
        needs: &[],
        section: section::ablation::ablation,
    },
    Item {
        name: "forgotten-reward",
        about: "A run's last sample with its rewards and without",
        experiment: Some("forgotten"),
        trials: experiment::forgotten::trials,
        needs: &[],
        section: section::forgotten::forgotten,
    },
    Item {
        name: "restart",
        about: "The authors' loop, which restarts for every epoch, against running through",
        experiment: Some("restart"),
        trials: experiment::restart::trials,
        needs: &["mnist"],
        section: section::restart::restart,
    },
    Item {
        name: "numpy",
        about: "The authors' NumPy arithmetic: divergence and collapse against the circuit's",
        experiment: Some("numpy"),
        trials: experiment::numpy::trials,
        needs: &["mnist"],
        section: section::numpy::numpy,
    },
    Item {
        name: "sensitivity",
        about: "Hidden sizes, input thresholds, initial weights, order, error threshold",
        experiment: Some("sensitivity"),
        trials: experiment::sensitivity::trials,
        needs: &[],
        section: section::sensitivity::sensitivity,
    },
    Item {
        name: "phases",
        about: "Who spikes in which phase, and two samples spike by spike",
        experiment: Some("phases"),
        trials: experiment::phases::trials,
        needs: &[],
        section: section::phases::phases,
    },
    Item {
        name: "sparsity",
        about: "Spikes and synaptic operations by layer and phase over training",
        experiment: Some("sparsity"),
        trials: experiment::sparsity::trials,
        needs: &[],
        section: section::sparsity::sparsity,
    },
    Item {
        name: "cost",
        about: "Energy and time on the chip, estimated, beside the measured ones",
        experiment: Some("cost"),
        trials: experiment::cost::trials,
        needs: &[],
        section: section::cost::cost,
    },
    Item {
        name: "table-1",
        about: "Table 1 of the paper with our row",
        experiment: None,
        trials: |_| Vec::new(),
        needs: &["mnist", "cost"],
        section: section::table_1::table_1,
    },
];
