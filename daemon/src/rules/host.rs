//! The engine that all plugins share, set up so that the same inputs give the same bytes.

use super::{
    cache::{CodeCache, CompilerAnswer},
    functions::{Functions, MAX_KEPT_BYTES},
    limits::Limits,
    watchdog::{MAX_CALLS, Watchdog},
};
use std::{path::Path, sync::Arc};
use wasmtime::{CacheStore, Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// Core instances that one component may be made of, each with one table at most: a Python rule has some dozens.
pub(super) const MAX_PARTS: u32 = 64;
/// Elements that one table may hold: a Python rule has some ten thousand functions.
pub(super) const TABLE_ELEMENTS: usize = 65_536;
/// How much of an instance's memory is zeroed and kept for the next one, in bytes; the rest goes back to the system.
/// What a batch of a built-in rule touches fits in, which saves page faults.
const KEPT_MEMORY_BYTES: usize = 512 * 1024;

/// Why there is no plugin host on this machine.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The engine does not start.
    #[error(
        "the WebAssembly engine does not start ({0}): lower `memory_mib` under [plugins.limits], or give the process more address space (`ulimit -v`)"
    )]
    Engine(String),
    /// No thread for the watchdog.
    #[error("no thread for the watchdog of rule plugins ({0}): raise the limit on processes (`ulimit -u`)")]
    Thread(std::io::Error),
}

/// Compiles and runs rule plugins. Cheap to clone; all clones share one engine.
#[derive(Clone)]
pub struct Host {
    pub(super) core: Arc<Core>,
}

/// What every plugin of a host shares.
pub(super) struct Core {
    pub(super) engine: Engine,
    pub(super) limits: Limits,
    pub(super) watchdog: Watchdog,
    pub(super) cache: Option<CodeCache>,
}

impl Host {
    /// Starts an engine with these limits.
    ///
    /// # Errors
    /// [`HostError`] when the machine gives no address space or no thread.
    pub fn new(limits: Limits) -> Result<Self, HostError> {
        Self::start(limits, None)
    }

    /// Starts an engine with these limits that keeps what it compiles.
    ///
    /// # Errors
    /// As [`Host::new`].
    pub fn with_cache(limits: Limits, cache: CodeCache) -> Result<Self, HostError> {
        Self::start(limits, Some(cache))
    }

    fn start(limits: Limits, cache: Option<CodeCache>) -> Result<Self, HostError> {
        let engine = Engine::new(&config(&limits)).map_err(|error| HostError::Engine(format!("{error:#}")))?;
        let watchdog = Watchdog::start(engine.clone()).map_err(HostError::Thread)?;
        Ok(Self { core: Arc::new(Core { engine, limits, watchdog, cache }) })
    }

    /// Compiles a component for a host of the same program with the same limits. Functions that the file `functions` holds
    /// are not compiled again; it holds the others once the returned closure has been called.
    ///
    /// # Errors
    /// When there is no engine.
    pub(crate) fn precompile(
        limits: &Limits,
        bytes: &[u8],
        functions: Option<&Path>,
    ) -> Result<(CompilerAnswer, impl FnOnce() + use<>), HostError> {
        let failed = |error: wasmtime::Error| HostError::Engine(format!("{error:#}"));
        let mut config = config(limits);
        let functions = functions.and_then(Functions::open).map(Arc::new);
        if let Some(functions) = &functions {
            config.enable_incremental_compilation(Arc::clone(functions) as Arc<dyn CacheStore>).map_err(failed)?;
        }
        let engine = Engine::new(&config).map_err(failed)?;
        let answer = match engine.precompile_component(bytes) {
            Ok(code) => CompilerAnswer::Code(code),
            Err(error) => CompilerAnswer::Refusal(error.root_cause().to_string()),
        };
        let keep = move || {
            if let Some(functions) = functions {
                functions.keep(MAX_KEPT_BYTES);
            }
        };
        Ok((answer, keep))
    }

    /// Whether this component needs no compiling, since its code is kept.
    #[must_use]
    pub(crate) fn has_code(&self, bytes: &[u8]) -> bool {
        self.core.cache.as_ref().is_some_and(|cache| cache.has(&self.core.engine, bytes))
    }

    /// The limits of every call.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.core.limits
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("limits", &self.core.limits).finish_non_exhaustive()
    }
}

fn config(limits: &Limits) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(MAX_CALLS)
        .total_core_instances(MAX_CALLS * MAX_PARTS)
        .total_memories(MAX_CALLS)
        .total_tables(MAX_CALLS * MAX_PARTS)
        .max_core_instances_per_component(MAX_PARTS)
        .max_tables_per_component(MAX_PARTS)
        .max_memories_per_component(1)
        .max_memory_size(limits.memory_bytes)
        .table_elements(TABLE_ELEMENTS)
        .linear_memory_keep_resident(KEPT_MEMORY_BYTES)
        .table_keep_resident(KEPT_MEMORY_BYTES);
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .max_wasm_stack(limits.stack_bytes)
        // Nobody reads the backtrace of a guest.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .native_unwind_info(false)
        .concurrency_support(false)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}
