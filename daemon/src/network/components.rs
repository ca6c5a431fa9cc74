//! Strongly connected components: what lies on cycles together.

/// Components one after another, by where each ends; each after all that it takes input from.
#[derive(Clone, Debug)]
pub(super) struct Components {
    ends: Vec<usize>,
    places: Vec<u32>,
}

impl Components {
    /// The components of the places `0..starts.len() - 1`, where place `p` takes input from the places
    /// `inputs[starts[p]..starts[p + 1]]`.
    pub(super) fn of(starts: &[usize], inputs: &[u32]) -> Self {
        let places = starts.len().saturating_sub(1);
        let mut search = Search {
            index: vec![0; places],
            low: vec![0; places],
            stack: Vec::new(),
            calls: Vec::new(),
            met: 0,
            found: Self { ends: Vec::new(), places: Vec::with_capacity(places) },
        };
        for place in 0..places {
            if search.index[place] == 0 {
                search.visit(starts, inputs, place);
            }
        }
        search.found
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.places[start..*end])
    }
}

/// Tarjan's algorithm (1972) without recursion: a chain of a million suppliers must not overflow the stack.
struct Search {
    /// The order of meeting, from 1; 0: not met yet.
    index: Vec<u32>,
    /// The earliest on the stack that can be reached; `DONE` once its component is found.
    low: Vec<u32>,
    stack: Vec<u32>,
    /// Places that are being visited, each with how many of its inputs have been looked at.
    calls: Vec<(u32, usize)>,
    met: u32,
    found: Components,
}

const DONE: u32 = u32::MAX;

impl Search {
    fn visit(&mut self, starts: &[usize], inputs: &[u32], root: usize) {
        self.open(root);
        while let Some((place, looked_at)) = self.calls.last_mut() {
            let place = *place as usize;
            if let Some(input) = inputs[starts[place]..starts[place + 1]].get(*looked_at) {
                *looked_at += 1;
                let input = *input as usize;
                match self.index[input] {
                    0 => self.open(input),
                    _ if self.low[input] == DONE => {}
                    met => self.low[place] = self.low[place].min(met),
                }
                continue;
            }
            self.calls.pop();
            if let Some((caller, _)) = self.calls.last() {
                let caller = *caller as usize;
                self.low[caller] = self.low[caller].min(self.low[place]);
            }
            if self.low[place] == self.index[place] {
                self.close(place);
            }
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "places are numbered with u32")]
    fn open(&mut self, place: usize) {
        self.met += 1;
        self.index[place] = self.met;
        self.low[place] = self.met;
        self.stack.push(place as u32);
        self.calls.push((place as u32, 0));
    }

    fn close(&mut self, root: usize) {
        while let Some(member) = self.stack.pop() {
            self.low[member as usize] = DONE;
            self.found.places.push(member);
            if member as usize == root {
                break;
            }
        }
        self.found.ends.push(self.found.places.len());
    }
}
