//! Being built: for now the plain engine under another name.
use std::{borrow::Cow, sync::Arc};
use synfire_loihi::{PlainEngine, Program, RulesError};
use synfire_net::{
    Engine, InputSchedule, LayerId, Network, Observer, Operations, ProjectionId, Rules, Sabotage,
    StepError, Strictness, WeightsError, rule::Variable,
};

/// Instruction sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lanes {
    /// Whatever the compiler may assume.
    Baseline,
    /// x86-64-v3: AVX2.
    V3,
    /// x86-64-v4: AVX-512.
    V4,
}
impl Lanes {
    /// All that this machine has, narrowest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        vec![Self::Baseline]
    }
}
/// Deviations planted in kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelFault {
    /// Dense sums land one lane further.
    LaneOffByOne,
    /// The last row of a dense sum is left out.
    RowSkipped,
    /// Copies of a matrix share storage although their updates differ.
    CopyNotSplit,
    /// A sum of rows is used again although a weight has changed.
    StaleSum,
}
/// The engine.
#[derive(Clone, Debug)]
pub struct FastEngine {
    plain: PlainEngine,
}
impl FastEngine {
    /// An engine before its first step.
    #[must_use]
    pub fn new(program: Arc<Program>, strictness: Strictness) -> Self {
        Self { plain: PlainEngine::new(program, strictness) }
    }
    /// With a seed.
    #[must_use]
    pub fn with_seed(program: Arc<Program>, strictness: Strictness, seed: u64) -> Self {
        Self { plain: PlainEngine::with_seed(program, strictness, seed) }
    }
    /// Forces an instruction set; `None` if this machine lacks it.
    #[must_use]
    pub fn with_lanes(self, lanes: Lanes) -> Option<Self> {
        (lanes == Lanes::Baseline).then_some(self)
    }
    /// As of the plain engine.
    pub fn sabotage(&mut self, sabotage: Sabotage) {
        self.plain.sabotage(sabotage);
    }
    /// Plants a fault in a kernel.
    pub fn plant(&mut self, fault: KernelFault) {
        let _ = fault;
    }
    /// The program.
    #[must_use]
    pub fn program(&self) -> &Arc<Program> {
        self.plain.program()
    }
    /// Tags.
    #[must_use]
    pub fn tags(&self, projection: ProjectionId) -> Option<Vec<i16>> {
        self.plain.tags(projection)
    }
    /// Delays.
    #[must_use]
    pub fn delays(&self, projection: ProjectionId) -> Vec<u8> {
        self.plain.delays(projection)
    }
    /// A trace.
    #[must_use]
    pub fn trace(&self, projection: ProjectionId, variable: Variable) -> Option<Vec<u8>> {
        self.plain.trace(projection, variable)
    }
    /// Exchanges rules.
    ///
    /// # Errors
    /// As of the plain engine.
    pub fn set_rules(&mut self, projection: ProjectionId, rules: &Rules) -> Result<(), RulesError> {
        self.plain.set_rules(projection, rules)
    }
}
impl Engine for FastEngine {
    fn name(&self) -> &'static str {
        "fast"
    }
    fn network(&self) -> &Network {
        self.plain.network()
    }
    fn step(&self) -> u64 {
        self.plain.step()
    }
    fn advance(
        &mut self,
        steps: u32,
        input: &InputSchedule,
        observer: &mut dyn Observer,
    ) -> Result<(), StepError> {
        self.plain.advance(steps, input, observer)
    }
    fn currents(&self, layer: LayerId) -> Vec<i64> {
        self.plain.currents(layer)
    }
    fn voltages(&self, layer: LayerId) -> Vec<i64> {
        self.plain.voltages(layer)
    }
    fn weights(&self, projection: ProjectionId) -> Option<Cow<'_, [i16]>> {
        self.plain.weights(projection)
    }
    fn set_weights(
        &mut self,
        projection: ProjectionId,
        weights: &[i16],
    ) -> Result<(), WeightsError> {
        self.plain.set_weights(projection, weights)
    }
    fn operations(&self) -> Operations {
        self.plain.operations()
    }
}
