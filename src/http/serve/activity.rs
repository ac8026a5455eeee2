//! Until when a connection may go on as it does.

use http::Version;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

impl Doing {
    fn begin(&mut self, version: Version) {
        self.running += 1;
        self.expecting = false;
        self.multiplexed = version == Version::HTTP_2;
    }

    fn end(&mut self, now: Instant) {
        self.running = self.running.saturating_sub(1);
        self.since = now;
    }

    fn receive(&mut self, now: Instant) {
        if self.running == 0 && !self.expecting && !self.multiplexed {
            self.expecting = true;
            self.since = now;
        }
    }

    fn deadline(&self, now: Instant) -> Instant {
        match self {
            Self { running: 1.., .. } => now + BUSY,
            Self { expecting: true, since, .. } => *since + HEADER,
            Self { since, .. } => *since + IDLE,
        }
    }
}

impl Activity {
    /// A connection that was just accepted.
    pub(super) fn new() -> Arc<Self> {
        let since = Instant::now();
        let doing = Doing { running: 0, since, expecting: true, multiplexed: false };
        Arc::new(Self(Mutex::new(doing)))
    }

    fn doing(&self) -> MutexGuard<'_, Doing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request has come; it is being answered until the guard is dropped.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> Running {
        self.doing().begin(version);
        Running(Arc::clone(self))
    }

    /// The moment at which the connection has to be closed, if nothing changes.
    pub(super) fn deadline(&self) -> Instant {
        self.doing().deadline(Instant::now())
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Running(Arc<Activity>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.doing().end(Instant::now());
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
            self.activity.doing().receive(Instant::now());
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

    fn accepted(since: Instant) -> Doing {
        Doing { running: 0, since, expecting: true, multiplexed: false }
    }

    #[test]
    fn deadlines_follow_what_the_client_does() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut doing = accepted(start);
        assert_eq!(doing.deadline(at(1)), at(10), "a client that sends nothing");
        doing.receive(at(4));
        assert_eq!(doing.deadline(at(4)), at(10), "a first header that drips");
        doing.begin(Version::HTTP_11);
        assert!(doing.deadline(at(9)) > at(10), "a request that is answered");
        doing.end(at(20));
        assert_eq!(doing.deadline(at(20)), at(20) + IDLE, "a connection kept for later");
        doing.receive(at(60));
        assert_eq!(doing.deadline(at(60)), at(70), "a later header that drips");
    }

    #[test]
    fn frames_between_requests_are_not_headers() {
        let start = Instant::now();
        let mut doing = accepted(start);
        doing.begin(Version::HTTP_2);
        doing.end(start);
        doing.receive(start);
        assert_eq!(doing.deadline(start), start + IDLE);
    }
}
