//! What one turn may cost: no file is read further than its turn allows, whether it is delivered or only recognised.

use super::*;
use crate::feed::{
    event_sender::EventSender,
    follower::{FileForm, Follower, VisitOutcome},
    pending::Trigger,
    position::FileState,
    visit::Visit,
};
use proptest::prelude::*;
use tokio::sync::watch;

/// A follower whose every turn is taken by hand.
struct Hand {
    folder: TempDir,
    follower: Follower,
    events: mpsc::Receiver<FeedEvent>,
    /// Kept, since the feed ends with it.
    _stop: watch::Sender<bool>,
    turn_bytes: u64,
    /// What a store would hold.
    positions: BTreeMap<String, Position>,
    heard: Vec<String>,
    gone: Vec<String>,
    /// Whether every look at a file finds another inode.
    is_unstable: bool,
    looks: u64,
}

impl Hand {
    fn new(turn_bytes: u64) -> Self {
        let (_stop, stopped) = watch::channel(false);
        let (sender, events) = mpsc::channel(4096);
        let follower = Follower::new(EventSender::new("drop".into(), sender, stopped), Vec::new(), Duration::ZERO);
        let mut hand = Self {
            folder: tempfile::tempdir().expect("a folder"),
            follower,
            events,
            _stop,
            turn_bytes,
            positions: BTreeMap::new(),
            heard: Vec::new(),
            gone: Vec::new(),
            is_unstable: false,
            looks: 0,
        };
        hand.restart();
        hand
    }

    /// Goes on from what was committed, as after a crash.
    fn restart(&mut self) {
        let (stop, stopped) = watch::channel(false);
        let (sender, events) = mpsc::channel(4096);
        let positions = self.positions.values().cloned().collect();
        let mut follower = Follower::new(EventSender::new("drop".into(), sender, stopped), positions, Duration::ZERO);
        follower.turn_bytes = self.turn_bytes;
        (self.follower, self.events, self._stop) = (follower, events, stop);
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).expect("written");
    }

    fn append(&self, name: &str, content: &str) {
        use std::io::Write as _;
        let mut file = fs::OpenOptions::new().append(true).create(true).open(self.path(name)).expect("opened");
        file.write_all(content.as_bytes()).expect("written");
    }

    /// Replaces the file by another one with this content.
    fn replace(&self, name: &str, content: &str) {
        self.write(".new", content);
        fs::rename(self.path(".new"), self.path(name)).expect("renamed");
    }

    /// Dates the file as if it had been written this many hours ago.
    fn age(&self, name: &str, hours: u64) {
        let then = std::time::SystemTime::now() - Duration::from_secs(3600 * hours);
        let file = fs::File::options().append(true).open(self.path(name)).expect("opened");
        file.set_modified(then).expect("set");
    }

    fn copy(&self, name: &str) {
        self.replace(name, &fs::read_to_string(self.path(name)).expect("read"));
    }

    /// One turn of the file.
    fn turn(&mut self, name: &str) -> VisitOutcome {
        let file = fs::File::open(self.path(name)).expect("opened");
        let mut state = FileState::of(&rustix::fs::fstat(&file).expect("a state"));
        self.looks += 1;
        if self.is_unstable {
            state.inode = (1 << 60) + self.looks;
        }
        let visit = Visit { name, file, state, trigger: Trigger::Finished, arrived: Instant::now() };
        let form = FileForm::of(name).expect("a file of a feed");
        let outcome = self.follower.read(form, visit).expect("read");
        self.hear();
        outcome
    }

    fn hear(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            match event {
                FeedEvent::Delivery(delivery) => {
                    self.positions.insert(delivery.position.path.clone(), delivery.position);
                    let bodies = shown(delivery.items);
                    self.heard.extend(bodies.iter().filter_map(|item| item.split(' ').next_back()).map(str::to_owned));
                }
                FeedEvent::Gone { path, .. } => {
                    self.positions.remove(&path);
                    self.gone.push(path);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// Takes as many turns as the file needs; returns how many.
    fn turns(&mut self, name: &str) -> u64 {
        let turns = (1..10_000).find(|_| !matches!(self.turn(name), VisitOutcome::More { .. }));
        turns.expect("it comes to an end")
    }

    /// What was heard since the last time.
    fn take_heard(&mut self) -> Vec<String> {
        std::mem::take(&mut self.heard)
    }
}

/// Numbers as lines of eight bytes, each a JSON value.
fn lines(numbers: std::ops::Range<u32>) -> String {
    bodies(numbers).iter().map(|body| format!("{body}\n")).collect()
}

fn bodies(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|number| (1_000_000 + number).to_string()).collect()
}

/// Both may be long.
fn check_same(heard: &[String], expected: &[String], what: &str) {
    let first = heard.iter().zip(expected).position(|(heard, expected)| heard != expected);
    let shown = |all: &[String]| format!("{} lines, {:?}", all.len(), first.and_then(|index| all.get(index)));
    assert!(heard == expected, "{what}: heard {}; expected {}", shown(heard), shown(expected));
}

#[test]
fn knowing_a_file_again_takes_turns() {
    const MAX_TURN_BYTES: u64 = 64 * 1024;
    // Longer than one attestation may be, so that a document is not compared as a whole.
    const LINES: u32 = 150_000;
    let bytes = u64::from(LINES) * 8;
    let check = |what: &str, name: &str, change: fn(&mut Hand, &str), expected: &[&str]| {
        let mut hand = Hand::new(MAX_TURN_BYTES);
        hand.write(name, &lines(0..LINES));
        hand.turns(name);
        check_same(&hand.take_heard(), &bodies(0..LINES), what);
        change(&mut hand, name);
        let turns = hand.turns(name);
        assert!(turns >= bytes / MAX_TURN_BYTES, "{what}: {turns} turns for {bytes} bytes");
        assert_eq!(hand.take_heard(), expected, "{what}");
        assert_eq!(hand.turns(name), 1, "{what}: then it is known");
        hand.restart();
        assert_eq!(hand.turns(name), 1, "{what}: at the next start too");
        assert_eq!((hand.take_heard(), hand.gone.len()), (Vec::new(), 0), "{what}");
    };
    let grown = |hand: &mut Hand, name: &str| {
        hand.append(name, "grown\n");
        hand.restart();
    };
    let restored = |hand: &mut Hand, name: &str| {
        hand.copy(name);
        hand.restart();
    };
    let copied = |hand: &mut Hand, name: &str| {
        hand.copy(name);
        hand.append(name, "grown\n");
    };
    check("a log that grew while nobody looked", "a.jsonl", grown, &["grown"]);
    check("a log that was restored", "a.jsonl", restored, &[]);
    check("a log that was replaced by a copy", "a.jsonl", copied, &["grown"]);
    check("a document that was restored", "a.json", restored, &[]);
    check("a document that was replaced by its copy", "a.json", |hand, name| hand.copy(name), &[]);
}

#[test]
fn a_document_that_was_not_done_with_is_gone_on_with_at_the_next_start() {
    let mut hand = Hand::new(16 * 1024);
    hand.write("a.json", &lines(0..150_000));
    for _ in 0..40 {
        hand.turn("a.json");
    }
    let before = hand.heard.len();
    hand.restart();
    let known = (0..200).find(|_| {
        hand.turn("a.json");
        hand.heard.len() > before
    });
    assert!(known >= Some(39), "{known:?} turns to know again what was read in forty");
    hand.turns("a.json");
    check_same(&hand.take_heard(), &bodies(0..150_000), "all of it");
}

#[test]
fn what_is_left_of_a_log_that_left_its_path_takes_turns() {
    let begun = || {
        let mut hand = Hand::new(800);
        hand.write("a.jsonl", &lines(0..1000));
        assert!(matches!(hand.turn("a.jsonl"), VisitOutcome::More { .. }));
        assert_eq!(hand.take_heard(), bodies(0..100));
        hand
    };
    // Replaced: first the rest of the old one, then the new one.
    let mut hand = begun();
    hand.replace("a.jsonl", &lines(5000..5100));
    assert!(matches!(hand.turn("a.jsonl"), VisitOutcome::More { .. }));
    assert_eq!(hand.take_heard(), bodies(100..200), "one turn of it");
    hand.turns("a.jsonl");
    assert_eq!(hand.take_heard(), [bodies(200..1000), bodies(5000..5100)].concat());
    // Removed: it is gone when all of it is read.
    let mut hand = begun();
    fs::remove_file(hand.path("a.jsonl")).expect("removed");
    for turn in 1..9 {
        assert!(matches!(hand.follower.forget("a.jsonl").expect("read"), VisitOutcome::More { .. }), "{turn}");
        hand.hear();
        assert!(hand.gone.is_empty());
    }
    assert_eq!(hand.follower.forget("a.jsonl").expect("read"), VisitOutcome::Done);
    hand.hear();
    assert_eq!((hand.take_heard(), hand.gone), (bodies(100..1000), vec!["a.jsonl".to_owned()]));
    // Renamed: its new name goes on.
    let mut hand = begun();
    fs::rename(hand.path("a.jsonl"), hand.path("b.jsonl")).expect("renamed");
    assert!(matches!(hand.follower.forget("a.jsonl").expect("read"), VisitOutcome::More { .. }));
    hand.turns("b.jsonl");
    assert_eq!(hand.follower.forget("a.jsonl").expect("read"), VisitOutcome::Done);
    hand.hear();
    assert_eq!((hand.take_heard(), hand.gone), (bodies(100..1000), vec!["a.jsonl".to_owned()]));
}

#[test]
fn a_log_that_is_replaced_while_it_is_being_known_again_is_not_taken_for_the_other() {
    let mut hand = Hand::new(800);
    hand.write("a.jsonl", &lines(0..1000));
    hand.turns("a.jsonl");
    hand.take_heard();
    hand.append("a.jsonl", &lines(1000..1001));
    hand.restart();
    for _ in 0..3 {
        assert!(matches!(hand.turn("a.jsonl"), VisitOutcome::More { .. }));
    }
    // The same length and the same end, another beginning.
    let other = lines(0..1001).replacen("1000007", "7000001", 1);
    hand.replace("a.jsonl", &other);
    hand.turns("a.jsonl");
    let heard = hand.take_heard();
    let other: Vec<String> = other.lines().map(str::to_owned).collect();
    let gained = bodies(1000..1001);
    check_same(&heard, &[gained, other].concat(), "what the old one had gained, and then the other");
}

#[test]
fn a_file_system_with_an_inode_for_every_look_comes_to_an_end() {
    for name in ["a.jsonl", "a.json"] {
        let mut hand = Hand::new(64 * 1024);
        hand.is_unstable = true;
        hand.write(name, &lines(0..150_000));
        hand.age(name, 2);
        hand.turns(name);
        check_same(&hand.take_heard(), &bodies(0..150_000), name);
        hand.append(name, &lines(150_000..150_001));
        hand.age(name, 1);
        hand.turns(name);
        assert_eq!(hand.take_heard().last(), bodies(150_000..150_001).last(), "{name}");
        hand.restart();
        hand.turns(name);
        assert_eq!(hand.take_heard(), [""; 0], "{name}");
    }
}

/// Recognising a large log that grew while nobody looked takes turns with the other files.
#[test]
fn a_long_recognition_holds_up_no_other_file() {
    let name = |number: u32| format!("{number:02}.json");
    let mut bench = Bench::over(|folder| {
        // Some are listed before it and some behind it, in whatever order the file system has.
        for number in 0..20 {
            fs::write(folder.join(name(number)), "\"before\"").expect("written");
            if number == 9 {
                fs::write(folder.join("a.jsonl"), lines(0..100_000)).expect("written");
            }
        }
    });
    assert_eq!(bench.until_scanned().len(), 100_020);
    bench.stop();
    bench.append("a.jsonl", "grown\n");
    (0..20).for_each(|number| bench.write(&name(number), "\"after\""));
    bench.start_with(|options| options.turn_bytes = 16 * 1024);
    let heard = bench.until_scanned();
    assert_eq!((heard.len(), heard.last().map(String::as_str)), (21, Some("a.jsonl:byte 800000 grown")));
}

#[derive(Clone, Debug)]
enum Deed {
    Append(u32),
    Copy,
    Restart,
    Turn,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is done to a log, except changing what was written: every line arrives once, in order.
    #[test]
    fn a_log_that_is_only_added_to_comes_once(
        deeds in prop::collection::vec(
            prop_oneof![
                3 => (1u32..60).prop_map(Deed::Append),
                1 => Just(Deed::Copy),
                1 => Just(Deed::Restart),
                6 => Just(Deed::Turn),
            ],
            1..60,
        ),
        turn_bytes in 8u64..400,
    ) {
        let mut hand = Hand::new(turn_bytes);
        hand.write("a.jsonl", "");
        let mut written = 0;
        for deed in deeds {
            match deed {
                Deed::Append(more) => {
                    hand.append("a.jsonl", &lines(written..written + more));
                    written += more;
                }
                Deed::Copy => hand.copy("a.jsonl"),
                Deed::Restart => hand.restart(),
                Deed::Turn => _ = hand.turn("a.jsonl"),
            }
        }
        hand.turns("a.jsonl");
        check_same(&hand.take_heard(), &bodies(0..written), "what was written");
    }
}
