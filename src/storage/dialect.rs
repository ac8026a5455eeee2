//! The few places where the engines differ, and what both need for statements with many rows.

use super::Conn;

/// One statement in the two dialects.
pub(super) struct Sql {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Sql {
    /// The text for this connection.
    pub(super) fn text(&self, conn: &Conn<'_>) -> &'static str {
        match conn {
            Conn::Sqlite(_) => self.sqlite,
            Conn::Postgres(_) => self.postgres,
        }
    }
}

/// Most rows in one statement: SQLite takes 32,766 parameters, eleven are used per row at most.
const ROWS: usize = 512;

/// The items in pieces whose lengths are powers of two. Every length is another statement text;
/// with ten of them, each is prepared once and met again.
pub(super) fn pieces<T>(items: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let length = 1_usize << rest.len().checked_ilog2()?;
        let (piece, tail) = rest.split_at(length.min(ROWS));
        rest = tail;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_few_lengths_and_everything() {
        for count in [0, 1, 2, 3, 200, 511, 512, 513, 2_000] {
            let items: Vec<usize> = (0..count).collect();
            let lengths: Vec<usize> = pieces(&items).map(<[usize]>::len).collect();
            assert!(lengths.iter().all(|n| n.is_power_of_two() && *n <= ROWS), "{lengths:?}");
            assert_eq!(pieces(&items).flatten().copied().collect::<Vec<_>>(), items);
        }
    }
}
