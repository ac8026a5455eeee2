//! Figures, and the table they are shown in beside the targets.

use std::fmt;
use std::time::Duration;

/// What one item cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// CPU time of the server.
    pub(crate) server: Duration,
    /// CPU time of the database's processes, where it has its own.
    pub(crate) database: Option<Duration>,
    /// Time on the wall, load generation included.
    pub(crate) wall: Duration,
}

/// One line.
struct Row {
    name: &'static str,
    target: f64,
    unit: &'static str,
    /// Sorted.
    values: Vec<f64>,
    note: String,
}

/// The table of one engine.
pub(crate) struct Table {
    title: String,
    rows: Vec<Row>,
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The middle value.
fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

impl Table {
    pub(crate) fn new(title: String) -> Self {
        Self { title, rows: Vec::new() }
    }

    /// Adds a line of plain figures.
    pub(crate) fn add(
        &mut self,
        name: &'static str,
        target: f64,
        unit: &'static str,
        values: Vec<f64>,
        note: String,
    ) {
        self.rows.push(Row { name, target, unit, values: sorted(values), note });
    }

    /// Adds a line of CPU time per item, with the rate as a note.
    pub(crate) fn add_costs(&mut self, name: &'static str, target: f64, costs: &[Cost]) {
        let values = costs.iter().map(|c| millis(c.server)).collect();
        let rates = sorted(costs.iter().map(|c| 1.0 / c.wall.as_secs_f64()).collect());
        let mut note = format!("{:.0}/s", median(&rates));
        let database = sorted(costs.iter().filter_map(|c| c.database).map(millis).collect());
        if !database.is_empty() {
            note = format!("+ {:.3} ms PostgreSQL; {note}", median(&database));
        }
        self.add(name, target, "ms CPU", values, note);
    }
}

/// How the costs of two tables compare.
pub(crate) struct Growth(Vec<(&'static str, f64, f64)>);

impl Table {
    /// The middle values of this table beside those of another, line by line.
    pub(crate) fn beside(&self, other: &Self) -> Growth {
        let pairs = self.rows.iter().filter_map(|row| {
            let before = other.rows.iter().find(|o| o.name == row.name)?;
            Some((row.name, median(&before.values), median(&row.values)))
        });
        Growth(pairs.collect())
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n| work | fresh | grown | ratio |\n|---|---|---|---|")?;
        for (name, fresh, grown) in &self.0 {
            writeln!(f, "| {name} | {fresh:.3} | {grown:.3} | {:.2} |", grown / fresh)?;
        }
        Ok(())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## {}\n", self.title)?;
        writeln!(f, "| work | median | lowest–highest | target | ratio | notes |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for row in &self.rows {
            let (low, high) = (row.values.first(), row.values.last());
            let (low, high) = (low.copied().unwrap_or(f64::NAN), high.copied().unwrap_or(f64::NAN));
            let middle = median(&row.values);
            let digits = if middle < 5.0 { 3 } else { 1 };
            writeln!(
                f,
                "| {} | {middle:.digits$} {unit} | {low:.digits$}–{high:.digits$} | {} {unit} | {:.2} | {} |",
                row.name,
                row.target,
                middle / row.target,
                row.note,
                unit = row.unit,
            )?;
        }
        Ok(())
    }
}
