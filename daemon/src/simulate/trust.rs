//! The trust table of the simulated cluster and the daemon's configuration, as TOML.

use super::{
    Options,
    firm::name_of,
    issuers::{Office, firm_key},
    sign::OfficeKeys,
    structure::Structure,
};
use crate::{attest::keys::PublicKey, model::Trust};
use std::io::Write;

/// What organisations may say of themselves, with their own key or through the portal.
const OWN_KINDS: &[&str] = &[
    "entity.profile",
    "cyber.saq",
    "cyber.sprs",
    "clearance.facility",
    "supply.need",
    "supply.source",
    "supply.capability",
    "supply.end_of_life",
    "site",
    "continuity.recovery",
    "ownership.holding",
    "incident",
];

/// One grant of the table.
struct GrantSpec {
    name: &'static str,
    /// Empty: the subject itself.
    offices: &'static [Office],
    kinds: &'static [&'static str],
    trust: Trust,
    threshold: usize,
    may_revoke: bool,
    issuer: Option<Office>,
}

const fn grant(
    name: &'static str,
    offices: &'static [Office],
    kinds: &'static [&'static str],
    trust: Trust,
) -> GrantSpec {
    GrantSpec { name, offices, kinds, trust, threshold: 1, may_revoke: false, issuer: None }
}

const GRANTS: &[GrantSpec] = &[
    grant("company register", &[Office::Register], &["entity.profile", "entity.status"], Trust::Authority),
    GrantSpec {
        may_revoke: true,
        ..grant(
            "cyber certification",
            &[Office::Certification],
            &["cyber.ce", "cyber.ceplus", "cyber.dcc", "cyber.cmmc", "revocation", "suspension"],
            Trust::Authority,
        )
    },
    grant("vetting", &[Office::Vetting], &["clearance.facility", "clearance.personnel"], Trust::Authority),
    grant("prime contractor", &[Office::Prime], &["supply.need", "supply.source", "cyber.cip"], Trust::ThirdParty),
    GrantSpec {
        threshold: 2,
        issuer: Some(Office::Programmes),
        ..grant(
            "programme requirements",
            &[Office::Prime, Office::Programmes],
            &["programme.requirement"],
            Trust::Authority,
        )
    },
    grant("suppliers about themselves", &[], OWN_KINDS, Trust::Own),
    grant("portal for members without a key", &[Office::Portal], OWN_KINDS, Trust::Own),
];

/// Writes `[[key]]` and `[[grant]]` tables.
pub(super) fn write(
    out: &mut impl Write,
    options: &Options,
    structure: &Structure,
    keys: &OfficeKeys,
) -> Result<(), WriteTrustError> {
    writeln!(out, "# Written by `tierwatch simulate` from the seed {}: who may attest what.", options.seed)?;
    for spec in GRANTS {
        write_grant(out, spec)?;
    }
    for office in Office::ALL {
        write_key(out, office.key_name(), office.owner(), &keys.office(office).public())?;
    }
    for number in 0..structure.organisations().min(options.own_keys) {
        let owner = name_of(options.seed, structure, number);
        write_key(out, owner.as_str(), owner.as_str(), &firm_key(options.seed, number).public())?;
    }
    Ok(())
}

/// Why the table was not written.
pub(super) enum WriteTrustError {
    Io(std::io::Error),
    Key(crate::attest::not_a_key::NotAKey),
}

impl From<std::io::Error> for WriteTrustError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

fn write_key(out: &mut impl Write, name: &str, owner: &str, key: &PublicKey) -> Result<(), WriteTrustError> {
    let pem = key.to_pem().map_err(WriteTrustError::Key)?;
    writeln!(out, "\n[[key]]\nname = {}\nowner = {}", quoted(name), quoted(owner))?;
    Ok(writeln!(out, "public_key = '''\n{}\n'''", pem.trim_end())?)
}

fn write_grant(out: &mut impl Write, spec: &GrantSpec) -> Result<(), WriteTrustError> {
    let list = |words: &mut dyn Iterator<Item = &str>| words.map(quoted).collect::<Vec<_>>().join(", ");
    writeln!(out, "\n[[grant]]\nname = {}", quoted(spec.name))?;
    if spec.offices.is_empty() {
        writeln!(out, "signers = \"subject\"")?;
    } else {
        writeln!(out, "signers = [{}]", list(&mut spec.offices.iter().map(|office| office.key_name())))?;
    }
    if spec.threshold > 1 {
        writeln!(out, "threshold = {}", spec.threshold)?;
    }
    if let Some(issuer) = spec.issuer {
        writeln!(out, "issuer = {}", quoted(issuer.owner()))?;
    }
    writeln!(out, "kinds = [{}]", list(&mut spec.kinds.iter().copied()))?;
    writeln!(out, "trust = {}", quoted(spec.trust.as_str()))?;
    if spec.may_revoke {
        writeln!(out, "may_revoke = true")?;
    }
    Ok(())
}

/// The daemon's configuration for the folder that was written.
pub(super) fn configuration(options: &Options) -> String {
    format!(
        "# Written by `tierwatch simulate`.\n\
         data_dir = \"data\"\n\
         policy = {}\n\
         trust = \"trust.toml\"\n\n\
         [[feeds]]\n\
         name = \"demo\"\n\
         path = \"feed\"\n",
        quoted(&options.policy.display().to_string())
    )
}

/// `text` as a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
