//! The single points of failure of one organisation or programme, each with why it is one.

use super::{
    Network,
    causes::Cause,
    cone::Cone,
    graph::{Graph, NodeIx},
    survival::{Stop, stops},
};
use crate::model::Organisation;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// An organisation whose failure alone brings another down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinglePoint {
    /// Who must not fail.
    pub organisation: Organisation,
    /// Whether it is no direct supplier of the one that it brings down.
    pub is_hidden: bool,
    /// A shortest chain of suppliers that shows why, from a direct supplier to the organisation itself. All on it go
    /// down with it; as many as they are is its tier.
    pub path: Vec<Organisation>,
    /// Days from its failure until the other stops.
    pub survives_days: u32,
}

impl Network {
    /// The single points of failure of `organisation`, those that bring it down soonest first, then by name. As of the
    /// last [`settle`](Self::settle).
    #[must_use]
    pub fn single_points(&self, organisation: &Organisation) -> Vec<SinglePoint> {
        let Some(node) = self.node(organisation) else { return Vec::new() };
        let mut points: Vec<SinglePoint> =
            self.causes[node as usize].iter().map(|cause| self.single_point(node, *cause)).collect();
        points.sort_by(|a, b| (a.survives_days, &a.organisation).cmp(&(b.survives_days, &b.organisation)));
        points
    }

    fn single_point(&self, of: NodeIx, cause: Cause) -> SinglePoint {
        let point = cause.organisation;
        let stopped = stops(&self.graph, &[point]);
        let survives_days = stopped.iter().find(|stop| stop.node == of).map_or(0, |stop| stop.day);
        SinglePoint {
            organisation: self.organisation(point).clone(),
            is_hidden: self.graph.buyers(point).binary_search(&of).is_err(),
            path: path(&self.graph, of, point, &stopped, |node| self.organisation(node))
                .into_iter()
                .map(|node| self.organisation(node).clone())
                .collect(),
            survives_days,
        }
    }
}

/// A node whose failure alone brings another down, by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Which node must not fail.
    pub node: NodeIx,
    /// Whether it is no direct supplier of the one that it brings down.
    pub is_hidden: bool,
    /// As [`SinglePoint::path`].
    pub path: Vec<NodeIx>,
    /// Days from its failure until the other stops.
    pub survives_days: u32,
}

/// The single points of failure of `of` by trying every node behind it, in parallel; those that bring it down soonest
/// first, then by `name`. For a graph without a [`Network`], which knows them all at any time.
#[must_use]
pub fn single_points<K: Ord>(graph: &Graph, of: NodeIx, name: impl Fn(NodeIx) -> K + Sync) -> Vec<Point> {
    let cone = Cone::of(graph, [of]);
    let point = |node: &NodeIx| {
        let stopped = stops(graph, &[*node]);
        let survives_days = stopped.iter().find(|stop| stop.node == of)?.day;
        let is_hidden = graph.buyers(*node).binary_search(&of).is_err();
        Some(Point { node: *node, is_hidden, path: path(graph, of, *node, &stopped, &name), survives_days })
    };
    let others = cone.nodes().par_iter().filter(|node| **node != of);
    let mut points: Vec<Point> = others.filter_map(point).collect();
    points.sort_by_cached_key(|point| (point.survives_days, name(point.node)));
    points
}

/// The shortest way from `of` to `point` through sources that are stopped, without `of`; of several the one whose
/// names come first.
fn path<K: Ord>(graph: &Graph, of: NodeIx, point: NodeIx, stopped: &[Stop], name: impl Fn(NodeIx) -> K) -> Vec<NodeIx> {
    // By node that may be entered: from where it first was.
    let mut came_from: FxHashMap<NodeIx, Option<NodeIx>> = stopped.iter().map(|stop| (stop.node, None)).collect();
    let mut queue = VecDeque::from([of]);
    while let Some(node) = queue.pop_front() {
        if node == point {
            break;
        }
        let mut next: Vec<NodeIx> = Vec::new();
        for need in graph.needs(node) {
            next.extend(need.counted().map(|(supplier, _)| supplier));
        }
        next.sort_by_cached_key(|supplier| name(*supplier));
        for supplier in next.into_iter().filter(|supplier| *supplier != of) {
            if let Some(from @ None) = came_from.get_mut(&supplier) {
                *from = Some(node);
                queue.push_back(supplier);
            }
        }
    }
    let mut path = Vec::new();
    let mut at = point;
    while at != of {
        path.push(at);
        match came_from.get(&at) {
            Some(Some(from)) => at = *from,
            _ => break,
        }
    }
    path.reverse();
    path
}
