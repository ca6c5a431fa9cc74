//! What the simulated cluster is made of. Every name is invented; a likeness to a real one is chance.

use crate::model::claims::ClearanceLevel;

/// A programme and what it asks of its suppliers.
pub(super) struct ProgrammeSpec {
    pub(super) name: &'static str,
    pub(super) criticality: u8,
    pub(super) cyber_level: u8,
    pub(super) clearance: Option<(ClearanceLevel, u32)>,
}

/// The programmes; beyond these, a larger network repeats them with a number.
pub(super) const PROGRAMMES: &[ProgrammeSpec] = &[
    ProgrammeSpec { name: "KESTREL", criticality: 5, cyber_level: 2, clearance: Some((ClearanceLevel::GbSc, 4)) },
    ProgrammeSpec { name: "HALBERD", criticality: 4, cyber_level: 2, clearance: Some((ClearanceLevel::GbSc, 2)) },
    ProgrammeSpec { name: "LODESTAR", criticality: 4, cyber_level: 1, clearance: None },
    ProgrammeSpec { name: "TAMARISK", criticality: 3, cyber_level: 1, clearance: None },
    ProgrammeSpec { name: "QUILLON", criticality: 5, cyber_level: 2, clearance: Some((ClearanceLevel::GbSc, 4)) },
    ProgrammeSpec { name: "SALTMARSH", criticality: 2, cyber_level: 0, clearance: None },
];

/// A part, material or service with what its makers call themselves.
pub(super) struct Product {
    pub(super) item: &'static str,
    pub(super) sector: &'static str,
    pub(super) trade: &'static [&'static str],
    pub(super) approval: &'static str,
}

const fn product(
    item: &'static str,
    sector: &'static str,
    trade: &'static [&'static str],
    approval: &'static str,
) -> Product {
    Product { item, sector, trade, approval }
}

const SYSTEMS: &[&str] = &["Systems", "Aerosystems", "Defence Systems"];
const STRUCTURES: &[&str] = &["Aerostructures", "Structures"];
const ELECTRONICS: &[&str] = &["Electronics", "Microsystems", "Circuits"];
const MACHINING: &[&str] = &["Precision", "Machining", "Engineering"];
const FORGING: &[&str] = &["Forge", "Drop Forgings", "Forgings"];
const CASTING: &[&str] = &["Castings", "Foundry", "Investment Castings"];
const COMPOSITE: &[&str] = &["Composites", "Laminates"];
const SOFTWARE: &[&str] = &["Software", "Digital"];
const SECURITY: &[&str] = &["Cyber", "Secure Networks"];
const TREATMENT: &[&str] = &["Heat Treatment", "Thermal Processing"];
const FINISHING: &[&str] = &["Surface Technologies", "Plating"];
const INSPECTION: &[&str] = &["Inspection", "Metrology"];
const STOCK: &[&str] = &["Metals", "Alloys", "Stockholders"];
const CHEMICALS: &[&str] = &["Chemicals", "Coatings"];
const TOOLS: &[&str] = &["Tooling", "Gauges"];

/// What the organisations of each tier supply, tier 1 first.
pub(super) const PRODUCTS: [&[Product]; 4] = [
    &[
        product("main landing gear", "systems", SYSTEMS, "AS9100"),
        product("wing box", "aerostructures", STRUCTURES, "AS9100"),
        product("mission computer", "electronics", ELECTRONICS, "AS9100"),
        product("flight control actuation", "systems", SYSTEMS, "AS9100"),
        product("sensor turret", "electronics", ELECTRONICS, "AS9100"),
        product("ground control station", "software", SOFTWARE, "ISO 9001"),
        product("fuselage section", "aerostructures", STRUCTURES, "AS9100"),
        product("environmental control unit", "systems", SYSTEMS, "AS9100"),
    ],
    &[
        product("landing gear leg", "machining", MACHINING, "AS9100"),
        product("wing spar assembly", "aerostructures", STRUCTURES, "AS9100"),
        product("processor module", "electronics", ELECTRONICS, "IPC-A-610"),
        product("servo actuator", "systems", SYSTEMS, "AS9100"),
        product("gimbal assembly", "machining", MACHINING, "AS9100"),
        product("data link software", "software", SOFTWARE, "ISO 9001"),
        product("composite panel", "composites", COMPOSITE, "AS9100"),
        product("heat exchanger", "systems", SYSTEMS, "AS9100"),
        product("wiring harness", "electronics", ELECTRONICS, "IPC-A-620"),
        product("managed security service", "cyber", SECURITY, "ISO 27001"),
    ],
    &[
        product("landing gear forging", "forgings", FORGING, "NADCAP forging"),
        product("turbine blade casting", "castings", CASTING, "NADCAP casting"),
        product("machined bracket", "machining", MACHINING, "AS9100"),
        product("printed circuit board", "electronics", ELECTRONICS, "IPC-6012"),
        product("composite lay-up", "composites", COMPOSITE, "NADCAP composites"),
        product("heat treatment", "heat treatment", TREATMENT, "NADCAP heat treatment"),
        product("anodising and plating", "surface treatment", FINISHING, "NADCAP chemical processing"),
        product("gearbox casing casting", "castings", CASTING, "NADCAP casting"),
        product("hydraulic manifold", "machining", MACHINING, "AS9100"),
        product("non-destructive testing", "inspection", INSPECTION, "NADCAP NDT"),
        product("engine disc forging", "forgings", FORGING, "NADCAP forging"),
        product("embedded firmware", "software", SOFTWARE, "ISO 9001"),
    ],
    &[
        product("titanium billet", "materials", STOCK, "AS9120"),
        product("aluminium plate", "materials", STOCK, "AS9120"),
        product("maraging steel bar", "materials", STOCK, "AS9120"),
        product("prepreg and resin", "materials", CHEMICALS, "AS9120"),
        product("forging dies", "tooling", TOOLS, "ISO 9001"),
        product("cutting tools", "tooling", TOOLS, "ISO 9001"),
        product("semiconductor components", "electronics", ELECTRONICS, "AS6081"),
        product("plating chemicals", "materials", CHEMICALS, "ISO 9001"),
        product("calibration", "inspection", INSPECTION, "ISO 17025"),
    ],
];

/// A region, where it lies, and the corridors that its traffic takes.
pub(super) struct Region {
    pub(super) name: &'static str,
    /// The percentage of organisations that have their seat here.
    pub(super) percent: u32,
    pub(super) corridors: &'static [&'static str],
    /// Regional bodies that organisations here belong to.
    pub(super) clusters: &'static [&'static str],
    /// In millionths of a degree north.
    pub(super) latitude: i32,
    pub(super) longitude: i32,
}

const AEROSPACE_FORUM: &str = "Heart of England Aerospace Forum";
const DEFENCE_CLUSTER: &str = "Trent Valley Defence Cluster";
const CYBER_FORUM: &str = "Marches Cyber Forum";
const COMPOSITES_NETWORK: &str = "Mercia Composites Network";

/// The regional body that signs for members who have no key of their own.
pub(super) const PORTAL: &str = AEROSPACE_FORUM;

/// Where the organisations are.
pub(super) const REGIONS: &[Region] = &[
    Region {
        name: "West Midlands",
        percent: 38,
        corridors: &["M6", "M42"],
        clusters: &[AEROSPACE_FORUM, COMPOSITES_NETWORK],
        latitude: 52_480_000,
        longitude: -1_890_000,
    },
    Region {
        name: "East Midlands",
        percent: 30,
        corridors: &["M1", "A38"],
        clusters: &[AEROSPACE_FORUM, DEFENCE_CLUSTER],
        latitude: 52_920_000,
        longitude: -1_470_000,
    },
    Region {
        name: "Welsh Marches",
        percent: 8,
        corridors: &["M5"],
        clusters: &[CYBER_FORUM],
        latitude: 52_200_000,
        longitude: -2_220_000,
    },
    Region {
        name: "South West",
        percent: 8,
        corridors: &["M5", "M4"],
        clusters: &[],
        latitude: 51_450_000,
        longitude: -2_580_000,
    },
    Region {
        name: "North West",
        percent: 8,
        corridors: &["M6"],
        clusters: &[],
        latitude: 53_760_000,
        longitude: -2_700_000,
    },
    Region {
        name: "Yorkshire",
        percent: 8,
        corridors: &["M1"],
        clusters: &[],
        latitude: 53_380_000,
        longitude: -1_470_000,
    },
];

/// First parts of invented names.
pub(super) const STEMS: &[&str] = &[
    "Aller", "Bracken", "Calder", "Dunner", "Ember", "Fallow", "Gander", "Hazel", "Inker", "Kester", "Larken",
    "Mallow", "Netter", "Otter", "Pender", "Quarren", "Rasker", "Sorrel", "Tamber", "Umber", "Verrin", "Wither",
    "Yarrow", "Amble", "Burdle", "Cinder", "Draven", "Fenner", "Harrow", "Jessam", "Kindle", "Linnet",
];

/// Second parts of invented names.
pub(super) const ENDINGS: &[&str] = &[
    "wick", "holt", "combe", "thorpe", "garth", "mere", "stow", "ley", "shaw", "worth", "croft", "dene", "fell",
    "gate", "hurst", "march", "ridge", "stoke", "bourne", "cliffe",
];

/// Countries of the few organisations abroad, with the ending of a company's name there.
pub(super) const ABROAD: &[(&str, &str)] =
    &[("US", "Inc"), ("US", "Corp"), ("DE", "GmbH"), ("FR", "SAS"), ("US", "LLC")];
