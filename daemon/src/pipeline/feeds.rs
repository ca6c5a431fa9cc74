//! What the feeds report beside attestations: whether each can be followed, what it left unread, when it was read through.

use super::Pipeline;
use crate::{
    feed::{FeedEvent, Unread},
    metrics::unix_seconds_now,
};
use std::sync::Arc;

/// Most files that one line of the log names.
const MAX_NAMED: usize = 10;

impl Pipeline {
    /// Notes the state of a feed.
    pub(super) fn note(&mut self, event: FeedEvent) {
        match event {
            FeedEvent::Scanned { feed, unread } => {
                self.metrics.feed_last_scan.with_label_values(&[&*feed]).set(unix_seconds_now());
                self.feeds.scanning.remove(&*feed);
                self.tell_unread(feed, unread);
            }
            FeedEvent::Up { feed } => {
                self.metrics.feed_up.with_label_values(&[&*feed]).set(1);
                if self.feeds.away.remove(&feed) {
                    tracing::info!(%feed, "the feed's folder is there again and is followed");
                } else {
                    tracing::debug!(%feed, "the feed's folder is followed");
                }
            }
            FeedEvent::Down { feed, sentence } => {
                self.metrics.feed_up.with_label_values(&[&*feed]).set(0);
                self.metrics.feed_problems.with_label_values(&[&*feed]).inc();
                self.feeds.scanning.remove(&*feed);
                tracing::warn!(%feed, "the feed cannot be followed: {sentence}");
                self.feeds.away.insert(feed);
            }
            FeedEvent::Problem { feed, path, sentence } => {
                self.metrics.feed_problems.with_label_values(&[&*feed]).inc();
                if path.is_empty() {
                    tracing::warn!(%feed, "{sentence}");
                } else {
                    tracing::warn!(%feed, %path, "{sentence}");
                }
            }
            FeedEvent::Overflow { feed } => {
                tracing::warn!(%feed, "the kernel dropped events of this folder: it is read through from end to end");
            }
            FeedEvent::Delivery(_) | FeedEvent::Gone { .. } => {}
        }
    }

    /// Counts what the quarantine of a feed has no room for, and says so once.
    pub(super) fn tell_full(&mut self, feed: &Arc<str>) {
        self.metrics.quarantine_summarised.with_label_values(&[&**feed]).inc();
        if self.feeds.full.insert(Arc::clone(feed)) {
            tracing::warn!(
                %feed,
                "the quarantine of this feed is full, and what else is refused is counted only: `tierwatch quarantine list` \
                 ends with what that is; mend or remove its source"
            );
        }
    }

    /// Logs what a feed leaves unread, when that has changed.
    fn tell_unread(&mut self, feed: Arc<str>, unread: Unread) {
        self.metrics.feed_unread.with_label_values(&[&*feed]).set(i64::try_from(unread.files).unwrap_or(i64::MAX));
        if self.feeds.unread.get(&feed).is_none_or(|before| *before != unread) && unread.files > 0 {
            let named = unread.named.iter().take(MAX_NAMED);
            let mut named = named.map(|(path, why)| format!("{path}: {why}")).collect::<Vec<_>>().join("; ");
            if unread.files > MAX_NAMED as u64 {
                named += &format!("; and {} more", unread.files - MAX_NAMED as u64);
            }
            tracing::warn!(%feed, files = unread.files, "what is in the feed's folder and is not read: {named}");
        }
        self.feeds.unread.insert(feed, unread);
    }
}
