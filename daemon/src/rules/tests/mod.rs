//! Rules through their compiled components, one file a rule, and plugins that mean harm.

mod cache;
mod clearance;
mod cyber_posture;
mod harness;
mod hostile;
mod loading;
mod module;
mod single_source;
