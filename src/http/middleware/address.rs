//! Addresses that can mean nothing here: U+0000 is in no name and no text, and not every database
//! takes it.

use super::refusal::Refusal;
use http::Uri;

/// Checks the path and the query.
pub(super) fn check(uri: &Uri) -> Result<(), Refusal> {
    let given = uri.path_and_query().map_or("", |given| given.as_str());
    if given.contains("%00") {
        return Err(Refusal::new(400, "the address holds a character that no text can hold"));
    }
    Ok(())
}
