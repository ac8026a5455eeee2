//! Hashtags: what carries one.

use super::Result;
use super::initiatives::{self, Filter};
use crate::app::App;
use crate::domain::comment::Comment;
use crate::domain::initiative::Initiative;
use crate::domain::{Page, PageRequest};
use crate::storage;

/// Public initiatives with a hashtag (in its one spelling), newest first, without their texts.
pub async fn initiatives(app: &App, name: &str, page: PageRequest) -> Result<Page<Initiative>> {
    let filter = Filter { tag: Some(name.to_owned()), ..Filter::default() };
    initiatives::list(app, None, filter, page).await
}

/// Comments with a hashtag (in its one spelling), newest first.
pub async fn comments(app: &App, name: &str, page: PageRequest) -> Result<Page<Comment>> {
    let mut reader = app.db.read().await?;
    let (before, limit) = (page.upper_bound(), page.limit);
    let rows = storage::tags::comments(&mut reader.conn(), name, before, limit).await?;
    Ok(Page::from_overfetch(rows, limit, |c| c.id.get()))
}
