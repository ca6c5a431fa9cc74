//! A world in which every story is told.

use super::{Options, rewiring, stories, world::World};

/// The world of `options`, with the needs rewritten and the parts cast.
pub(super) fn staged(options: &Options) -> World {
    let mut world = World::new(options);
    rewiring::rewire(&mut world);
    world.follow_sources();
    stories::cast(&mut world);
    world
}
