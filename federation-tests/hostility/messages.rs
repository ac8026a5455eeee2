//! SIG-47: HTTP Message Signatures (RFC 9421) that cover too little, or something else.

use super::route::Route;
use super::scene::{Lines, Scene};
use crate::support::settled;
use veche::both_engines;
use veche::crypto;
use veche::storage::Engine;
use veche::testing::{Wire, real_now};

/// What is signed, before it is signed.
#[derive(Clone)]
struct Message {
    /// Our scheme, host and port, as the sender believes.
    base: String,
    covered: Vec<&'static str>,
    /// The parameters after the list, each with a semicolon before it; `{key}` is the key's name.
    parameters: String,
    /// The body whose digest is sent; none for the one that is sent.
    digest_of: Option<Vec<u8>>,
}

impl Message {
    fn good(scene: &Scene) -> Self {
        Self {
            base: scene.server.base().to_owned(),
            covered: vec!["@method", "@target-uri", "content-digest"],
            parameters: format!(";created={};keyid=\"{{key}}\"", real_now().seconds()),
            digest_of: None,
        }
    }

    /// The value of `Signature-Input` and of `Signature`, without the label.
    fn signed(&self, wire: &Wire) -> (String, String) {
        let names: Vec<String> = self.covered.iter().map(|name| format!("\"{name}\"")).collect();
        let parameters = self.parameters.replace("{key}", &wire.key_id);
        let input = format!("({}){parameters}", names.join(" "));
        let mut text = String::new();
        for name in &self.covered {
            let value = match *name {
                "@method" => wire.method.clone(),
                "@target-uri" => format!("{}{}", self.base, wire.target),
                "@authority" => self.base.trim_start_matches("http://").to_owned(),
                "@path" => wire.target.clone(),
                _ => self.digest(wire),
            };
            text.extend(["\"", name, "\": ", &value, "\n"]);
        }
        text.extend(["\"@signature-params\": ", &input]);
        let signature = wire.key.sign_base64(text.as_bytes()).expect("it can be signed");
        (input, format!(":{signature}:"))
    }

    fn digest(&self, wire: &Wire) -> String {
        let body = self.digest_of.as_ref().unwrap_or(&wire.body);
        format!("sha-256=:{}:", crypto::sha256_base64(body))
    }

    /// All headers of the request.
    fn lines(&self, wire: &Wire) -> Lines {
        let (input, signature) = self.signed(wire);
        let mut lines = wire.headers.clone();
        lines.retain(|(name, _)| name == "host" || name == "content-type");
        lines.push(("content-digest".to_owned(), self.digest(wire)));
        lines.push(("signature-input".to_owned(), format!("sig1={input}")));
        lines.push(("signature".to_owned(), format!("sig1={signature}")));
        lines
    }
}

fn value<'a>(lines: &'a mut Lines, name: &str) -> &'a mut String {
    &mut lines.iter_mut().find(|(known, _)| known == name).expect("the header is there").1
}

both_engines! {
    async fn sig_47_message_signatures_that_cover_too_little(engine: Engine) {
        let scene = Scene::new(engine).await;
        let good = Message::good(&scene);
        let with = |change: &dyn Fn(&mut Message)| {
            let mut message = good.clone();
            change(&mut message);
            message
        };
        let now = real_now().seconds();
        let parameters = |text: String| with(&|message| message.parameters.clone_from(&text));
        let covered = |names: &[&'static str]| with(&|message| message.covered = names.to_vec());
        let elsewhere = "http://other.example";
        for (what, message) in [
            ("content-digest is not signed", covered(&["@method", "@target-uri"])),
            ("the method is not signed", covered(&["@target-uri", "content-digest"])),
            ("the address is not signed", covered(&["@method", "content-digest"])),
            ("only the path is signed", covered(&["@method", "@path", "content-digest"])),
            ("only the host is signed", covered(&["@method", "@authority", "content-digest"])),
            ("nothing is signed", covered(&[])),
            ("a part twice", covered(&["@method", "@method", "@target-uri", "content-digest"])),
            ("no time", parameters(";keyid=\"{key}\"".to_owned())),
            ("no key", parameters(format!(";created={now}"))),
            ("old", parameters(format!(";created={};keyid=\"{{key}}\"", now - 3_960))),
            ("ahead", parameters(format!(";created={};keyid=\"{{key}}\"", now + 3_960))),
            ("ended", parameters(format!(";created={now};expires={};keyid=\"{{key}}\"", now - 1))),
            ("no number", parameters(";created=\"x\";keyid=\"{key}\"".to_owned())),
            ("the number overflows", parameters(";created=999999999999999;keyid=\"{key}\"".to_owned())),
            ("a secret for all", parameters(format!(";created={now};keyid=\"{{key}}\";alg=\"hmac-sha256\""))),
            ("the address of another host", with(&|message| elsewhere.clone_into(&mut message.base))),
            ("@authority of another host", with(&|message| {
                elsewhere.clone_into(&mut message.base);
                message.covered = vec!["@method", "@authority", "@path", "content-digest"];
            })),
            ("the digest of another body", with(&|message| message.digest_of = Some(b"{}".to_vec()))),
        ] {
            scene.each_door(what, &[401], async |wire: Wire| {
                wire.send_lines(&message.lines(&wire)).await
            }).await;
        }
    }

    async fn sig_47_message_signatures_with_a_second_one(engine: Engine) {
        let scene = Scene::new(engine).await;
        let message = Message::good(&scene);
        let spoilt = async |what: &str, statuses: &[u16], spoil: &dyn Fn(&mut Lines, &Wire)| {
            scene.each_door(what, statuses, async |wire: Wire| {
                let mut lines = message.lines(&wire);
                spoil(&mut lines, &wire);
                wire.send_lines(&lines).await
            }).await;
        };
        spoilt("two good ones in one header", &[401], &|lines, wire| {
            let (input, signature) = message.signed(wire);
            value(lines, "signature-input").extend([", sig2=", &input]);
            value(lines, "signature").extend([", sig2=", &signature]);
        }).await;
        spoilt("a second one that nothing describes", &[401], &|lines, _| {
            value(lines, "signature").push_str(", sig2=:AAAA:");
        }).await;
        spoilt("a description without a signature", &[401], &|lines, _| {
            value(lines, "signature").replace_range(..4, "sig2");
        }).await;
        for name in ["signature-input", "signature", "content-digest"] {
            spoilt(&format!("{name} in two lines"), &[400], &|lines, _| {
                let again = value(lines, name).clone();
                lines.push((name.to_owned(), again));
            }).await;
        }
        spoilt("no digest", &[401], &|lines, _| lines.retain(|(name, _)| name != "content-digest")).await;
        spoilt("the draft's digest instead", &[401], &|lines, wire| {
            lines.retain(|(name, _)| name != "content-digest");
            lines.push(("digest".to_owned(), format!("SHA-256={}", crypto::sha256_base64(&wire.body))));
        }).await;
        spoilt("no description", &[401], &|lines, _| lines.retain(|(name, _)| name != "signature-input")).await;
    }

    async fn sig_47_message_signatures_that_are_good(engine: Engine) {
        let scene = Scene::new(engine).await;
        let mut message = Message::good(&scene);
        let authority: &[&'static str] = &["@method", "@authority", "@path", "content-digest"];
        for covered in [&["@method", "@target-uri", "content-digest"][..], authority] {
            message.covered = covered.to_vec();
            for door in Route::DOORS {
                let wire = scene.wire(door.path());
                let answer = wire.send_lines(&message.lines(&wire)).await;
                assert_eq!(answer.status, 202, "{covered:?} at {door:?}: {}", answer.text);
            }
        }
        settled(&scene.server).await;
        assert_eq!(scene.likes().await, 1);
    }
}
