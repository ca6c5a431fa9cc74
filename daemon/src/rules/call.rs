//! One call of a plugin: a fresh instance, its limits, and what ended it.

use super::{
    bindings_v1 as v1, canonical,
    host::Core,
    limits::{Limits, shown},
    watchdog::Watchdog,
};
use std::{fmt, time::Duration};
use wasmtime::{
    ResourceLimiter, Store, Trap,
    component::{ComponentExportIndex, Func, InstancePre, TypedFunc},
};

type Describe = TypedFunc<(), (v1::Manifest,)>;
type Configure<'a> = TypedFunc<(&'a str,), (Result<Option<v1::Tailored>, Vec<v1::Problem>>,)>;
/// With subjects that write themselves.
type Assess<'a> = TypedFunc<(&'a [canonical::CanonicalSubject],), (Vec<v1::Assessment>,)>;

/// A component that can be started, and where its functions are.
#[derive(Clone)]
pub(super) struct Startable {
    component: InstancePre<InstanceState>,
    describe: ComponentExportIndex,
    configure: ComponentExportIndex,
    assess: ComponentExportIndex,
}

impl Startable {
    /// Finds the contract's functions; their types are checked with each start.
    pub(super) fn new(component: InstancePre<InstanceState>) -> wasmtime::Result<Self> {
        let exports = component.component();
        let interface = v1::INTERFACE;
        let plugin = exports
            .get_export_index(None, interface)
            .ok_or_else(|| wasmtime::format_err!("no exported instance named `{interface}`"))?;
        let function = |name: &str| {
            exports
                .get_export_index(Some(&plugin), name)
                .ok_or_else(|| wasmtime::format_err!("instance export `{interface}` does not have export `{name}`"))
        };
        let (describe, configure, assess) = (function("describe")?, function("configure")?, function("assess")?);
        Ok(Self { component, describe, configure, assess })
    }
}

/// The functions of an instance.
struct InstanceFunctions {
    describe: Describe,
    configure: Func,
    assess: Func,
}

impl InstanceFunctions {
    fn of(component: &Startable, store: &mut Store<InstanceState>) -> wasmtime::Result<Self> {
        let instance = component.component.instantiate(&mut *store)?;
        Ok(Self {
            describe: instance.get_typed_func(&mut *store, component.describe)?,
            configure: *instance
                .get_typed_func::<(&str,), (Result<Option<v1::Tailored>, Vec<v1::Problem>>,)>(
                    &mut *store,
                    &component.configure,
                )?
                .func(),
            assess: *instance
                .get_typed_func::<(&[canonical::CanonicalSubject],), (Vec<v1::Assessment>,)>(
                    &mut *store,
                    &component.assess,
                )?
                .func(),
        })
    }
}

/// What an instance is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// To start.
    Start,
    /// To describe itself.
    Describe,
    /// To take its parameters.
    Configure,
    /// To assess suppliers.
    Assess,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "what runs before `describe`",
            Self::Describe => "`describe`",
            Self::Configure => "`configure`",
            Self::Assess => "`assess`, on this supplier's evidence",
        })
    }
}

/// Why a call returned nothing; the sentence ends with the fix. It is the same wherever and whenever the call is made (except
/// for the wall clock), because it becomes part of a score.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Out of fuel.
    #[error(
        "it used up its {0} units of fuel: have its author shorten the work on one supplier, or raise `fuel_per_batch` under [plugins.limits]"
    )]
    Fuel(u64),
    /// Out of fuel before it could assess.
    #[error(
        "it used up its {0} units of fuel before it was ready: have its author shorten {1}, or raise `fuel_to_start` under [plugins.limits]"
    )]
    StartFuel(u64, Call),
    /// Stopped by the watchdog.
    #[error("it ran for more than {} s: have its author look for what waits or copies without end, or raise `wall_clock_seconds` under [plugins.limits]", .0.as_secs_f64())]
    WallClock(Duration),
    /// Refused memory and gave up.
    #[error(
        "it wanted more than its {0} bytes of memory: have its author keep less at a time, or raise `memory_mib` under [plugins.limits]"
    )]
    Memory(usize),
    /// Recursion without end.
    #[error("it used up its stack: have its author bound the depth of its recursion")]
    Stack,
    /// Returned too much.
    #[error(
        "it gave back more than {0} bytes: have its author report the worst findings only, or raise `output_kib` under [plugins.limits]"
    )]
    Output(usize),
    /// Trapped, as a panic does.
    #[error("it stopped ({trap}): have its author look for a panic, an overflow or a division by zero in {call}")]
    Trap {
        /// What the engine says about it.
        trap: String,
        /// In which call it trapped.
        call: Call,
    },
    /// Returned something that the contract does not allow.
    #[error("it broke the contract ({0}): build it again with the SDK of its contract's version")]
    Contract(String),
    /// Returned too few or too many assessments.
    #[error("it gave {got} assessments for {expected} suppliers: have its author answer each supplier once, in order")]
    Count {
        /// How many it returned.
        got: usize,
        /// How many were asked.
        expected: usize,
    },
}

/// Fuel beyond the limit, whose use is an error. The engine checks fuel only at loops and calls, and stops a guest that has
/// none left. With one unit more, a guest that used exactly its limit passes, and one that used more after the last check is
/// found out because the reserve is gone.
const RESERVE: u64 = 1;

/// The data of an instance in its wasmtime store.
#[derive(Debug)]
pub(super) struct InstanceState {
    memory_limit_bytes: usize,
    memory_bytes: usize,
    memory_refused: bool,
}

impl ResourceLimiter for InstanceState {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let fits = desired <= self.memory_limit_bytes;
        self.memory_refused |= !fits;
        if fits {
            self.memory_bytes = self.memory_bytes.max(desired);
        }
        Ok(fits)
    }

    fn table_growing(&mut self, _current: usize, _desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        // The pool bounds tables.
        Ok(true)
    }
}

/// A fresh instance with its limits set for starting.
pub(super) struct Instance<'a> {
    store: Store<InstanceState>,
    functions: InstanceFunctions,
    limits: &'a Limits,
    /// Fuel set for the current call.
    fuel: u64,
}

impl<'a> Instance<'a> {
    pub(super) fn new(core: &'a Core, component: &Startable) -> Result<Self, CallError> {
        let limits = &core.limits;
        let state = InstanceState { memory_limit_bytes: limits.memory_bytes, memory_bytes: 0, memory_refused: false };
        let mut store = Store::new(&core.engine, state);
        store.limiter(|state| state);
        store.set_hostcall_fuel(limits.output_bytes);
        refuel(&mut store, limits, limits.fuel_to_start);
        match InstanceFunctions::of(component, &mut store) {
            Ok(functions) => Self { store, functions, limits, fuel: limits.fuel_to_start }.started(),
            Err(error) => Err(classify(&error, &store, limits, Call::Start)),
        }
    }

    fn started(self) -> Result<Self, CallError> {
        self.check_fuel(Call::Start).map(|()| self)
    }

    pub(super) fn describe(&mut self) -> Result<v1::Manifest, CallError> {
        let called = self.functions.describe.call(&mut self.store, ()).map(|(manifest,)| manifest);
        self.ended(called, Call::Describe)
    }

    pub(super) fn configure(
        &mut self,
        parameters: &str,
    ) -> Result<Result<Option<v1::Tailored>, Vec<v1::Problem>>, CallError> {
        #[expect(unsafe_code, reason = "how long the parameters live is part of the type")]
        // SAFETY: the function was checked for these types when the instance started.
        let configure: Configure<'_> = unsafe { TypedFunc::new_unchecked(self.functions.configure) };
        let called = configure.call(&mut self.store, (parameters,)).map(|(configured,)| configured);
        self.ended(called, Call::Configure)
    }

    /// Gives the instance fuel for a batch and assesses the batch.
    pub(super) fn assess(
        &mut self,
        subjects: &[canonical::CanonicalSubject],
    ) -> Result<Vec<v1::Assessment>, CallError> {
        self.fuel = self.limits.fuel_per_batch;
        refuel(&mut self.store, self.limits, self.fuel);
        #[expect(unsafe_code, reason = "how long the subjects live is part of the type")]
        // SAFETY: the function was checked for these types when the instance started.
        let assess: Assess<'_> = unsafe { TypedFunc::new_unchecked(self.functions.assess) };
        let called = assess.call(&mut self.store, (subjects,));
        let (assessments,) = self.ended(called, Call::Assess)?;
        if assessments.len() == subjects.len() {
            Ok(assessments)
        } else {
            Err(CallError::Count { got: assessments.len(), expected: subjects.len() })
        }
    }

    /// The same with subjects that the engine writes.
    #[cfg(test)]
    pub(super) fn assess_as_derived(&mut self, subjects: &[v1::Subject]) -> wasmtime::Result<Vec<v1::Assessment>> {
        let assess = self.functions.assess.typed::<(&[v1::Subject],), (Vec<v1::Assessment>,)>(&self.store)?;
        assess.call(&mut self.store, (subjects,)).map(|(assessments,)| assessments)
    }

    /// The fuel that the last call used, at most its limit.
    pub(super) fn fuel_used(&self) -> u64 {
        self.fuel.saturating_add(RESERVE).saturating_sub(self.fuel_left()).min(self.fuel)
    }

    /// The most linear memory that it had so far.
    pub(super) fn memory_bytes(&self) -> usize {
        self.store.data().memory_bytes
    }

    /// What is left of the fuel and the reserve.
    fn fuel_left(&self) -> u64 {
        self.store.get_fuel().unwrap_or(0)
    }

    /// The result of a call, unless it failed or used more fuel than it had.
    fn ended<T>(&self, called: wasmtime::Result<T>, call: Call) -> Result<T, CallError> {
        match called {
            Ok(answer) => self.check_fuel(call).map(|()| answer),
            Err(error) => Err(classify(&error, &self.store, self.limits, call)),
        }
    }

    fn check_fuel(&self, call: Call) -> Result<(), CallError> {
        if self.fuel_left() >= RESERVE { Ok(()) } else { Err(out_of_fuel(self.limits, call)) }
    }
}

fn refuel(store: &mut Store<InstanceState>, limits: &Limits, fuel: u64) {
    // Refused only when the engine does not count fuel, and this one does.
    let counted = store.set_fuel(fuel.saturating_add(RESERVE));
    debug_assert!(counted.is_ok());
    store.set_epoch_deadline(Watchdog::epochs(limits.wall_clock));
}

fn out_of_fuel(limits: &Limits, call: Call) -> CallError {
    match call {
        Call::Assess => CallError::Fuel(limits.fuel_per_batch),
        Call::Start | Call::Describe | Call::Configure => CallError::StartFuel(limits.fuel_to_start, call),
    }
}

fn classify(error: &wasmtime::Error, store: &Store<InstanceState>, limits: &Limits, call: Call) -> CallError {
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => out_of_fuel(limits, call),
        Some(Trap::Interrupt) => CallError::WallClock(limits.wall_clock),
        Some(Trap::StackOverflow) => CallError::Stack,
        Some(_) if store.data().memory_refused => CallError::Memory(limits.memory_bytes),
        Some(trap) => CallError::Trap { trap: trap.to_string(), call },
        None => {
            let cause = error.root_cause().to_string();
            // The engine's error for this has no public type.
            if cause.contains("fuel allocated for hostcalls") {
                CallError::Output(limits.output_bytes)
            } else {
                CallError::Contract(shown(&cause))
            }
        }
    }
}
