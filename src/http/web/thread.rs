//! The order and the depth of comments on a page.
//!
//! Pure: takes ids and what they answer, gives places. Must not fail on anything that other
//! servers can send, which includes circles and answers to what is not here.

use std::collections::HashMap;

/// Deeper answers are indented no further.
pub(super) const MAX_DEPTH: u8 = 4;

/// Where a comment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its position in the list that came in.
    pub(super) index: usize,
    /// How far it is indented, up to [`MAX_DEPTH`].
    pub(super) depth: u8,
    /// Whether its place does not show what it answers: that is not in this list, or too deep.
    pub(super) detached: bool,
}

/// Puts answers below what they answer, both in the order in which they came. Every comment comes
/// out exactly once.
///
/// `links` are pairs of a comment's id and the id of the comment it answers (`None` for the
/// initiative itself), in the order in which they came.
pub(super) fn arrange(links: &[(i64, Option<i64>)]) -> Vec<Place> {
    let positions: HashMap<i64, usize> =
        links.iter().enumerate().map(|(index, (id, _))| (*id, index)).collect();
    // Answers as linked lists: the first answer to each, and the next sister of each.
    let mut first = vec![None; links.len()];
    let mut next = vec![None; links.len()];
    let mut roots = Vec::new();
    for (index, (id, parent)) in links.iter().enumerate().rev() {
        let above = parent.filter(|p| p != id).and_then(|p| positions.get(&p).copied());
        match above {
            Some(above) => {
                if let (Some(head), Some(link)) = (first.get_mut(above), next.get_mut(index)) {
                    *link = head.replace(index);
                }
            }
            None => roots.push((index, parent.is_some())),
        }
    }
    roots.reverse();
    let mut walk = Walk { first, next, seen: vec![false; links.len()], places: Vec::new() };
    for (index, orphan) in roots {
        walk.from(index, orphan);
    }
    // What is left goes round in circles: each circle is cut open where it began.
    for index in 0..links.len() {
        walk.from(index, true);
    }
    walk.places
}

struct Walk {
    first: Vec<Option<usize>>,
    next: Vec<Option<usize>>,
    seen: Vec<bool>,
    places: Vec<Place>,
}

impl Walk {
    /// Goes down from one comment, without recursion: threads can be as deep as they are long.
    fn from(&mut self, root: usize, detached: bool) {
        let mut stack = vec![(root, 0_u8, detached)];
        while let Some((index, depth, detached)) = stack.pop() {
            match self.seen.get_mut(index) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            self.places.push(Place { index, depth, detached });
            let begin = stack.len();
            let mut answer = self.first.get(index).copied().flatten();
            while let Some(below) = answer {
                stack.push((below, (depth + 1).min(MAX_DEPTH), depth == MAX_DEPTH));
                answer = self.next.get(below).copied().flatten();
            }
            if let Some(answers) = stack.get_mut(begin..) {
                answers.reverse();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(links: &[(i64, Option<i64>)]) -> Vec<(i64, u8)> {
        arrange(links).into_iter().map(|p| (links[p.index].0, p.depth)).collect()
    }

    #[test]
    fn answers_stand_below_what_they_answer() {
        let links = [(1, None), (2, None), (3, Some(1)), (4, Some(3)), (5, Some(1)), (6, Some(2))];
        assert_eq!(shown(&links), [(1, 0), (3, 1), (4, 2), (5, 1), (2, 0), (6, 1)]);
    }

    #[test]
    fn an_answer_may_come_before_what_it_answers() {
        assert_eq!(shown(&[(1, Some(2)), (2, None)]), [(2, 0), (1, 1)]);
    }

    #[test]
    fn what_answers_something_absent_is_marked() {
        let places = arrange(&[(5, Some(1)), (6, Some(5))]);
        assert_eq!(
            places,
            [
                Place { index: 0, depth: 0, detached: true },
                Place { index: 1, depth: 1, detached: false }
            ]
        );
    }

    #[test]
    fn circles_are_cut_open() {
        assert_eq!(shown(&[(1, Some(1))]), [(1, 0)]);
        assert_eq!(shown(&[(1, Some(2)), (2, Some(1)), (3, None)]), [(3, 0), (1, 0), (2, 1)]);
        let circle = [(1, Some(3)), (2, Some(1)), (3, Some(2)), (4, Some(3))];
        assert_eq!(shown(&circle), [(1, 0), (2, 1), (3, 2), (4, 3)]);
    }

    #[test]
    fn depth_ends_somewhere() {
        let links: Vec<_> = (1..=20_000).map(|n| (n, (n > 1).then(|| n - 1))).collect();
        let places = arrange(&links);
        assert_eq!(places.len(), links.len());
        assert!(places.iter().all(|p| p.depth <= MAX_DEPTH));
        let depths: Vec<_> = places.iter().take(7).map(|p| (p.depth, p.detached)).collect();
        let deep = (MAX_DEPTH, true);
        assert_eq!(
            depths,
            [(0, false), (1, false), (2, false), (3, false), (MAX_DEPTH, false), deep, deep]
        );
    }

    proptest! {
        #[test]
        fn everything_comes_out_once(parents in proptest::collection::vec(
            proptest::option::of(0_i64..40), 0..40)) {
            let links: Vec<_> = parents.iter().zip(0_i64..).map(|(p, id)| (id, *p)).collect();
            let mut indexes: Vec<_> = arrange(&links).into_iter().map(|p| p.index).collect();
            indexes.sort_unstable();
            prop_assert_eq!(indexes, (0..links.len()).collect::<Vec<_>>());
        }
    }
}
