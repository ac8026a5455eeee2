//! What forms are refused, and how a field shows its error.

use super::*;
use crate::i18n::Lang;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(k, v)| (header::HeaderName::from_static(k), v.parse().unwrap())).collect()
}

#[test]
fn forms_from_elsewhere_are_foreign() {
    let base = "https://veche.example";
    let own: [&[(&str, &str)]; 5] = [
        &[],
        &[("sec-fetch-site", "same-origin"), ("origin", "https://veche.example")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://veche.example")],
        &[("origin", "https://Veche.Example")],
    ];
    for pairs in own {
        assert!(!is_foreign(&headers(pairs), base), "{pairs:?}");
    }
    let foreign: [&[(&str, &str)]; 7] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://veche.example")],
        &[("origin", "https://evil.example")],
        &[("origin", "http://veche.example")],
        &[("origin", "https://veche.example.evil.example")],
        &[("origin", "null")],
    ];
    for pairs in foreign {
        assert!(is_foreign(&headers(pairs), base), "{pairs:?}");
    }
}

#[test]
fn tokens_must_be_there_and_fit() {
    let with = |token: &str, sent: &str| {
        let mut c = Ctx::for_test(Lang::En);
        token.clone_into(&mut c.csrf);
        check_token(&c, &Fields::parse(format!("csrf={sent}").as_bytes()))
    };
    assert!(with("abc", "abc").is_ok());
    for (token, sent) in [("abc", ""), ("abc", "abd"), ("", ""), ("", "abc"), ("abc", "abcd")] {
        assert_eq!(with(token, sent), Err(Error::ForeignForm), "{token} {sent}");
    }
}

#[test]
fn what_is_typed_arrives_tidy() {
    let fields = Fields::parse("a=x%0D%0Ay%00%1b&b=%D0%91%3D&b=2".as_bytes());
    assert_eq!((fields.get("a"), fields.get("b"), fields.get("c")), ("x\ny", "Б=", ""));
}

#[test]
fn a_field_names_its_hint_and_its_error() {
    let problems =
        vec![Problem { field: "title".to_owned(), label: None, text: "Enter <it>".to_owned() }];
    let html = Field::line("title", "Title".to_owned())
        .hint("Short".to_owned())
        .limit(150)
        .filled("a \"b\" <c>", &problems)
        .render()
        .unwrap();
    assert!(html.contains("<label for=\"f-title\">"), "{html}");
    assert!(html.contains("aria-describedby=\"title-hint title-error\""), "{html}");
    assert!(html.contains("aria-invalid=\"true\""), "{html}");
    assert!(html.contains("id=\"title-hint\"") && html.contains("id=\"title-error\""), "{html}");
    assert!(!html.contains("<c>") && !html.contains("<it>") && !html.contains("\"b\""), "{html}");
}

#[test]
fn a_long_text_keeps_its_first_empty_line() {
    // Browsers drop one line end after the opening tag; the template adds it.
    let html = Field::lines("text", "Text".to_owned(), 5)
        .filled("\nfirst", &Problems::new())
        .render()
        .unwrap();
    assert!(html.contains(">\n\nfirst</textarea>"), "{html}");
}
