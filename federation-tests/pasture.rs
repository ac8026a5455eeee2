//! fediverse-pasture: six actors that do or do not sign, demand signed reading, have WebFinger.

use crate::support::settled;
use serde_json::Value;
use std::process::Stdio;
use tokio::process::Command;
use veche::both_engines;
use veche::storage::Engine;
use veche::testing::{TestServer, text};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/federation-tests/peers/pasture/run.py");
const LOCK: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/pasture.lock");

both_engines! {
    async fn all_cases_of_the_pasture_come_out_as_expected(engine: Engine) {
        let server = TestServer::new(engine).await;
        server.assembly("transport").await;
        let ana = server.citizen("ana").await;
        let made = ana.publish("transport", "Night buses").await;
        // The pasture keeps a cache of what it read, which two runs at once would share.
        let alone = std::fs::File::create(LOCK).expect("the lock can be made");
        let alone = tokio::task::spawn_blocking(move || alone.lock().map(|()| alone));
        let _alone = alone.await.expect("waiting works").expect("the lock is free at last");
        let output = Command::new("python3")
            .arg(SCRIPT)
            .args(["--url", server.base(), "--actor", &server.address_of("transport")])
            .args(["--object", &text(&made["uri"])])
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap_or_else(|e| panic!("install Python 3.11 (Debian: apt-get install python3-venv): {e}"));
        let errors = String::from_utf8_lossy(&output.stderr);
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("run.py did not report ({e}): {errors}"));
        let cases = report["cases"].as_array().expect("a list of cases");
        let bad: Vec<_> = cases.iter().filter(|case| case["ok"] != true).collect();
        assert!(bad.is_empty() && cases.len() >= 20, "{bad:#?}");
        assert!(output.status.success(), "{errors}");
        // Whoever signs was counted, once each; nobody else was.
        settled(&server).await;
        let signers = cases.iter().filter(|c| c["signs"] == true && c["case"].as_str().is_some_and(|n| n.contains("POST")));
        let likes = ana.initiative(&text(&made["id"])).await["tallies"]["fediverse"].clone();
        assert_eq!(likes, signers.count());
    }
}
