//! Checks what a component is made of before anything is compiled: compiling may take a minute, and what is no rule of this
//! contract is refused in the milliseconds that reading takes.

use super::{
    bindings_v1 as v1,
    limits::{MAX_DEFINITIONS, MAX_LISTED, shown},
    load_reason::LoadReason,
};
use wasmparser::{Parser, Payload};

/// How a WebAssembly file starts.
const MAGIC: &[u8; 4] = b"\0asm";
/// What follows the magic in a core module; in a component the version and layer differ.
const CORE_VERSION: &[u8; 4] = &[1, 0, 0, 0];

/// Refuses what is no component, imports anything, does not export the contract, or defines more than any rule needs.
pub(super) fn check(bytes: &[u8]) -> Result<(), LoadReason> {
    if !bytes.starts_with(MAGIC) {
        return Err(LoadReason::NotWasm);
    }
    if bytes.get(4..8) == Some(CORE_VERSION) {
        return Err(LoadReason::CoreModule);
    }
    let outline = ComponentOutline::read(bytes).map_err(|error| LoadReason::Compile(shown(error.message())))?;
    if !outline.imports.is_empty() {
        return Err(LoadReason::Imports(outline.imports));
    }
    if !outline.is_rule {
        return Err(LoadReason::World);
    }
    if outline.definitions > MAX_DEFINITIONS {
        return Err(LoadReason::Definitions(outline.definitions));
    }
    Ok(())
}

#[derive(Default)]
struct ComponentOutline {
    /// The first of the component's own imports, each in quotes.
    imports: Vec<String>,
    /// Whether it exports the contract's interface.
    is_rule: bool,
    /// What it and the components within it define.
    definitions: u64,
}

impl ComponentOutline {
    fn read(bytes: &[u8]) -> wasmparser::Result<Self> {
        let mut outline = Self::default();
        // Modules and components within the component; their imports and exports do not matter.
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(bytes) {
            let definitions = match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                    depth += 1;
                    1
                }
                Payload::End(_) => {
                    depth = depth.saturating_sub(1);
                    0
                }
                Payload::ComponentImportSection(section) => {
                    for import in section.clone().into_iter().take(if depth == 0 { MAX_LISTED } else { 0 }) {
                        outline.imports.push(format!("`{}`", shown(import?.name.name)));
                    }
                    section.count()
                }
                Payload::ComponentExportSection(section) => {
                    for export in section.clone().into_iter().take(if depth == 0 { usize::MAX } else { 0 }) {
                        outline.is_rule |= export?.name.name == v1::INTERFACE;
                    }
                    section.count()
                }
                Payload::ComponentAliasSection(section) => section.count(),
                Payload::ComponentTypeSection(section) => section.count(),
                Payload::CoreTypeSection(section) => section.count(),
                Payload::ComponentInstanceSection(section) => section.count(),
                Payload::InstanceSection(section) => section.count(),
                Payload::ComponentCanonicalSection(section) => section.count(),
                _ => 0,
            };
            outline.definitions += u64::from(definitions);
        }
        outline.imports.truncate(MAX_LISTED);
        Ok(outline)
    }
}
