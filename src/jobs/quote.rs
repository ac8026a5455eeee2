//! Whether the author of what a text from elsewhere quotes agreed: the authorization that it names
//! is read at its home.

use super::work::Failure;
use crate::app::App;
use crate::domain::ObjectId;
use crate::domain::urls::same_origin;
use crate::federation::vocab::Node;
use crate::federation::{Budget, Error, fetch};
use crate::services::{comments, quotes};

pub(super) async fn run(app: &App, payload: &str) -> Result<(), Failure> {
    let id: ObjectId = payload.parse().map_err(|_| Failure::Fail("no text".to_owned()))?;
    let Some(quote) = quotes::of_object(app, id).await? else { return Ok(()) };
    let Some(text) = comments::object_by_id(app, id).await? else { return Ok(()) };
    let Some(uri) = quote.authorization_uri else { return Ok(()) };
    let budget = Budget::question();
    let holds = match fetch::document(app, &budget, &uri).await {
        Ok(document) => {
            let leave = Node(&document);
            let giver = leave.uri("attributedTo").unwrap_or_default();
            // Only who wrote what is quoted can give leave; of what is not known here at least
            // their server must say so.
            let target = comments::object_by_uri(app, &quote.target_uri).await?;
            let by_author = match target {
                Some(target) => {
                    let author = crate::services::actors::by_id(app, target.author_id).await?;
                    author.is_some_and(|a| a.uri == giver)
                }
                None => same_origin(&uri, &quote.target_uri),
            };
            by_author
                && leave.kind() == "QuoteAuthorization"
                && same_origin(&uri, giver)
                && leave.uri("interactingObject") == Some(text.uri.as_str())
                && leave.uri("interactionTarget") == Some(quote.target_uri.as_str())
        }
        Err(error) if error.is_passing() => return Err(error.into()),
        Err(Error::Service(error)) => return Err(error.into()),
        Err(_) => false,
    };
    Ok(quotes::set_verified(app, id, holds).await?)
}
