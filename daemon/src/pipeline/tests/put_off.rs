//! What waits in quarantine while the store cannot be read.

use crate::{
    config::Config,
    metrics::Metrics,
    model::Instant,
    pipeline::{Pipeline, settings::Settings},
    store::{Store, StoreOptions},
};
use std::fs;

const POLICY: &str = include_str!("../../../../rules/uk-mod.toml");

/// A pipeline over an empty store.
fn pipeline() -> (tempfile::TempDir, Pipeline) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tierwatch.toml");
    fs::write(&path, "data_dir = \"data\"\npolicy = \"uk-mod.toml\"\ntrust = \"trust.toml\"\n").expect("written");
    fs::write(folder.path().join("uk-mod.toml"), POLICY).expect("written");
    fs::write(folder.path().join("trust.toml"), "").expect("written");
    fs::create_dir(folder.path().join("data")).expect("made");
    let config = Config::read(&path).expect("a configuration");
    let store = Store::open(&config.store_path(), &StoreOptions::default()).expect("a store");
    let settings = Settings::read(&path, config).expect("settings");
    let pipeline = Pipeline::start(settings, store, Metrics::new().expect("metrics")).expect("a pipeline");
    (folder, pipeline)
}

#[test]
fn what_is_to_be_tried_again_is_kept_while_the_store_cannot_be_read() {
    let (folder, mut pipeline) = pipeline();
    let readable = std::mem::replace(&mut pipeline.reader_path, folder.path().to_owned());
    pipeline.resent = vec![("suppliers".into(), "latest.json".into())];
    pipeline.awaited = Some(Instant::MIN);
    let now = pipeline.look();
    for _ in 0..2 {
        pipeline.retry_resent().expect("it passes");
        pipeline.retry_due().expect("it passes");
        assert_eq!((pipeline.resent.len(), pipeline.awaited), (1, Some(Instant::MIN)));
    }
    let pause = pipeline.pause(now, now);
    assert!(pause.as_secs() >= 1, "{pause:?} is no pause");
    pipeline.reader_path = readable;
    pipeline.retry_resent().expect("it is read");
    pipeline.retry_due().expect("it is read");
    assert_eq!((pipeline.resent.len(), pipeline.awaited), (0, None));
    assert!(pipeline.pause(now, now).as_secs() < 1, "nothing waits");
}
