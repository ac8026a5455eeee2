//! Until when a connection may go on as it does.

use http::Version;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// How long a client may take to send the header of a request.
const HEADER: Duration = Duration::from_secs(10);
/// How long a connection may be unused. Longer than what reverse proxies keep theirs.
pub(super) const IDLE: Duration = Duration::from_secs(75);
/// How often to look at a connection that is busy.
const BUSY: Duration = Duration::from_secs(75);

/// What a connection is doing.
#[derive(Debug)]
pub(super) struct Activity(Mutex<Doing>);

#[derive(Clone, Copy, Debug)]
struct Doing {
    /// Requests that are being answered.
    running: u32,
    /// Since when the connection is in its present state.
    since: Instant,
    /// Whether a header is awaited that has begun, or is the connection's first.
    expecting: bool,
    /// HTTP/2 sends bytes that belong to no request.
    multiplexed: bool,
}

impl Default for Activity {
    fn default() -> Self {
        let doing =
            Doing { running: 0, since: Instant::now(), expecting: true, multiplexed: false };
        Self(Mutex::new(doing))
    }
}

impl Activity {
    fn change<T>(&self, change: impl FnOnce(&mut Doing) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A request has come; it is being answered until the guard is dropped.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> Running {
        self.change(|doing| {
            doing.running += 1;
            doing.expecting = false;
            doing.multiplexed = version == Version::HTTP_2;
        });
        Running(Arc::clone(self))
    }

    fn received(&self) {
        self.change(|doing| {
            if doing.running == 0 && !doing.expecting && !doing.multiplexed {
                doing.expecting = true;
                doing.since = Instant::now();
            }
        });
    }

    /// The moment at which the connection has to be closed, if nothing changes.
    pub(super) fn deadline(&self) -> Instant {
        self.change(|doing| match doing {
            Doing { running: 1.., .. } => Instant::now() + BUSY,
            Doing { expecting: true, since, .. } => *since + HEADER,
            Doing { since, .. } => *since + IDLE,
        })
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Running(Arc<Activity>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.change(|doing| {
            doing.running = doing.running.saturating_sub(1);
            doing.since = Instant::now();
        });
    }
}

/// A stream that notes when something arrives.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    activity: Arc<Activity>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.activity.received();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn deadlines_follow_what_the_client_does() {
        let activity = Arc::new(Activity::default());
        let start = Instant::now();
        assert_eq!(activity.deadline(), start + HEADER, "a client that sends nothing");
        tokio::time::advance(Duration::from_secs(4)).await;
        activity.received();
        assert_eq!(activity.deadline(), start + HEADER, "a first header that drips");
        let running = activity.begin(Version::HTTP_11);
        assert!(activity.deadline() > start + HEADER, "a request that is answered");
        drop(running);
        let idle = Instant::now();
        assert_eq!(activity.deadline(), idle + IDLE, "a connection kept for later");
        tokio::time::advance(Duration::from_secs(60)).await;
        activity.received();
        assert_eq!(activity.deadline(), Instant::now() + HEADER, "a later header that drips");
    }

    #[tokio::test(start_paused = true)]
    async fn frames_between_requests_are_not_headers() {
        let activity = Arc::new(Activity::default());
        drop(activity.begin(Version::HTTP_2));
        activity.received();
        assert_eq!(activity.deadline(), Instant::now() + IDLE);
    }
}
