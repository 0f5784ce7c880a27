//! Who spiked in the last steps: packed sets of neurons, a few per layer.
//!
//! A set has a bit per neuron, neuron k in bit k mod 64 of word k / 64; bits beyond the layer are 0. The sets of all
//! layers lie in one array, so that input can refer to one by its place: it stays there until all input made of it has
//! been taken, and as long as it holds its neurons after their spikes.

use synfire_net::LayerId;

/// The sets of all layers.
#[derive(Clone, Debug)]
pub(crate) struct Fired {
    words: Vec<u64>,
    layers: Vec<Slots>,
}

/// The sets of one layer.
#[derive(Clone, Copy, Debug)]
struct Slots {
    /// The first word of the first set.
    start: u32,
    /// Words of a set.
    n_words: u32,
    /// Number of sets, a power of two, less one. The set of step t has place t mod their number.
    mask: u32,
    /// Neurons of the last set.
    n_fired: u32,
    /// The step of the last set; 0 before the first.
    last: u64,
    /// Bit k: there is a set of the step k before the last.
    recent: u64,
    n_neurons: u32,
}

/// The neurons that spiked in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Set<'a> {
    /// None at all if nobody spiked.
    words: &'a [u64],
    n_fired: usize,
}

impl Fired {
    /// For layers of so many neurons, of which so many sets are kept.
    pub(crate) fn new(layers: impl Iterator<Item = (u32, u64)>) -> Self {
        let mut fired = Self { words: Vec::new(), layers: Vec::new() };
        for (n_neurons, n_sets) in layers {
            let n_words = n_neurons.div_ceil(64);
            let n_sets = n_sets.next_power_of_two();
            let start = fired.words.len();
            #[expect(clippy::cast_possible_truncation, reason = "at most 128")]
            let n_sets = n_sets as u32;
            fired.words.resize(start + (n_sets * n_words) as usize, 0);
            // A network whose sets did not fit 32 bits would have 10^9 neurons.
            let start = u32::try_from(start).unwrap_or(u32::MAX);
            let mask = n_sets - 1;
            fired.layers.push(Slots {
                start,
                n_words,
                mask,
                n_fired: 0,
                last: 0,
                recent: 0,
                n_neurons,
            });
        }
        fired
    }

    /// Words of a set that a place refers to, for a layer of so many neurons.
    #[inline(always)]
    pub(crate) fn words_at(&self, place: u32, n_neurons: usize) -> &[u64] {
        &self.words[place as usize..][..n_neurons.div_ceil(64)]
    }

    /// Whether anyone of a layer spiked in `step`, the last one.
    #[inline(always)]
    pub(crate) fn has_any(&self, layer: LayerId, step: u64) -> bool {
        let slots = &self.layers[layer.index()];
        slots.last == step && slots.n_fired > 0
    }

    /// Who of a layer spiked in `step`, the last one.
    #[inline(always)]
    pub(crate) fn at(&self, layer: LayerId, step: u64) -> Set<'_> {
        let slots = &self.layers[layer.index()];
        if slots.last == step && slots.n_fired > 0 {
            let start = slots.place(step);
            let words = &self.words[start..start + slots.n_words as usize];
            Set { words, n_fired: slots.n_fired as usize }
        } else {
            Set { words: &[], n_fired: 0 }
        }
    }

    /// Where the last set of a layer is, to refer to it.
    #[expect(clippy::cast_possible_truncation, reason = "see `new`")]
    #[inline(always)]
    pub(crate) fn place(&self, layer: LayerId) -> u32 {
        let slots = &self.layers[layer.index()];
        slots.place(slots.last) as u32
    }

    /// Notes who of a layer spiked in `step`, at least one neuron of `n_fired`.
    #[inline(always)]
    pub(crate) fn note(&mut self, layer: LayerId, step: u64, words: &[u64], n_fired: u32) {
        let slots = &mut self.layers[layer.index()];
        slots.open(step);
        slots.n_fired = n_fired;
        let start = slots.place(step);
        for (noted, &word) in self.words[start..].iter_mut().zip(words) {
            *noted = word;
        }
    }

    /// Notes sources that spiked in `step`, each once.
    #[inline(always)]
    pub(crate) fn note_sources(
        &mut self,
        layer: LayerId,
        step: u64,
        sources: impl ExactSizeIterator<Item = u32>,
    ) {
        let slots = &mut self.layers[layer.index()];
        slots.open(step);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a layer's neurons have 32-bit numbers"
        )]
        let n_fired = sources.len() as u32;
        slots.n_fired = n_fired;
        let start = slots.place(step);
        let words = &mut self.words[start..start + slots.n_words as usize];
        words.fill(0);
        for source in sources {
            words[source as usize / 64] |= 1 << (source % 64);
        }
    }

    /// Adds a neuron to those who spiked in `step`; one that does not exist, or is there already, changes nothing.
    /// Says whether it was added.
    pub(crate) fn insert(&mut self, layer: LayerId, step: u64, neuron: u32) -> bool {
        let slots = &mut self.layers[layer.index()];
        if neuron >= slots.n_neurons {
            return false;
        }
        let start = slots.place(step);
        if slots.last != step {
            slots.open(step);
            slots.n_fired = 0;
            self.words[start..start + slots.n_words as usize].fill(0);
        }
        let word = &mut self.words[start + neuron as usize / 64];
        let bit = 1 << (neuron % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        slots.n_fired += u32::from(is_new);
        is_new
    }

    /// Removes a neuron from those who spiked in `step`; says whether it was there.
    pub(crate) fn remove(&mut self, layer: LayerId, step: u64, neuron: u32) -> bool {
        let is_there = self.at(layer, step).has(neuron as usize);
        if is_there {
            let slots = &mut self.layers[layer.index()];
            slots.n_fired -= 1;
            let start = slots.place(step);
            self.words[start + neuron as usize / 64] &= !(1 << (neuron % 64));
        }
        is_there
    }

    /// Forgets all sets: nobody spiked so far.
    pub(crate) fn forget(&mut self) {
        for slots in &mut self.layers {
            (slots.n_fired, slots.last, slots.recent) = (0, 0, 0);
        }
    }

    /// The sets of a layer of the steps from `step - hold` to `step`, the last one, latest first.
    pub(crate) fn recent(
        &self,
        layer: LayerId,
        step: u64,
        hold: u64,
    ) -> impl Iterator<Item = (u64, &[u64])> {
        let slots = &self.layers[layer.index()];
        let has_set = move |&back: &u64| slots.last > back && slots.recent >> back & 1 == 1;
        let steps = (0..64).filter(has_set).map(move |back| slots.last - back);
        steps.take_while(move |&set_step| set_step + hold >= step).map(move |set_step| {
            let start = slots.place(set_step);
            (set_step, &self.words[start..start + slots.n_words as usize])
        })
    }

    /// Visits the sets of a layer from the `hold` steps before `step`, and of `step` itself if `and_now`.
    #[inline(always)]
    pub(crate) fn held(
        &self,
        layer: LayerId,
        step: u64,
        hold: u64,
        and_now: bool,
        mut visit: impl FnMut(&[u64]),
    ) {
        let slots = &self.layers[layer.index()];
        if slots.last == 0 || slots.last + hold < step {
            return;
        }
        let mut rest = slots.recent;
        while rest != 0 {
            let back = u64::from(rest.trailing_zeros());
            rest &= rest - 1;
            let Some(set_step) = slots.last.checked_sub(back).filter(|&of| of + hold >= step)
            else {
                return;
            };
            if set_step < step || and_now {
                let start = slots.place(set_step);
                visit(&self.words[start..start + slots.n_words as usize]);
            }
        }
    }
}

impl Slots {
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "below 64")]
    const fn place(&self, step: u64) -> usize {
        (self.start + (step as u32 & self.mask) * self.n_words) as usize
    }

    /// Makes `step` the last with a set.
    #[inline(always)]
    const fn open(&mut self, step: u64) {
        let passed = step - self.last;
        if passed > 0 {
            self.recent = if passed < 64 { self.recent << passed | 1 } else { 1 };
            self.last = step;
        }
    }
}

impl<'a> Set<'a> {
    /// The words; none at all if nobody spiked.
    pub(crate) const fn words(self) -> &'a [u64] {
        self.words
    }

    pub(crate) const fn len(self) -> usize {
        self.n_fired
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.n_fired == 0
    }

    pub(crate) fn has(self, neuron: usize) -> bool {
        self.words.get(neuron / 64).is_some_and(|word| word >> (neuron % 64) & 1 == 1)
    }

    /// [`Set::has`], for the scalar definitions.
    pub(crate) fn has_fn(self) -> impl Fn(u32) -> bool + use<'a> {
        move |neuron| self.has(neuron as usize)
    }

    /// Writes the neurons into `list`, ascending.
    #[inline(always)]
    pub(crate) fn list(self, list: &mut Vec<u32>) {
        list.resize(self.n_fired, 0);
        let mut places = list.iter_mut();
        for_each(self.words, |neuron| {
            if let Some(place) = places.next() {
                *place = neuron;
            }
        });
    }
}

/// Visits the set bits, ascending.
#[inline(always)]
pub(crate) fn for_each(words: &[u64], mut visit: impl FnMut(u32)) {
    for (first, &word) in (0u32..).step_by(64).zip(words) {
        let mut rest = word;
        while rest != 0 {
            visit(first + rest.trailing_zeros());
            rest &= rest - 1;
        }
    }
}

/// The bits of a layer's last word.
pub(crate) const fn last_word(n_neurons: usize) -> u64 {
    if n_neurons.is_multiple_of(64) { u64::MAX } else { (1 << (n_neurons % 64)) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synfire_net::NetworkBuilder;

    #[test]
    fn sets_hold_neurons_of_the_layer_only() {
        for n_neurons in [1, 63, 64, 65, 130] {
            let layer = NetworkBuilder::new("one layer").sources("layer", n_neurons);
            let mut fired = Fired::new(std::iter::once((n_neurons, 4)));
            assert!(fired.insert(layer, 7, n_neurons - 1));
            assert!(!fired.insert(layer, 7, n_neurons - 1));
            assert!(!fired.insert(layer, 7, n_neurons));
            assert_eq!(fired.at(layer, 7).len(), 1);
            assert!(fired.at(layer, 7).has(n_neurons as usize - 1));
            assert!(fired.at(layer, 8).is_empty() && !fired.has_any(layer, 8));
            let mut list = Vec::new();
            fired.at(layer, 7).list(&mut list);
            assert_eq!(list, [n_neurons - 1]);
            assert!(fired.remove(layer, 7, n_neurons - 1));
            assert!(!fired.remove(layer, 7, n_neurons - 1));
            assert!(!fired.has_any(layer, 7));
            fired.note_sources(layer, 8, 0..n_neurons);
            fired.at(layer, 8).list(&mut list);
            assert!(list.iter().copied().eq(0..n_neurons));
            assert_eq!(fired.at(layer, 8).words().last(), Some(&last_word(n_neurons as usize)));
        }
    }

    /// A set is found as long as it holds, wherever the ring has come to.
    #[test]
    fn sets_of_the_last_steps_are_found() {
        let layer = NetworkBuilder::new("one layer").sources("layer", 64);
        let steps = [1, 2, 5, 6, 70, 71, 134, 140];
        for hold in [0, 1, 2, 5, 62] {
            let mut fired = Fired::new(std::iter::once((64, hold + 2)));
            for step in 1..=220 {
                let mut held = 0;
                fired.held(layer, step, hold, false, |words| held |= words[0]);
                let holding = |&of: &u64| of < step && of + hold >= step;
                let expected = steps.iter().filter(|of| holding(of)).map(|of| 1 << (of % 64));
                assert_eq!(held, expected.fold(0, |set, bit: u64| set | bit), "{step} {hold}");
                if steps.contains(&step) {
                    fired.note(layer, step, &[1 << (step % 64)], 1);
                }
            }
        }
    }
}
