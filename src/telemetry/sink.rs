//! Where log lines go: a queue, and a thread that writes them to standard error.
//!
//! Whoever reads the log may stop reading (a full pipe, a frozen terminal, a full disk). The server
//! must not stop with it: when the queue is full, lines are dropped and counted, and the number is
//! written as soon as writing is possible again.

use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

/// Lines that wait.
const QUEUE: usize = 8_192;
/// How long the end of the program waits for the last lines.
const PATIENCE: Duration = Duration::from_secs(1);

static SINK: OnceLock<Sink> = OnceLock::new();

#[derive(Debug)]
struct Sink {
    lines: SyncSender<Vec<u8>>,
    waiting: AtomicU64,
    lost: AtomicU64,
}

impl Sink {
    fn new() -> (Self, Receiver<Vec<u8>>) {
        let (lines, receiver) = sync_channel(QUEUE);
        (Self { lines, waiting: AtomicU64::new(0), lost: AtomicU64::new(0) }, receiver)
    }

    fn put(&self, line: Vec<u8>) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            self.lines.try_send(line)
        {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.lost.fetch_add(1, Ordering::Relaxed);
            metrics::counter!("log_lines_lost_total").increment(1);
        }
    }

    /// Writes what comes, until the program ends.
    fn write(&self, lines: &Receiver<Vec<u8>>, mut out: impl Write) {
        while let Ok(line) = lines.recv() {
            // A log that cannot be written is no reason to stop.
            let _ = out.write_all(&line);
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            let lost = self.lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                let _ = writeln!(out, "{lost} lines of the log were lost: nobody read it");
            }
        }
    }
}

fn sink() -> &'static Sink {
    let mut lines = None;
    let sink = SINK.get_or_init(|| {
        let (sink, receiver) = Sink::new();
        lines = Some(receiver);
        sink
    });
    if let Some(lines) = lines {
        let writer = move || sink.write(&lines, std::io::stderr());
        // Without the thread the queue fills and lines are counted as lost.
        let _ = std::thread::Builder::new().name("log".to_owned()).spawn(writer);
    }
    sink
}

/// One line on its way to the queue.
#[derive(Debug)]
pub(super) struct Line;

/// A place to write one line to.
pub(super) fn line() -> Line {
    Line
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        sink().put(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Waits until everything is written, but not for ever.
pub(super) fn flush() {
    let Some(sink) = SINK.get() else { return };
    let end = Instant::now() + PATIENCE;
    while sink.waiting.load(Ordering::Relaxed) > 0 && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flt_26_a_full_queue_drops_lines_and_says_how_many() {
        let (sink, receiver) = Sink::new();
        for n in 0..QUEUE + 7 {
            sink.put(format!("{n}\n").into_bytes());
        }
        let mut out = Vec::new();
        let lost = sink.lost.load(Ordering::Relaxed);
        assert_eq!(lost, 7);
        // The writer ends when nobody can send any more.
        let Sink { lines, waiting, .. } = sink;
        assert_eq!(waiting.load(Ordering::Relaxed), u64::try_from(QUEUE).unwrap());
        drop(lines);
        let (second, _) = Sink::new();
        second.waiting.store(u64::try_from(QUEUE).unwrap(), Ordering::Relaxed);
        second.lost.store(lost, Ordering::Relaxed);
        second.write(&receiver, &mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("0\n7 lines of the log were lost"), "{}", &text[..60]);
        assert!(text.ends_with(&format!("{}\n", QUEUE - 1)));
    }
}
