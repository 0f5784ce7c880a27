//! The long end of each `--help`: examples, and what is written. A test runs every example as it stands.
//!
//! A line that begins with two spaces and `synfire` is an example, over several lines if they end in a
//! backslash; those of one text are run one after the other, in a folder with `docs` of the repository. Those
//! that need files of a data set name it. No line has more than 79 columns, so that nothing is wrapped.

/// Of `synfire --help`.
pub(crate) const SYNFIRE: &str = r"Examples:
  synfire train --samples 1000 --epochs 2
      a first look, in seconds: handwriting made by the program, learnt spike
      by spike
  synfire eval --weights runs/digits-fast-seed1/weights.npz
      how well the weights that it left answer
  synfire chip check docs/examples/gating-ring/net.toml
      whether a network of your own fits the chip

synfire COMMAND --help has examples of each command. Exit codes: 0, 1 for a
failed run or claim, for faults and for a network that is refused, 2 for a
wrong use of the options, 130 for training that was interrupted.";

/// Of `synfire train --help`.
pub(crate) const TRAIN: &str = r"Examples:
  synfire train --samples 1000 --epochs 2
      a first look, in seconds; the results go to runs/digits-fast-seed1
  synfire train --config runs/digits-fast-seed1/run.toml --out runs/again
      that run again, and the same weights
  synfire train --resume runs/digits-fast-seed1 --epochs 3
      one epoch more; without --epochs, the rest of a run that was stopped
  synfire train --dataset mnist --samples 2000 --epochs 1 --tensorboard
      the first 2000 images of MNIST; without --samples and --epochs all of
      them 60 times, as in the paper
  synfire train --engine reference --epochs 1 --seeds 1..=4
      four runs side by side without spikes, and how they scatter
  synfire train --samples 1000 --epochs 2 --out runs/lines --json
      for another program

Files, in the folder of --out:
  run.toml      every option, and what ran; --config repeats the run
  weights.npz   weights after the last epoch, for NumPy: w1, w2, w2Tp, w2Tm
  metrics.csv   a row for each epoch as it ends; replaced as a whole, so that
                tail -F follows it but may say rows twice
  events.out.tfevents.synfire
                with --tensorboard: the figures of metrics.csv, for
                tensorboard --logdir runs
  checkpoint.safetensors, checkpoint-before.safetensors
                where --resume goes on; after Ctrl-C or a crash nothing older
                than --checkpoint-minutes is lost
  seeds.csv     with --seeds, a row for each run that has ended; the files of
                each run are in the folders seed-1, seed-2 and so on

Columns of metrics.csv; shares lie between 0 and 1:
  epoch         counted from 1
  train_exact   share of training samples with all output bits right, as seen
                during the epoch
  train_binary  ... whose first active output is right
  train_potential
                ... whose largest output potential is right
  test_exact, test_binary, test_potential
                the same of the test samples, after the epoch
  error_share   share of training samples with any output error
  updates       changes asked for in w1 and w2
  saturated     weights at a limit after the epoch
  faults        faults of the engine in training
  compared      samples whose update was compared with the reference
  mismatches    of those, samples that differed, and 1 more if the weights did
                after the epoch
  seconds       time of training, without evaluation
  dead_classes  classes whose output answers hardly any test sample any more
  test_faults   faults of the engine in evaluation
  hidden_active hidden neurons active for a test sample, on average

Lines of --json, each an object whose key event says what it is; with --seeds,
the key seed says of which run:
  started       dir, epochs_done, run: what run.toml says
  epoch         the columns of metrics.csv
  notice        kind, text, epoch, sample: a fault, a mismatch, dead classes
  checkpoint    epochs_done, samples_done: up to there the run is on disk
  stopped       dir, epochs_done, samples_done, is_saved, resume: the command
                that goes on
  failed        error
  finished      the results
The last line is stopped, failed or finished.";

/// Of `synfire report --help`.
pub(crate) const REPORT: &str = r"Examples:
  synfire train --samples 1000 --epochs 2
  synfire report runs/digits-fast-seed1
      the page runs/digits-fast-seed1/report.html
  synfire train --samples 1000 --epochs 2 --seeds 1..=3
  synfire report runs/digits-fast-seeds --out seeds.html
      three runs side by side, with mean and deviation
  synfire report runs/digits-fast-seed1 runs/digits-fast-seeds/seed-2
      any runs side by side: report.html

Open the page in a browser; it is one file without anything from outside, and
it prints. What needs a data set is worked out again from weights.npz. Where
the data or the weights are missing, the page says so in that place, and a note
says what to do; the rest is written all the same.";

/// Of `synfire bundle --help`.
pub(crate) const BUNDLE: &str = r"Examples:
  synfire train --samples 300 --epochs 1 --hidden 30
  synfire bundle runs/digits-fast-seed1 --out nbp-bundle --samples 3
      the folder nbp-bundle; its README says everything
  synfire bundle check nbp-bundle
      whether it is whole and right
  synfire bundle compare nbp-bundle nbp-bundle/cases/first/spikes.csv
      where the spikes of a machine differ first, if they do

python3 nbp-bundle/reader.py runs a bundle without this program. A folder that
is there is replaced only with --overwrite, and only if it is a bundle.";

/// Of `synfire bundle check --help`.
pub(crate) const BUNDLE_CHECK: &str = r"Examples:
  synfire train --samples 300 --epochs 1 --hidden 30
  synfire bundle runs/digits-fast-seed1 --samples 2
  synfire bundle check nbp-bundle
  synfire bundle check nbp-bundle --json";

/// Of `synfire bundle compare --help`.
pub(crate) const BUNDLE_COMPARE: &str = r"Examples:
  synfire train --samples 300 --epochs 1 --hidden 30
  synfire bundle runs/digits-fast-seed1 --samples 2
  synfire bundle compare nbp-bundle nbp-bundle/cases/first/spikes.csv
  synfire bundle compare nbp-bundle nbp-bundle/cases/ties/spikes.csv \
          --case ties --weights nbp-bundle/cases/ties/changes.csv --json

Spikes, in any order; layers by our names or LANL's:
  CSV           columns step,layer,neuron or step,id
  .npz          arrays step and id; or an array for each layer, named like it,
                of shape (neurons, steps), the first column being step 1
Weights, neurons by their ids:
  CSV           pre,post,weight: as they stand after sample --after
                step,pre,post,new: every change, as in changes.csv
                sample,pre,post,new: every weight that a sample changed
  .npz          w1, w2 and, if there, w2Tp, w2Tm, after sample --after";

/// Of `synfire eval --help`.
pub(crate) const EVAL: &str = r#"Examples:
  synfire train --samples 1000 --epochs 2
  synfire eval --weights runs/digits-fast-seed1/weights.npz
      on the model of the chip, with the circuit that only answers
  synfire eval --weights runs/digits-fast-seed1/weights.npz \
          --engine reference --json
      without spikes, for another program; the same answers

A weight file may come from anywhere: np.savez("w.npz", w1=w1, w2=w2) with even
integers from -256 to 254, w1 of shape (hidden, inputs) and w2 of shape
(outputs, hidden)."#;

/// Of `synfire data --help`.
pub(crate) const DATA: &str = r"Examples:
  synfire data fetch mnist
  synfire data show mnist --out sheet.svg
      from a mirror to a look at it; each command has examples of its own";

/// Of `synfire data fetch --help`.
pub(crate) const DATA_FETCH: &str = r"Examples:
  synfire data fetch mnist
      from public mirrors to the cache folder, where every command finds it
  synfire data fetch fashion-mnist --data-dir data
      to data/fashion-mnist, for --data-dir data of the other commands
  synfire data fetch mnist --mirror http://mirror.example/mnist/
      from a server of your own, such as python3 -m http.server
  synfire data fetch mnist --check
      whether what is there is right

Names of files are those of their authors, with or without .gz. A proxy is
taken from https_proxy, http_proxy or all_proxy. Ctrl-C keeps what has come.";

/// Of `synfire data show --help`.
pub(crate) const DATA_SHOW: &str = r"Examples:
  synfire data show
      a sample of each class of digits, as text, and the figures of the set
  synfire data show mnist --out sheet.svg
      ten samples of each class of MNIST on a contact sheet
  synfire data show digits --class 7 --split test --n 3
  synfire data show digits --threshold 255 --json
      the figures for another program

A set of your own, idx:DIR or npy:DIR, is shown as the network sees it; what is
odd about it, such as a class without samples, is said.";

/// Of `synfire margin --help`.
pub(crate) const MARGIN: &str = r"Examples:
  synfire margin
      400 inputs, 400 hidden neurons and 10 outputs, as for MNIST
  synfire margin --circuit published --hidden 100
      what lacks in the circuit as published";

/// Of `synfire chip check --help`, below the form of a network.
pub(crate) const CHIP_CHECK: &str = r"Examples:
  synfire chip check docs/examples/gating-ring/net.toml --picture cores.svg
  synfire chip check docs/examples/reward/net.toml \
          --constants davies,sana-fe --json";

/// Of `synfire chip run --help`, below what can be probed.
pub(crate) const CHIP_RUN: &str = r"Examples:
  synfire chip run docs/examples/delay-pattern/net.toml --steps 660 \
          --input docs/examples/delay-pattern/input.csv --raster raster.svg
      spikes in, a picture out
  synfire chip run docs/examples/eligibility/net.toml --steps 740 \
          --input docs/examples/eligibility/input.csv \
          --probe synapse.w,synapse.t --sample-every 10 --out state
      how weights and tags change, as tables and pictures
  synfire chip run docs/examples/gating-ring/net.toml --steps 84 \
          --input docs/examples/gating-ring/input.csv \
          --spikes out.csv --layers a,b,c
      some layers only, for another program";

/// Of `synfire chip nbp --help`.
pub(crate) const CHIP_NBP: &str = r"Examples:
  synfire chip nbp --samples 5
      what a sample of the digits would cost
  synfire chip nbp --dataset mnist --samples 5 \
          --constants davies,sana-fe --picture cores.svg
      a sample of MNIST by two sets of constants, and where the circuit is on
      the chip";

/// Of `synfire completions --help`.
pub(crate) const COMPLETIONS: &str = r"Examples:
  synfire completions bash
  synfire completions zsh

Where a shell looks for them:
  bash          ~/.local/share/bash-completion/completions/synfire
  zsh           _synfire in a folder of $fpath
  fish          ~/.config/fish/completions/synfire.fish
  elvish        at the end of ~/.config/elvish/rc.elv
  powershell    at the end of the file that $PROFILE names";

/// Of `synfire man --help`.
pub(crate) const MAN: &str = r"Examples:
  synfire man chip run
      one page, for a reader such as man -l -
  synfire man --out man1
      all pages: synfire.1, synfire-train.1, synfire-chip-run.1 and so on, for
      a folder of $MANPATH";

/// Of `synfire sweep --help`.
pub(crate) const SWEEP: &str = r"Examples:
  synfire sweep plan docs/examples/sweep/sweep.toml
  synfire sweep run runs/sweep
  synfire sweep merge runs/sweep
      from a grid file to tables and a page; each command has examples of its
      own";

/// Of `synfire sweep plan --help`.
pub(crate) const SWEEP_PLAN: &str = r#"Examples:
  synfire sweep plan docs/examples/sweep/sweep.toml --dry-run
      12 small trials: two sizes, two orders, three seeds
  synfire sweep plan docs/examples/sweep/sweep.toml --out runs/mine --json
      for another program

The grid file:
  [base]              what all trials have in common: keys of a run file, see
  samples = 300       synfire train --help for their names
  epochs = 2
  [grid]              every combination of these values
  hidden = [20, 40]
  seed = "1..=3"
  [[trial]]           and these; as many tables as you like, values or lists
  hidden = 100

Seeds are a list [1, 2], a range "1..=15", or "hash": one that is made from all
other choices of the trial, so that no two trials share a random stream; "hash
1..=5" makes five for each. The same seeds for every combination, the usual
choice, let combinations be compared pair by pair: trials of one seed see their
samples in one order.

A trial is named by a hash of all its choices that have an effect on results,
with those left open filled in. So the order in the file means nothing, and a
grid that is planned again with more values keeps what is done."#;

/// Of `synfire sweep run --help`.
pub(crate) const SWEEP_RUN: &str = r"Examples:
  synfire sweep plan docs/examples/sweep/sweep.toml
  synfire sweep run runs/sweep --shard 1/3
      the first of three parts; the others may run elsewhere, with this folder
  synfire sweep run runs/sweep --threads 2
      all that is left

Each trial is a run in a folder of its own, DIR/trials/<name>, with the files
of synfire train. A run that was killed or interrupted (Ctrl-C, exit code 130)
goes on from its checkpoint when the same command is called again; finished
trials are left alone, and those that another process is at are passed by. What
comes out depends on neither shards nor threads, bit for bit. A trial that
fails is named, and the others go on.

docs/examples/sweep/sweep.sbatch runs the shards as a Slurm job array.

Lines of --json are those of synfire train --json, with the key trial where it
has seed, and
  skipped       reason: done, or busy
  finished      without trial, the last one: shard, samples, seconds, trials";

/// Of `synfire sweep merge --help`.
pub(crate) const SWEEP_MERGE: &str = r"Examples:
  synfire sweep plan docs/examples/sweep/sweep.toml
  synfire sweep run runs/sweep --shard 1/2
  synfire sweep merge runs/sweep --partial
      what is there so far; without --partial, trials that are missing are an
      error
  synfire sweep run runs/sweep --shard 2/2
  synfire sweep merge runs/sweep

Files, in the folder of the sweep; equal results give equal files, whoever
computed them:
  sweep.csv     a row for each trial: what varies, test accuracies after the
                last epoch and at the highest, what was compared
  groups.csv    a row for each group of trials that differ in their seeds only:
                means and standard deviations
  report.html   the same as a page, with curves";
