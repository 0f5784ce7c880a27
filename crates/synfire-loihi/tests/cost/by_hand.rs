//! Tiny networks whose cost was worked out on paper, from the published constants and not from the crate's.

use crate::{metered, placed};
use synfire_loihi::cost::{
    CostMeter, Counts, DAVIES_2018, LearningVisits, MeterError, Origin, SANA_FE, Tally,
};
use synfire_net::{
    Connectivity, Delay, Gating, LayerId, LearningPeriod, Network, NetworkBuilder, Neuron, Noise,
    NoiseTarget, Observer, Plasticity, Refractory, Synapse, WeightRange, Weights,
};

fn neuron(threshold: i32) -> Neuron {
    Neuron::memoryless(64 * threshold, 0, Refractory::ONE)
}

fn all_to_all(weight: i32) -> Connectivity {
    Connectivity::AllToAll { weights: Weights::Uniform(weight), delay: Delay::ZERO }
}

fn synapse(source: u32, target: u32, delay: u8) -> Synapse {
    Synapse { source, target, delay: Delay::new(delay).unwrap(), weight: 8 }
}

/// Two sources wake five neurons together; two of these reach two others, at different times.
fn relay() -> (Network, [LayerId; 3]) {
    let mut builder = NetworkBuilder::new("relay");
    let input = builder.sources("input", 2);
    let h = builder.neurons("h", 5, neuron(1024));
    let o = builder.neurons("o", 2, neuron(1024));
    builder.connect("input to h", input, h, all_to_all(600));
    let list = vec![synapse(0, 0, 0), synapse(0, 1, 2), synapse(4, 1, 1)];
    builder.connect("h to o", h, o, Connectivity::List(list));
    (builder.build().unwrap(), [input, h, o])
}

/// Five steps of it: both sources spike in step 1, all of h in step 2, and o receives in 3, 4 and 5.
fn relayed() -> Tally {
    let (network, [input, h, o]) = relay();
    // Core 0 is on the tile at (0, 0), core 9 on that at (2, 0), core 35 on that at (0, 1).
    let (program, placement) = placed(network, &[(h, &[0, 9]), (o, &[35])]);
    assert_eq!((placement.slices(h)[0].n, placement.slices(h)[1].n), (3, 2));
    let spikes = [(1, input, 0), (1, input, 1)];
    metered(&program, &placement, LearningVisits::All, 5, &spikes).tally().clone()
}

#[test]
fn operations_of_a_relay() {
    let tally = relayed();
    let found = [0, 1, 2].map(|core| tally.of_core(core));
    let expected = [
        // Four places in each of five steps; three of them active in step 2.
        Counts {
            active_updates: 3,
            inactive_updates: 17,
            spiking_updates: 3,
            synaptic_operations: 6,
            messages: 1,
            input_messages: 2,
            north_south_hops: 1,
            ..Counts::default()
        },
        Counts {
            active_updates: 2,
            inactive_updates: 18,
            spiking_updates: 2,
            synaptic_operations: 4,
            messages: 1,
            input_messages: 2,
            east_west_hops: 2,
            north_south_hops: 1,
            ..Counts::default()
        },
        Counts {
            active_updates: 3,
            inactive_updates: 17,
            synaptic_operations: 3,
            ..Counts::default()
        },
    ];
    assert_eq!(found, expected);
    assert_eq!((tally.n_steps(), tally.n_phases()), (5, 1));
    let sum: Counts = expected.iter().sum();
    assert_eq!((tally.total(), tally.of_phase(0)), (sum, sum));
    assert_eq!((tally.of_phase(1), tally.of_core(3)), Default::default());
}

#[test]
fn energy_and_time_of_a_relay() {
    let tally = relayed();
    let davies = tally.estimate(&DAVIES_2018).unwrap();
    let energies: Vec<u128> = davies.cores().iter().map(|core| core.energy_fj).collect();
    let first = 3 * 81_000 + 17 * 52_000 + 3 * 69_300 + 6 * 23_600 + 76_800 + 3 * 1_700 + 4_000;
    let second =
        2 * 81_000 + 18 * 52_000 + 2 * 69_300 + 4 * 23_600 + 76_800 + 3 * 1_700 + 2 * 3_000 + 4_000;
    let third = 3 * 81_000 + 17 * 52_000 + 3 * 23_600;
    assert_eq!(energies, [first, second, third]);
    assert_eq!(davies.energy_fj(), 4_183_100);
    // The core of three neurons is the busiest of steps 1 and 2, that of o in steps 3 to 5.
    let one = 4 * 5_300 + 6 * 3_500;
    let two = 3 * 8_400 + 5_300 + 3 * 30_000 + 7_600;
    let later = 8_400 + 3 * 5_300;
    assert_eq!(davies.time().busiest_ps, one + two + 3 * later);
    assert_eq!(davies.time().way_ps, 2_100 + 2 * 4_100 + 6_500);
    // Two of 31 parts of the way from 113 to 465 ns, as there are three tiles.
    assert_eq!(davies.time().barrier_ps, 5 * 135_710);
    assert_eq!((davies.n_tiles(), davies.n_chips()), (3, 1));
    assert_eq!(davies.time_ps(), 938_550);
    // 104 mW are 104 fJ in each picosecond.
    assert_eq!(davies.static_energy_fj(), 97_609_200);

    let sana_fe = tally.estimate(&SANA_FE).unwrap();
    let first = 3 * 72_800 + 17 * 51_200 + 3 * 69_300 + 6 * 35_500 + 76_800 + 4_200;
    let second = 2 * 72_800 + 18 * 51_200 + 2 * 69_300 + 4 * 35_500 + 76_800 + 2 * 3_000 + 4_200;
    let third = 3 * 72_800 + 17 * 51_200 + 3 * 35_500;
    let energies: Vec<u128> = sana_fe.cores().iter().map(|core| core.energy_fj).collect();
    assert_eq!(energies, [first, second, third]);
    assert_eq!(sana_fe.energy_fj(), 4_220_800);
    let one = 4 * 6_000 + 6 * 4_000;
    let two = 3 * 9_700 + 6_000 + 3 * 30_000 + 7_600;
    let later = 9_700 + 3 * 6_000;
    assert_eq!(sana_fe.time().busiest_ps, one + two + 3 * later);
    assert_eq!(sana_fe.time_ps(), 263_800 + 16_800 + 5 * 299_000);
    let busy: Vec<u128> = sana_fe.cores().iter().map(|core| core.busy_ps).collect();
    assert_eq!(busy[2], 3 * later + 2 * 4 * 6_000 + 3 * 4_000);
    let by_kind: u128 = sana_fe.operations().iter().map(|row| row.energy_fj).sum();
    assert_eq!(by_kind, sana_fe.energy_fj());

    // Five steps cost 4,220,800 fJ: two of them 1,688,320, one 844,160, and 7 of 5 more than all.
    let per = [0, 1, 2, 5, 7].map(|n| sana_fe.energy_fj_per(n));
    assert_eq!(per, [0, 844_160, 1_688_320, 4_220_800, 5_909_120]);
    assert_eq!(davies.time_ps_per(12), 2_252_520);
    assert_eq!(davies.static_energy_fj_per(5), davies.static_energy_fj());
}

/// Means are rounded to the nearest, half up: 5 steps of 4,183,100 + 3 * 52,000 ... fJ are not divisible by 7.
#[test]
fn means_are_rounded() {
    let (network, [.., h, o]) = relay();
    let (program, placement) = placed(network, &[(h, &[0, 9]), (o, &[35])]);
    let meter = metered(&program, &placement, LearningVisits::All, 7, &[]);
    let estimate = meter.tally().estimate(&DAVIES_2018).unwrap();
    // Twelve inactive places in seven steps; each step lasts 4 * 5300 + 135,710 ps.
    assert_eq!(estimate.energy_fj(), 7 * 12 * 52_000);
    assert_eq!(estimate.time_ps_per(3), 3 * 156_910);
    let odd = meter.tally().estimate(&SANA_FE).unwrap();
    assert_eq!(odd.time_ps_per(1), 323_000);
    let nothing = CostMeter::new(&program, &placement, LearningVisits::All).unwrap();
    let nothing = nothing.tally().estimate(&SANA_FE).unwrap();
    assert_eq!((nothing.energy_fj_per(9), nothing.time_ps_per(9)), (0, 0));
}

/// A plastic projection from three sources to four neurons on two cores; sources 0 and 1 spike in step 1,
/// all neurons in step 2.
fn learned(rule: &str, period: u8, visits: LearningVisits, n_steps: u32) -> Tally {
    let mut builder = NetworkBuilder::new("plastic");
    let input = builder.sources("input", 3);
    let h = builder.neurons("h", 4, neuron(100));
    let plasticity = Plasticity {
        period: LearningPeriod::new(period).unwrap(),
        ..Plasticity::new(rule.parse().unwrap(), WeightRange::MIXED)
    };
    builder.connect_plastic("w", input, h, all_to_all(60), plasticity);
    let (program, placement) = placed(builder.build().unwrap(), &[(h, &[0, 1])]);
    let spikes = [(1, input, 0), (1, input, 1)];
    let meter = metered(&program, &placement, visits, n_steps, &spikes);
    assert_eq!(meter.tally().total().spiking_updates, 4);
    meter.tally().clone()
}

#[test]
fn all_synapses_are_visited_in_every_learning() {
    for (period, n_learnings) in [(1, 5), (2, 2), (5, 1), (6, 0)] {
        let tally = learned("2*x0*y0", period, LearningVisits::All, 5);
        assert_eq!(tally.total().learning_visits, n_learnings * 12);
        assert_eq!(tally.of_core(1).learning_visits, n_learnings * 6);
    }
}

#[test]
fn a_rule_reaches_rows_columns_coincidences_or_all() {
    let rows = [
        // Sources spike in step 1, targets in step 2: never in one period of 1, always in one of 2.
        ("2*x0*y0", 1, 0),
        ("2*x0*y0", 2, 8),
        ("2*x0", 1, 8),
        ("2*y0", 1, 12),
        ("2*x0 - 2*y0", 1, 20),
        // Two of three rows and all columns meet.
        ("2*x0 - 2*y0", 2, 12),
        ("2*x0 - 2*x0*y0", 2, 8),
        // Every second learning: after step 2 and 4, or after step 4.
        ("2*u1", 1, 24),
        ("2*u1", 2, 12),
        ("2*u1*x0*y0", 2, 0),
        ("2*u0*x0*y0", 2, 8),
    ];
    for (rule, period, expected) in rows {
        let touched = learned(rule, period, LearningVisits::Touched, 5);
        let [one, two] = [0, 1].map(|core| touched.of_core(core));
        assert_eq!(one.rule_evaluations, expected / 2, "{rule}, period {period}");
        assert_eq!((one.learning_visits, two.learning_visits), (expected / 2, expected / 2));
        let all = learned(rule, period, LearningVisits::All, 5);
        assert_eq!(all.total().rule_evaluations, expected);
    }
}

/// Learning adds 120 pJ and 6.1 ns for each visit, by either set, and SANA-FE's are marked as borrowed.
#[test]
fn visits_are_priced() {
    let cost = |visits, set| {
        let estimate = learned("2*x0*y0", 1, visits, 5).estimate(&set).unwrap();
        (estimate.energy_fj(), estimate.time_ps())
    };
    for set in [DAVIES_2018, SANA_FE] {
        let (energy, time) = cost(LearningVisits::All, set);
        let (less_energy, less_time) = cost(LearningVisits::Touched, set);
        assert_eq!(energy - less_energy, 5 * 12 * 120_000);
        // Both cores have six synapses.
        assert_eq!(time - less_time, 5 * 6 * 6_100);
    }
    assert_eq!(SANA_FE.learning_visit.origin, Origin::Borrowed("davies-2018"));
}

#[test]
fn operations_belong_to_the_phase_of_their_step() {
    let mut builder = NetworkBuilder::new("phases");
    let input = builder.sources("input", 1);
    let h = builder.neurons("h", 4, neuron(1024));
    builder.connect("w", input, h, all_to_all(8));
    builder.gating(Gating { period: 3, chain: Vec::new() });
    let (program, placement) = placed(builder.build().unwrap(), &[]);
    let spikes = [(1, input, 0), (4, input, 0), (5, input, 0)];
    let meter = metered(&program, &placement, LearningVisits::All, 7, &spikes);
    let tally = meter.tally();
    assert_eq!([0, 1, 2, 3].map(|phase| tally.n_steps_of(phase)), [3, 2, 2, 0]);
    let of = |phase| {
        let counts = tally.of_phase(phase);
        assert_eq!(counts, tally.of_phase_and_core(phase, 0));
        [counts.synaptic_operations, counts.active_updates, counts.inactive_updates]
    };
    // Spikes in the phases 0, 0 and 1 arrive in the phases 1, 1 and 2.
    assert_eq!([0, 1, 2].map(of), [[8, 0, 12], [4, 8, 0], [0, 4, 4]]);
    let estimate = tally.estimate(&DAVIES_2018).unwrap();
    let energies: Vec<u128> = estimate.phases().iter().map(|phase| phase.energy_fj).collect();
    assert_eq!(energies[0], 12 * 52_000 + 8 * 23_600 + 2 * 1_700);
    assert_eq!(energies.iter().sum::<u128>(), estimate.energy_fj());
    assert_eq!(estimate.phases()[2].time.total_ps(), 4 * 8_400 + 4 * 5_300 + 2 * 113_000);
}

/// Noise keeps the compartments of its layer active, in every step.
#[test]
fn noise_is_activity() {
    let noise = Noise { target: NoiseTarget::Current, exponent: 0, mantissa_offset: 0 };
    let mut builder = NetworkBuilder::new("noise");
    let noisy = builder.neurons("noisy", 3, Neuron { noise: Some(noise), ..neuron(1024) });
    let calm = builder.neurons("calm", 3, neuron(1024));
    let network = builder.build().unwrap();
    let (program, placement) = placed(network, &[(noisy, &[4]), (calm, &[5])]);
    let meter = metered(&program, &placement, LearningVisits::All, 10, &[]);
    let updates = |core| {
        let counts = meter.tally().of_core(core);
        (counts.active_updates, counts.inactive_updates)
    };
    assert_eq!([0, 1].map(updates), [(30, 10), (0, 40)]);
}

/// A meter can begin late; what it hears of steps that are over is without effect.
#[test]
fn only_open_steps_are_heard() {
    let (network, [input, h, o]) = relay();
    let (program, placement) = placed(network, &[(h, &[0, 9]), (o, &[35])]);
    let meter = CostMeter::new(&program, &placement, LearningVisits::All).unwrap();
    let mut meter = meter.starting_at(3);
    meter.spikes(2, input, &[0]);
    meter.spikes(4, input, &[0]);
    assert_eq!(meter.tally().n_steps(), 1);
    meter.finish(4);
    meter.spikes(4, input, &[1]);
    meter.finish(2);
    let total = meter.tally().total();
    assert_eq!((meter.tally().n_steps(), total.synaptic_operations), (2, 5));
}

#[test]
fn misuse_is_refused() {
    let (network, [_, h, o]) = relay();
    let (program, placement) = placed(network, &[(h, &[0, 9]), (o, &[35])]);
    let mut other = NetworkBuilder::new("other");
    other.neurons("n", 1, neuron(1));
    let (_, elsewhere) = placed(other.build().unwrap(), &[]);
    let error = CostMeter::new(&program, &elsewhere, LearningVisits::All).unwrap_err();
    let message =
        "placement is of network `other`, expected that of the program, `relay`, and equal to it";
    assert_eq!(error.to_string(), message);
    let sets = [SANA_FE, DAVIES_2018, SANA_FE];
    let error = CostMeter::with_sets(&program, &placement, LearningVisits::All, &sets).unwrap_err();
    assert_eq!(error, MeterError::SetTwice { name: "sana-fe" });
    let meter =
        CostMeter::with_sets(&program, &placement, LearningVisits::All, &[SANA_FE]).unwrap();
    assert_eq!(meter.tally().estimate(&DAVIES_2018), None);
}

/// The text in full: what a reader sees, with the word in every line.
#[test]
fn every_line_of_the_table_says_estimate() {
    let text = relayed().estimate(&DAVIES_2018).unwrap().to_string();
    let expected = "\
estimate by davies-2018: 5 steps on 3 cores, 3 tiles, 1 chip
estimate: constants of Davies et al., IEEE Micro 38(1), 2018, Table 2 (simulated, 0.75 V), as quoted by others
estimate: learning visits every plastic synapse in every learning
estimate: active updates                       8 x   81.000 pJ =     648.000 pJ
estimate: inactive updates                    52 x   52.000 pJ =       2.704 nJ
estimate: spiking updates                      5 x   69.300 pJ =     346.500 pJ, constant borrowed from sana-fe
estimate: synaptic operations                 13 x   23.600 pJ =     306.800 pJ
estimate: learning visits                      0 x  120.000 pJ =           0 fJ
estimate: messages sent                        2 x   76.800 pJ =     153.600 pJ, constant borrowed from sana-fe
estimate: messages within a tile               6 x    1.700 pJ =      10.200 pJ
estimate: hops east-west                       2 x    3.000 pJ =       6.000 pJ
estimate: hops north-south                     2 x    4.000 pJ =       8.000 pJ
estimate: energy 4.183 nJ
estimate: time 938.550 ns, of which busiest core 243.200 ns, longest way 16.800 ns, barrier 678.550 ns
estimate: leakage 104 mW per chip, 97.609 nJ in this time, not in the energy above";
    assert_eq!(text, expected);
    assert!(text.lines().all(|line| line.starts_with("estimate")));
}
