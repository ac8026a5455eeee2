//! The one way to page: by key, newest first, never by offset.

/// Which slice of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Only entries older than this id; `None` for the newest.
    pub before: Option<i64>,
    /// How many entries at the most, 1 to [`PageRequest::MAX`].
    pub limit: i64,
}

impl PageRequest {
    /// Entries on a page when nobody says otherwise.
    pub const DEFAULT: i64 = 20;
    /// The most that one request may ask for.
    pub const MAX: i64 = 100;

    /// A request with the limit forced into its range.
    pub fn new(before: Option<i64>, limit: Option<i64>) -> Self {
        Self { before, limit: limit.unwrap_or(Self::DEFAULT).clamp(1, Self::MAX) }
    }

    /// The newest entries, as many as a page shows by default.
    pub fn first() -> Self {
        Self::new(None, None)
    }

    /// The bound to compare ids with: everything is below it on the first page.
    pub fn upper_bound(&self) -> i64 {
        self.before.unwrap_or(i64::MAX)
    }
}

/// One slice of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The entries, in the list's order.
    pub items: Vec<T>,
    /// What to pass as `before` for the next slice; `None` on the last one.
    pub next: Option<i64>,
}

impl<T> Page<T> {
    /// Makes a page of `items`, of which one more than `limit` was asked for.
    pub fn from_overfetch(mut items: Vec<T>, limit: i64, id: impl Fn(&T) -> i64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(id) } else { None };
        Self { items, next }
    }

    /// The same page with each entry turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}
