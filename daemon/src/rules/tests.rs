//! Rules through their compiled components, one file a rule, and plugins that mean harm.

mod adverse_events;
mod answers;
mod cache;
mod canonical;
mod clearance;
mod cmmc;
mod contract;
mod cyber_posture;
mod expiry_horizon;
mod foci;
mod functions;
mod geography;
mod harness;
mod hostile;
mod limits;
mod loading;
mod manifests;
mod module;
mod recovery;
mod single_source;
