//! Decisions by a policy that is parsed once: the two cases of `benches/trust_speed`, let in and kept out; and reading
//! the policy. With `ROLECALL_DUMP`, a folder of AWS exports, also what parsing those into JSON values takes.
#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "bench code")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rolecall::trust::{Context, Presented, Request, TrustPolicy};
use serde_json::Value;

const CASES: &str = include_str!("trust_speed/cases.jsonl");

/// Name, policy and request of each case.
fn cases() -> Vec<(String, String, Request)> {
    CASES.lines().map(case).collect()
}

fn case(line: &str) -> (String, String, Request) {
    let case: Value = serde_json::from_str(line).expect("a case is JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let part = |path: &str| case.pointer(path).expect("the case has it");
    let context: Context = part("/request/context")
        .as_object()
        .expect("an object")
        .iter()
        .map(|(key, value)| match value {
            Value::Array(items) => (key, Presented::Many(items.iter().map(text).collect())),
            one => (key, Presented::One(text(one))),
        })
        .collect();
    let actions: Vec<String> =
        part("/request/actions").as_array().expect("an array").iter().map(text).collect();
    let request = Request::new(&text(part("/request/principal")), &actions, context);
    (text(part("/id")), part("/trust_policy").to_string(), request)
}

fn decide(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("trust");
    group.throughput(Throughput::Elements(1)).sample_size(50);
    for (name, json, request) in cases() {
        let policy = TrustPolicy::parse(&json).expect("a policy");
        assert_eq!(policy.decide(&request).as_str(), "allow");
        group.bench_function(format!("{name}-allow"), |bencher| {
            bencher.iter(|| black_box(policy.decide(black_box(&request))));
        });
        let mut other = request.clone();
        other.context.set("saml:aud", Presented::One("urn:amazon:webservices".to_owned()));
        assert_eq!(policy.decide(&other).as_str(), "implicit-deny");
        group.bench_function(format!("{name}-refused"), |bencher| {
            bencher.iter(|| black_box(policy.decide(black_box(&other))));
        });
        group.bench_function(format!("{name}-parse"), |bencher| {
            bencher.iter(|| black_box(TrustPolicy::parse(black_box(&json))));
        });
    }
    group.finish();
}

/// Reads and parses every file, as the least that anybody who reads them does.
fn parse_dump(criterion: &mut Criterion) {
    let Ok(folder) = std::env::var("ROLECALL_DUMP") else { return };
    let entries = std::fs::read_dir(folder).expect("the dump is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let mut group = criterion.benchmark_group("trust-dump");
    group.sample_size(10);
    group.bench_function("serde_json-value", |bencher| {
        bencher.iter(|| {
            for file in &files {
                let bytes = std::fs::read(file).expect("a file");
                black_box(serde_json::from_slice::<Value>(&bytes).expect("JSON"));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, decide, parse_dump);
criterion_main!(benches);
