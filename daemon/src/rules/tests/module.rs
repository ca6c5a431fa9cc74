//! Plugins made by hand, instruction by instruction, as no SDK would build them.

use std::sync::LazyLock;
use wasm_encoder::{
    Alias, BlockType, CodeSection, ComponentAliasSection, ComponentSection as _, ConstExpr, DataSection, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, InstanceSection, InstructionSink, MemArg,
    MemorySection, MemoryType, Module, ModuleArg, ModuleSection, RefType, TableSection, TableType, TypeSection,
    ValType,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldId};

/// A subject with this `as-of` or a later one is harmed; how many seconds later it is gives the [`AMOUNT`].
pub(super) const HARM_AT: i64 = 666;
/// What the plugin answers about every other subject.
pub(super) const RISK_BP: i32 = 1_234;

/// Addresses of the manifest and of what `configure` and `assess` return.
const MANIFEST: u32 = 1_024;
const CONFIGURED: u32 = 1_152;
const ANSWER: u32 = 1_280;
const TEXTS: u32 = 2_048;
/// The address from which memory is free.
pub(super) const HEAP: i32 = 65_536;

/// Bytes of a subject and of an assessment in the contract's memory layout.
const SUBJECT_BYTES: i32 = 152;
const ASSESSMENT_BYTES: i32 = 24;
/// Offsets of an assessment's case, its risk (or message) and its findings.
pub(super) const CASE: u64 = 0;
pub(super) const RISK: u64 = 4;
pub(super) const CONFIDENCE: u64 = 8;
pub(super) const FINDINGS: u64 = 16;
pub(super) const FINDINGS_COUNT: u64 = 20;

/// The local that points to the assessment of the current subject.
pub(super) const ASSESSMENT: u32 = 4;
/// The local with the amount of harm.
pub(super) const AMOUNT: u32 = 5;
/// The function that calls itself, as often as its parameter says.
const RECURSE: u32 = 4;

/// What a plugin does.
pub(super) struct Behaviour {
    /// What it does on subjects from [`HARM_AT`] on, after their answer was written.
    pub(super) harm: fn(&mut InstructionSink<'_>),
    /// What it does in `configure`.
    pub(super) configure: fn(&mut InstructionSink<'_>),
    /// How many assessments it returns beyond one for each subject.
    pub(super) surplus: i32,
    /// Pages of memory at the start.
    pub(super) pages: u64,
    /// Elements of its table at the start.
    pub(super) elements: u64,
    /// The kind that it declares to read.
    pub(super) kind: Option<&'static str>,
}

/// Does nothing of its own.
pub(super) const HARMLESS: Behaviour =
    Behaviour { harm: |_| {}, configure: |_| {}, surplus: 0, pages: PAGES, elements: 0, kind: None };
/// Pages of memory that suffice for the tests' batches.
pub(super) const PAGES: u64 = 16;

pub(super) fn at(offset: u64) -> MemArg {
    MemArg { offset, align: 2, memory_index: 0 }
}

/// Overwrites a word of the answer.
pub(super) fn answer(code: &mut InstructionSink<'_>, offset: u64, value: i32) {
    code.local_get(ASSESSMENT).i32_const(value).i32_store(at(offset));
}

/// Calls a function that calls itself [`AMOUNT`] times.
pub(super) fn recurse(code: &mut InstructionSink<'_>) {
    code.local_get(AMOUNT).call(RECURSE);
}

/// A loop of [`AMOUNT`] rounds, at least one.
pub(super) fn burn(code: &mut InstructionSink<'_>) {
    code.loop_(BlockType::Empty).local_get(AMOUNT).i32_const(1).i32_sub().local_tee(AMOUNT);
    code.i32_const(0).i32_gt_s().br_if(0).end();
}

/// `component` with `more` core instances, each with so many tables and memories.
pub(super) fn with_instances(mut component: Vec<u8>, more: u32, tables: u32, memories: u32) -> Vec<u8> {
    let (mut all_tables, mut all_memories) = (TableSection::new(), MemorySection::new());
    for _ in 0..tables {
        all_tables.table(table(1));
    }
    for _ in 0..memories {
        all_memories.memory(memory(1));
    }
    let mut module = Module::new();
    module.section(&all_tables).section(&all_memories);
    ModuleSection(&module).append_to_component(&mut component);
    let mut instances = InstanceSection::new();
    for _ in 0..more {
        // The plugin itself is module 0.
        instances.instantiate::<_, &str>(1, [] as [(&str, ModuleArg); 0]);
    }
    instances.append_to_component(&mut component);
    component
}

/// `component` with `more` aliases of its memory.
pub(super) fn with_aliases(mut component: Vec<u8>, more: u32) -> Vec<u8> {
    let mut aliases = ComponentAliasSection::new();
    for _ in 0..more {
        // The plugin itself is instance 0.
        aliases.alias(Alias::CoreInstanceExport { instance: 0, kind: ExportKind::Memory, name: "memory" });
    }
    aliases.append_to_component(&mut component);
    component
}

/// A component that exports nothing, with a module that no compiler would take.
pub(super) fn senseless_component() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let (mut functions, mut code, mut body) = (FunctionSection::new(), CodeSection::new(), Function::new([]));
    functions.function(0);
    body.instructions().i32_add().end();
    code.function(&body);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    let mut component = wasm_encoder::Component::new();
    component.section(&ModuleSection(&module));
    component.finish()
}

fn table(minimum: u64) -> TableType {
    TableType { element_type: RefType::FUNCREF, table64: false, minimum, maximum: None, shared: false }
}

fn memory(minimum: u64) -> MemoryType {
    MemoryType { minimum, maximum: None, memory64: false, shared: false, page_size_log2: None }
}

/// Overwrites a word of the answer with what `value` leaves on the stack.
pub(super) fn answer_with(code: &mut InstructionSink<'_>, offset: u64, value: fn(&mut InstructionSink<'_>)) {
    code.local_get(ASSESSMENT);
    value(code);
    code.i32_store(at(offset));
}

/// The contract, with its world.
pub(super) static CONTRACT: LazyLock<(Resolve, WorldId)> = LazyLock::new(|| contract(TEXT));

/// The first contract: without the kinds that came after `declared`.
static FIRST_CONTRACT: LazyLock<(Resolve, WorldId)> = LazyLock::new(|| {
    let (before, rest) = TEXT.split_once("        declared(declared),\n").expect("the case");
    let (_, after) = rest.split_once("    }\n").expect("the end of `claims`");
    contract(&format!("{before}        declared(declared),\n    }}\n{after}"))
});

const TEXT: &str = include_str!("../../../../plugins/wit/1.0.0/rule.wit");

fn contract(text: &str) -> (Resolve, WorldId) {
    let mut wit = Resolve::default();
    let package = wit.push_str("rule.wit", text).expect("the contract");
    let world = wit.select_world(&[package], Some("rule")).expect("the world");
    (wit, world)
}

/// The component of a plugin with this behaviour, named `harm`.
pub(super) fn component(behaviour: &Behaviour) -> Vec<u8> {
    componentised(core_module(behaviour))
}

/// The component of a core module with the functions of the contract.
pub(super) fn componentised(module: Module) -> Vec<u8> {
    componentised_as(module, &CONTRACT)
}

/// The component of a plugin with this behaviour that was built when the contract had its first kinds.
pub(super) fn first_component(behaviour: &Behaviour) -> Vec<u8> {
    componentised_as(core_module(behaviour), &FIRST_CONTRACT)
}

fn componentised_as(module: Module, (wit, world): &(Resolve, WorldId)) -> Vec<u8> {
    let mut module = module.finish();
    embed_component_metadata(&mut module, wit, *world, StringEncoding::UTF8).expect("metadata");
    lift(&module)
}

/// A component of no world at all.
pub(super) fn empty_component() -> Vec<u8> {
    wasm_encoder::Component::new().finish()
}

/// A component that imports an instance.
pub(super) fn importing_component() -> Vec<u8> {
    use wasm_encoder::{Component, ComponentImportSection, ComponentTypeRef, ComponentTypeSection, InstanceType};
    let mut types = ComponentTypeSection::new();
    types.instance(&InstanceType::new());
    let mut imports = ComponentImportSection::new();
    imports.import("wasi:clocks/wall-clock@0.2.0", ComponentTypeRef::Instance(0));
    let mut component = Component::new();
    component.section(&types).section(&imports);
    component.finish()
}

fn lift(module: &[u8]) -> Vec<u8> {
    ComponentEncoder::default().validate(true).module(module).expect("a module").encode().expect("a component")
}

/// Functions, in order: realloc, describe, configure, assess, and the one that calls itself.
pub(super) fn core_module(behaviour: &Behaviour) -> Module {
    let i32s = |count: usize| vec![ValType::I32; count];
    let mut types = TypeSection::new();
    types.ty().function(i32s(4), i32s(1));
    types.ty().function(i32s(0), i32s(1));
    types.ty().function(i32s(2), i32s(1));
    types.ty().function(i32s(1), i32s(0));
    let mut functions = FunctionSection::new();
    for function_type in [0, 1, 2, 2, 3] {
        functions.function(function_type);
    }
    let mut memories = MemorySection::new();
    memories.memory(memory(behaviour.pages));
    let mut tables = TableSection::new();
    tables.table(table(behaviour.elements));
    let mut globals = GlobalSection::new();
    globals.global(GlobalType { val_type: ValType::I32, mutable: true, shared: false }, &ConstExpr::i32_const(HEAP));
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export("cabi_realloc", ExportKind::Func, 0);
    for (name, function) in [("describe", 1), ("configure", 2), ("assess", 3)] {
        exports.export(&format!("tierwatch:rule/plugin@1.0.0#{name}"), ExportKind::Func, function);
    }
    let mut code = CodeSection::new();
    code.function(&realloc());
    code.function(&pointer(MANIFEST, |_| {}));
    code.function(&pointer(CONFIGURED, behaviour.configure));
    code.function(&assess(behaviour));
    let mut itself = Function::new([]);
    itself.instructions().local_get(0).if_(BlockType::Empty);
    itself.instructions().local_get(0).i32_const(1).i32_sub().call(RECURSE).end().end();
    code.function(&itself);
    let mut data = DataSection::new();
    let (manifest, texts) = manifest(behaviour.kind);
    data.active(0, &ConstExpr::i32_const(MANIFEST.cast_signed()), manifest);
    data.active(0, &ConstExpr::i32_const(TEXTS.cast_signed()), texts);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&tables).section(&memories).section(&globals);
    module.section(&exports);
    module.section(&code).section(&data);
    module
}

/// Allocates upwards and grows the memory as needed.
fn realloc() -> Function {
    let mut function = Function::new([(1, ValType::I32)]);
    function
        .instructions()
        .global_get(0)
        .i32_const(7)
        .i32_add()
        .i32_const(-8)
        .i32_and()
        .local_tee(4)
        .local_get(3)
        .i32_add()
        .global_set(0)
        .loop_(BlockType::Empty)
        .global_get(0)
        .memory_size(0)
        .i32_const(16)
        .i32_shl()
        .i32_gt_u()
        .if_(BlockType::Empty)
        .i32_const(1)
        .memory_grow(0)
        .i32_const(0)
        .i32_lt_s()
        .if_(BlockType::Empty)
        .unreachable()
        .end()
        .br(1)
        .end()
        .end()
        .local_get(4)
        .end();
    function
}

fn pointer(to: u32, before: fn(&mut InstructionSink<'_>)) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    before(&mut code);
    code.i32_const(to.cast_signed()).end();
    function
}

/// Locals: subjects, how many, index, answers, the current answer, the amount of harm.
fn assess(behaviour: &Behaviour) -> Function {
    let mut function = Function::new([(4, ValType::I32)]);
    let mut code = function.instructions();
    code.i32_const(0).i32_const(0).i32_const(8);
    code.local_get(1).i32_const(1).i32_add().i32_const(ASSESSMENT_BYTES).i32_mul().call(0).local_set(3);
    code.block(BlockType::Empty).loop_(BlockType::Empty);
    code.local_get(2).local_get(1).i32_ge_u().br_if(1);
    code.local_get(2).i32_const(ASSESSMENT_BYTES).i32_mul().local_get(3).i32_add().local_set(ASSESSMENT);
    answer(&mut code, CASE, 0);
    answer(&mut code, RISK, RISK_BP);
    answer(&mut code, CONFIDENCE, 0);
    answer(&mut code, FINDINGS, 0);
    answer(&mut code, FINDINGS_COUNT, 0);
    code.local_get(2).i32_const(SUBJECT_BYTES).i32_mul().local_get(0).i32_add();
    code.i64_load(MemArg { offset: 0, align: 3, memory_index: 0 }).i64_const(HARM_AT).i64_sub().i32_wrap_i64();
    code.local_tee(AMOUNT).i32_const(0).i32_ge_s().if_(BlockType::Empty);
    (behaviour.harm)(&mut code);
    code.end();
    code.local_get(2).i32_const(1).i32_add().local_set(2).br(0).end().end();
    code.i32_const(ANSWER.cast_signed()).local_get(3).i32_store(at(0));
    code.i32_const(ANSWER.cast_signed()).local_get(1).i32_const(behaviour.surplus).i32_add().i32_store(at(4));
    code.i32_const(ANSWER.cast_signed()).end();
    function
}

/// The manifest's record and the texts that it points to.
fn manifest(kind: Option<&str>) -> (Vec<u8>, Vec<u8>) {
    let (mut record, mut texts) = (Vec::new(), Vec::new());
    let mut text = |text: &[u8]| -> Vec<u8> {
        let start = TEXTS + u32::try_from(texts.len()).expect("a short text");
        texts.extend_from_slice(text);
        [start.to_le_bytes(), u32::try_from(text.len()).expect("a short text").to_le_bytes()].concat()
    };
    for each in ["harm", "1.0.0", "test", "Does harm."] {
        record.extend(text(each.as_bytes()));
    }
    let none = [MANIFEST.to_le_bytes(), 0_u32.to_le_bytes()].concat();
    match kind {
        None => record.extend(&none),
        Some(kind) => {
            // A list of one, which is right behind its text.
            let name = text(kind.as_bytes());
            texts.resize(texts.len().next_multiple_of(4), 0);
            let start = TEXTS + u32::try_from(texts.len()).expect("a short text");
            texts.extend(name);
            record.extend([start.to_le_bytes(), 1_u32.to_le_bytes()].concat());
        }
    }
    let mut text = |text: &[u8]| -> Vec<u8> {
        let start = TEXTS + u32::try_from(texts.len()).expect("a short text");
        texts.extend_from_slice(text);
        [start.to_le_bytes(), u32::try_from(text.len()).expect("a short text").to_le_bytes()].concat()
    };
    // One fact: `requirement`, which is 0.
    record.extend(text(&[0]));
    record.extend(text(b"{}"));
    // Two messages: code, text and no remedy. The second takes an argument.
    let mut messages = Vec::new();
    for (code, said) in [("SAID", "It said so."), ("TOLD", "It told {0}.")] {
        messages.extend([text(code.as_bytes()), text(said.as_bytes()), none.clone()].concat());
    }
    texts.resize(texts.len().next_multiple_of(4), 0);
    let start = TEXTS + u32::try_from(texts.len()).expect("a short text");
    texts.extend(messages);
    record.extend([start.to_le_bytes(), 2_u32.to_le_bytes()].concat());
    (record, texts)
}
