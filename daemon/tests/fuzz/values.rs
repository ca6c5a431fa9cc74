//! Values that a guest returns: a plugin whose memory is the input, with its manifest, its problems and its answers in it.

use super::{harness::Target, module::componentised, mutation, sandbox};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function, FunctionSection, GlobalSection,
    GlobalType, MemorySection, MemoryType, Module, TypeSection, ValType,
};

/// Addresses of the results of the contract's three functions.
const MANIFEST: u32 = 0;
const CONFIGURED: u32 = 64;
const ANSWER: u32 = 80;
/// The address at which texts and lists start.
const REST: u32 = 96;
/// Bytes of an input: the first page of memory.
const MAX_IMAGE_BYTES: usize = 65_536;
/// The address for lowered subjects: the second page and those after it.
const HEAP: i32 = 65_536;

/// A memory that is written from the front.
struct Image(Vec<u8>);

/// A pointer and a count, as a record has them.
type Listed = [u8; 8];

impl Image {
    fn new() -> Self {
        Self(vec![0; REST as usize])
    }

    fn put(&mut self, at: u32, bytes: &[u8]) {
        let at = at as usize;
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// A list of `count` elements, aligned as the widest needs.
    fn list(&mut self, count: usize, elements: &[u8]) -> Listed {
        self.0.resize(self.0.len().next_multiple_of(8), 0);
        let start = u32::try_from(self.0.len()).expect("a small image");
        self.0.extend_from_slice(elements);
        listed(start, u32::try_from(count).expect("a short list"))
    }

    fn text(&mut self, text: &str) -> Listed {
        self.list(text.len(), text.as_bytes())
    }

    /// The arguments of a message, one of each case.
    fn arguments(&mut self) -> Listed {
        let text = self.text("ready");
        let argument = |case: u8, payload: &[u8]| {
            let mut bytes = [0; 16];
            bytes[0] = case;
            bytes[8..8 + payload.len()].copy_from_slice(payload);
            bytes
        };
        let all = [
            argument(0, &text),
            argument(1, &(-5_i64).to_le_bytes()),
            argument(2, &2_500_u32.to_le_bytes()),
            argument(3, &20_000_i32.to_le_bytes()),
            argument(4, &1_778_400_000_i64.to_le_bytes()),
            argument(5, &1_u32.to_le_bytes()),
        ];
        self.list(all.len(), &all.concat())
    }

    /// A finding that names the first attestation, due on a day.
    fn finding(&mut self) -> [u8; 32] {
        let (arguments, evidence) = (self.arguments(), self.list(1, &0_u32.to_le_bytes()));
        let mut bytes = [0; 32];
        bytes[4..12].copy_from_slice(&arguments);
        bytes[12] = 3;
        bytes[16..24].copy_from_slice(&evidence);
        bytes[24] = 1;
        bytes[28..].copy_from_slice(&20_600_i32.to_le_bytes());
        bytes
    }
}

fn listed(start: u32, count: u32) -> Listed {
    let mut both = [0; 8];
    both[..4].copy_from_slice(&start.to_le_bytes());
    both[4..].copy_from_slice(&count.to_le_bytes());
    both
}

/// A rule that answers each supplier with this one of the 4 outcomes and with `findings` findings; `suppliers` is one or three.
fn image(case: u8, findings: usize, suppliers: usize) -> Vec<u8> {
    let mut image = Image::new();
    let texts = ["image", "1.0.0", "test", "Answers what it holds."].map(|text| image.text(text));
    let kinds = ["cyber.ce", "cyber.ceplus"].map(|kind| image.text(kind)).concat();
    let kinds = image.list(2, &kinds);
    let facts = image.list(4, &[0, 1, 2, 3]);
    let schema = image.text(r#"{"type": "object", "properties": {"days": {"type": "integer"}}}"#);
    let message = ["SAID", "It said {0} and {1}.", "Ask {5}."].map(|text| image.text(text)).concat();
    let messages = image.list(1, &message);
    image.put(MANIFEST, &[texts.concat(), [kinds, facts, schema, messages].concat()].concat());

    let mut assessments = Vec::new();
    for _ in 0..suppliers {
        let found: Vec<_> = (0..findings).map(|_| image.finding()).collect();
        let found = image.list(findings, &found.concat());
        let payload = match case {
            0 => [5_000_u32.to_le_bytes().as_slice(), &7_500_u32.to_le_bytes(), &[0; 4]].concat(),
            _ => [[0; 4].as_slice(), &image.arguments()].concat(),
        };
        assessments.extend([[case, 0, 0, 0].as_slice(), &payload, &found].concat());
    }
    let assessments = image.list(suppliers, &assessments);
    image.put(ANSWER, &assessments);
    image.0
}

/// The same rule, refusing its parameters.
fn refusing() -> Vec<u8> {
    let mut image = Image(image(0, 0, 1));
    let [path, message] = ["/days", "Write less."].map(|text| image.text(text));
    // It is about the whole value.
    let within = [0; 12];
    let problems = image.list(1, &[path.as_slice(), &within, &message].concat());
    image.put(CONFIGURED, &[1, 0, 0, 0]);
    image.put(CONFIGURED + 4, &problems);
    image.0
}

/// A plugin whose first page of memory is `image`.
fn plugin(image: &[u8]) -> Vec<u8> {
    let i32s = |count: usize| vec![ValType::I32; count];
    let mut types = TypeSection::new();
    types.ty().function(i32s(4), i32s(1));
    types.ty().function(i32s(0), i32s(1));
    types.ty().function(i32s(2), i32s(1));
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export("cabi_realloc", ExportKind::Func, 0);
    let mut code = CodeSection::new();
    functions.function(0);
    let mut realloc = Function::new([(1, ValType::I32)]);
    realloc.instructions().global_get(0).i32_const(7).i32_add().i32_const(-8).i32_and().local_tee(4);
    realloc.instructions().local_get(3).i32_add().global_set(0).local_get(4).end();
    code.function(&realloc);
    for (nth, (name, of_type, to)) in
        [("describe", 1, MANIFEST), ("configure", 2, CONFIGURED), ("assess", 2, ANSWER)].into_iter().enumerate()
    {
        functions.function(of_type);
        let index = u32::try_from(nth + 1).expect("few");
        exports.export(&format!("tierwatch:rule/plugin@1.0.0#{name}"), ExportKind::Func, index);
        let mut function = Function::new([]);
        function.instructions().i32_const(to.cast_signed()).end();
        code.function(&function);
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 4, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut globals = GlobalSection::new();
    globals.global(GlobalType { val_type: ValType::I32, mutable: true, shared: false }, &ConstExpr::i32_const(HEAP));
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(0), image.iter().copied().take(MAX_IMAGE_BYTES));
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories).section(&globals).section(&exports);
    module.section(&code).section(&data);
    componentised(module)
}

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<_> = (0..4).flat_map(|case| [image(case, 0, 1), image(case, 2, 1), image(case, 1, 3)]).collect();
    seeds.push(refusing());
    seeds
}

#[test]
fn what_a_guest_gives_back() {
    let target = Target { name: "values::what_a_guest_gives_back", inputs: 1_500, mutate: mutation::bytes };
    target.run(&seeds(), |image| sandbox::holds(&plugin(image)));
}

/// The seeds give the intended answers; otherwise nothing after them would be tried.
#[test]
fn the_seeds_are_answers() {
    use tierwatch::{
        case::{Case, CaseVocabulary},
        rules::{Host, Limits},
    };
    let text = "organisation = \"GB-COH:09506232\"\n[[attestations]]\nkind = \"cyber.ce\"\nissuer = \"IASME\"\ntrust = \"self\"\n\
                valid_from = 2025-05-10\nclaims = { certificate = \"CE-1\", whole_organisation = true }\n[[expected]]\n\
                as_of = 2026-05-10\noutcome = \"unknown\"\n";
    let case = Case::parse("case.toml", text, &CaseVocabulary::default()).unwrap_or_else(|wrong| panic!("{wrong}"));
    let host = Host::new(Limits::default()).expect("a host");
    let assess = |image: &[u8]| {
        let rule =
            host.load("image.wasm", &plugin(image), &serde_json::json!({})).map_err(|error| error.to_string())?;
        let subject = case.subject(case.expected[0].as_of);
        let mut assessments = rule.assess(&[subject]).assessments;
        let assessment = assessments.pop().expect("an assessment");
        Ok::<_, String>((assessment.outcome.as_str(), assessment.findings.len()))
    };
    for (case, outcome) in ["scored", "not-applicable", "unknown", "invalid"].into_iter().enumerate() {
        assert_eq!(assess(&image(u8::try_from(case).expect("few"), 2, 1)), Ok((outcome, 2)));
    }
    let refused = "plugin `image.wasm`: its parameters are refused: `/days`: Write less.: correct them in the policy";
    assert_eq!(assess(&refusing()), Err(refused.to_owned()));
}
