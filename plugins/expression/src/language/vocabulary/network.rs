//! What the supply network says, one record a part.

use super::{
    super::{
        types::{Base, Type},
        value::{Item, Value},
    },
    CLASS, CLEARANCE_LEVEL, Field, Get, Record, int, names, number, optional,
};

record! {
    /// What is required.
    REQUIREMENT = "requirement" false {
        "cyber_level": optional(Base::Int), Item::Requirement(it) => Value::of(it.cyber_level, number), "Cyber Security Model, 0 to 3";
        "cmmc_level": optional(Base::Int), Item::Requirement(it) => Value::of(it.cmmc_level, number), "1 to 3";
        "gb_clearance": optional(Base::Record(&CLEARANCE)),
            Item::Requirement(it) => Value::of(it.gb_clearance.as_ref(), |one| Value::Item(Item::Clearance(one))), "by the United Kingdom";
        "us_clearance": optional(Base::Record(&CLEARANCE)),
            Item::Requirement(it) => Value::of(it.us_clearance.as_ref(), |one| Value::Item(Item::Clearance(one))), "by the United States";
        "criticality": optional(Base::Int), Item::Requirement(it) => Value::of(it.criticality, number), "1 (least) to 5";
    }
}

record! {
    /// People that must be cleared.
    CLEARANCE = "required clearance" false {
        "level": Type::one(Base::Word(&CLEARANCE_LEVEL)), Item::Clearance(it) => Value::Word(it.level as u8), "to which level";
        "headcount": int(), Item::Clearance(it) => number(it.headcount), "how many";
    }
}

record! {
    /// A need.
    NEED = "need" false {
        "item": Type::one(Base::Name), Item::Need(it) => Value::Name(it.item), "what is needed";
        "class": Type::one(Base::Word(&CLASS)), Item::Need(it) => Value::Word(it.class as u8), "how much hangs on it";
        "required_share_bp": optional(Base::Int), Item::Need(it) => Value::of(it.required_share_bp, number),
            "how much of the supply must be up, basis points; absent: any one source";
        "buffer_days": int(), Item::Need(it) => number(it.buffer_days), "how long stock lasts, days";
        "sources": Type::list(Base::Record(&SOURCE)),
            Item::Need(it) => Value::list(&it.sources, |source| Value::Item(Item::Source(source))), "who supplies it";
        "hhi_bp": int(), Item::Need(it) => number(it.hhi_bp), "concentration by ultimate parent, 0 to 10000";
        "region_hhi_bp": int(), Item::Need(it) => number(it.region_hhi_bp), "the same by region";
        "corridor_hhi_bp": int(), Item::Need(it) => number(it.corridor_hhi_bp), "the same by transport corridor";
        "country_hhi_bp": int(), Item::Need(it) => number(it.country_hhi_bp), "the same by country";
        "share_total_bp": int(), Item::Need(it) => number(it.share_total_bp), "the sum of the shares, basis points";
        "shared_upstream": optional(Base::Name), Item::Need(it) => Value::of(it.shared_upstream, Value::Name),
            "without whom none of the sources can supply";
    }
}

record! {
    /// A source of a need.
    SOURCE = "source" false {
        "supplier": Type::one(Base::Name), Item::Source(it) => Value::Name(it.supplier), "who supplies";
        "ultimate_parent": Type::one(Base::Name), Item::Source(it) => Value::Name(it.ultimate_parent), "itself when it has no parent";
        "share_bp": int(), Item::Source(it) => number(it.share_bp), "its part of the need, basis points; 0 is idle";
        "qualified": Type::one(Base::Bool), Item::Source(it) => Value::Bool(it.qualified), "whether the buyer has qualified it";
        "switch_days": int(), Item::Source(it) => number(it.switch_days), "days to switch it on";
        "last_order_on": optional(Base::Date), Item::Source(it) => Value::of(it.last_order_on, Value::Date), "of an end-of-life notice";
    }
}

record! {
    /// What depends on the organisation.
    IMPACT = "impact" false {
        "buyers": int(), Item::Impact(it) => number(it.buyers), "how many it supplies directly";
        "tier": optional(Base::Int), Item::Impact(it) => Value::of(it.tier, number), "1 supplies a programme itself; absent: reaches none";
        "programmes": Type::list(Base::Name), Item::Impact(it) => names(&it.programmes), "the programmes that it reaches";
        "single_point_of": Type::list(Base::Record(&LOSS)),
            Item::Impact(it) => Value::list(&it.single_point_of, |loss| Value::Item(Item::Loss(loss))),
            "the programmes that stop when it alone stops";
        "survive_days": optional(Base::Int), Item::Impact(it) => Value::of(it.survive_days, number),
            "days from its failure until the first of them stops";
        "recover_days": optional(Base::Int), Item::Impact(it) => Value::of(it.recover_days, number), "days until it supplies again";
    }
}

record! {
    /// A programme that the organisation alone brings down.
    LOSS = "loss" false {
        "programme": Type::one(Base::Name), Item::Loss(it) => Value::Name(it.programme), "which";
        "hidden": Type::one(Base::Bool), Item::Loss(it) => Value::Bool(it.hidden), "whether it is not a direct supplier";
        "criticality": optional(Base::Int), Item::Loss(it) => Value::of(it.criticality, number), "1 (least) to 5";
        "survive_days": int(), Item::Loss(it) => number(it.survive_days), "days until the programme stops";
        "down_days": optional(Base::Int), Item::Loss(it) => Value::of(it.down_days, number), "days that it is down";
    }
}

record! {
    /// Who owns the organisation.
    OWNERSHIP = "ownership" false {
        "owners": Type::list(Base::Record(&OWNER)),
            Item::Ownership(it) => Value::list(&it.owners, |owner| Value::Item(Item::Owner(owner))), "directly or through others";
        "countries": Type::list(Base::Record(&NATIONAL_HOLDING)),
            Item::Ownership(it) => Value::list(&it.countries, |one| Value::Item(Item::NationalHolding(one))), "by country";
        "undisclosed_ppm": int(), Item::Ownership(it) => number(it.undisclosed_ppm), "what no attested owner holds, parts per million";
        "opaque": Type::one(Base::Bool), Item::Ownership(it) => Value::Bool(it.opaque), "whether a chain of holdings has no end";
    }
}

record! {
    /// One owner.
    OWNER = "owner" false {
        "owner": Type::one(Base::Name), Item::Owner(it) => Value::Name(it.owner), "who";
        "country": Type::one(Base::Text), Item::Owner(it) => Value::text(&it.country), "ISO 3166-1 alpha-2";
        "effective_ppm": int(), Item::Owner(it) => number(it.effective_ppm), "over all chains, parts per million";
    }
}

record! {
    /// What the owners of one country hold.
    NATIONAL_HOLDING = "national holding" false {
        "country": Type::one(Base::Text), Item::NationalHolding(it) => Value::text(&it.country), "ISO 3166-1 alpha-2";
        "effective_ppm": int(), Item::NationalHolding(it) => number(it.effective_ppm), "together, parts per million";
    }
}
