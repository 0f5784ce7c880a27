//! A second, deliberately naive implementation: dense matrices of `i64`, one formula per clause,
//! no lists, no shortcuts. It shares nothing with the crate but the description of a network.

use synfire_reference::{Matrix, Shape, Variant, Weights};

pub(crate) type Dense = Vec<Vec<i64>>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Naive {
    sizes: Vec<usize>,
    theta: Vec<i64>,
    min: i64,
    max: i64,
    step: i64,
    variant: Variant,
    /// `w[l][source][target]`, layer `l` to `l + 1`.
    pub(crate) w: Vec<Dense>,
    /// `fp[k][source][target]`, layer `k + 2` to `k + 1`.
    pub(crate) fp: Vec<Dense>,
    pub(crate) fm: Vec<Dense>,
}

/// Everything about one sample, indexed by layer; entry 0 is the input and mostly empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) z: Vec<Vec<i64>>,
    pub(crate) active: Vec<Vec<bool>>,
    pub(crate) gate: Vec<Vec<bool>>,
    pub(crate) e_plus: Vec<Vec<i64>>,
    pub(crate) e_minus: Vec<Vec<i64>>,
    pub(crate) d_plus: Vec<Vec<bool>>,
    pub(crate) d_minus: Vec<Vec<bool>>,
    pub(crate) n_updates: u64,
}

pub(crate) fn dense(matrix: &Matrix) -> Dense {
    (0..matrix.n_sources())
        .map(|source| matrix.row(source).iter().map(|&w| i64::from(w)).collect())
        .collect()
}

impl Naive {
    pub(crate) fn new(shape: &Shape, weights: &Weights) -> Naive {
        let limits = shape.limits();
        Naive {
            sizes: shape.sizes().to_vec(),
            theta: (0..shape.n_layers()).map(|l| i64::from(shape.error_threshold(l))).collect(),
            min: limits.min().into(),
            max: limits.max().into(),
            step: limits.step().into(),
            variant: shape.variant(),
            w: weights.forward().iter().map(dense).collect(),
            fp: weights.feedback_plus().iter().map(dense).collect(),
            fm: weights.feedback_minus().iter().map(dense).collect(),
        }
    }

    pub(crate) fn learn(&mut self, input: &[u32], class: usize) -> Trace {
        let n_layers = self.sizes.len();
        let top = n_layers - 1;
        let empty = |layer: usize| vec![false; self.sizes[layer]];
        let zeros = |layer: usize| vec![0; self.sizes[layer]];
        let mut t = Trace {
            z: (0..n_layers).map(zeros).collect(),
            active: (0..n_layers).map(empty).collect(),
            gate: (0..n_layers).map(empty).collect(),
            e_plus: (0..n_layers).map(zeros).collect(),
            e_minus: (0..n_layers).map(zeros).collect(),
            d_plus: (0..n_layers).map(empty).collect(),
            d_minus: (0..n_layers).map(empty).collect(),
            n_updates: 0,
        };
        for &neuron in input {
            t.active[0][neuron as usize] = true;
        }
        let is_high = |z: i64| match self.variant {
            Variant::Circuit => z > 1024,
            Variant::LanlNumpy => z >= 1024,
        };
        for l in 1..n_layers {
            for j in 0..self.sizes[l] {
                let z = (0..self.sizes[l - 1])
                    .map(|i| i64::from(t.active[l - 1][i]) * self.w[l - 1][i][j])
                    .sum();
                t.z[l][j] = z;
                t.active[l][j] = z > 512;
                t.gate[l][j] = z > 0 && !is_high(z);
            }
        }
        for j in 0..self.sizes[top] {
            let (o, target, z) = (t.active[top][j], j == class, t.z[top][j]);
            t.d_plus[top][j] = target && !o && z > 0;
            t.d_minus[top][j] = o && !target && !is_high(z);
        }
        if self.variant == Variant::LanlNumpy {
            self.update(&mut t, top);
        }
        for l in (1..top).rev() {
            for i in 0..self.sizes[l] {
                let (mut e_plus, mut e_minus) = (0, 0);
                for j in 0..self.sizes[l + 1] {
                    let (fp, fm) = match self.variant {
                        Variant::Circuit => (self.fp[l - 1][j][i], self.fm[l - 1][j][i]),
                        // One matrix, the forward one, already updated.
                        Variant::LanlNumpy => (self.w[l][i][j], -self.w[l][i][j]),
                    };
                    let (plus, minus) = (t.d_plus[l + 1][j], t.d_minus[l + 1][j]);
                    e_plus += i64::from(plus) * fp + i64::from(minus) * fm;
                    e_minus += i64::from(minus) * fp + i64::from(plus) * fm;
                }
                t.e_plus[l][i] = e_plus;
                t.e_minus[l][i] = e_minus;
                t.d_plus[l][i] = t.gate[l][i] && e_plus > self.theta[l];
                t.d_minus[l][i] = t.gate[l][i] && e_minus > self.theta[l];
            }
            if self.variant == Variant::LanlNumpy {
                self.update(&mut t, l);
            }
        }
        if self.variant == Variant::Circuit {
            for l in 1..n_layers {
                self.update(&mut t, l);
            }
        }
        t
    }

    fn update(&mut self, t: &mut Trace, l: usize) {
        let (min, max, step) = (self.min, self.max, self.step);
        for i in 0..self.sizes[l - 1] {
            for j in 0..self.sizes[l] {
                let up = step * i64::from(t.active[l - 1][i] && t.d_plus[l][j]);
                let down = step * i64::from(t.active[l - 1][i] && t.d_minus[l][j]);
                t.n_updates += u64::from(up > 0) + u64::from(down > 0);
                let change = |w: &mut i64, first: i64, then: i64| {
                    *w = (*w + first).clamp(min, max);
                    *w = (*w + then).clamp(min, max);
                };
                change(&mut self.w[l - 1][i][j], up, -down);
                if l > 1 {
                    change(&mut self.fp[l - 2][j][i], up, -down);
                    change(&mut self.fm[l - 2][j][i], down, -up);
                }
            }
        }
    }
}
