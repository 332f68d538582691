//! The Group Filter on one distinct name: this crate's engine, and `regex` side by side.
//!
//! A figure is nanoseconds a name (an iteration reads every name; Criterion's throughput is names
//! a second).

#![expect(clippy::expect_used, reason = "bench code")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rolecall::mapping::group_filter::{GroupFilter, MatchMode, Reading};

/// The guide's filter and the app's default, each with the `regex` that reads ASCII names alike.
const FILTERS: [(&str, &str, &str); 2] = [
    (
        "guide",
        r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$",
        r"^aws#[^\x09-\x0d ]+#(?<role>[0-9A-Za-z_\-]+)#(?<accountid>[0-9]+)$",
    ),
    (
        "default",
        r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)",
        r"aws_(?<accountid>[0-9]+)_(?<role>[a-zA-Z0-9+=,.@\-_]+)",
    ),
];

const NAMES: usize = 60_000;

/// Names of the size and kinds companies have; about one in a hundred is broken.
fn names(which: &str) -> Vec<String> {
    const STAGES: [&str; 6] = ["production", "staging", "dev", "sandbox", "security", "shared"];
    const ROLES: [&str; 7] = [
        "Admin",
        "ReadOnly",
        "Tier1_Support",
        "Billing-Viewer",
        "Developer",
        "NetOps",
        "SRE-OnCall",
    ];
    // A linear congruential generator: the same names in every run.
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits fit") % below
    };
    let mut pick = |index: usize| {
        let account =
            format!("{:012}", 100_000_000_000_usize + random(899_999_999) * 1000 + index % 1000);
        let alias = format!("team{}-{}", random(400), STAGES.get(random(6)).expect("in range"));
        let role = ROLES.get(random(7)).expect("in range");
        match (which, random(100)) {
            (_, 0) => format!("VPN Users {alias}"),
            ("guide", 1) => format!("aws#{alias}#{role}.v2#{account}"),
            ("guide", _) => format!("aws#{alias}#{role}#{account}"),
            (_, 1) => format!("aws_{alias}_{role}"),
            _ => format!("aws_{account}_{role}_{alias}"),
        }
    };
    (0..NAMES).map(&mut pick).collect()
}

fn filter_a_name(criterion: &mut Criterion) {
    for (label, filter, rival) in FILTERS {
        let names = names(label);
        let mut group = criterion.benchmark_group(format!("filter/{label}"));
        group.throughput(Throughput::Elements(NAMES as u64)).sample_size(30);
        let compiled = GroupFilter::parse(filter).expect("the filter is legal");
        let mut reader = compiled.reader();
        group.bench_function("rolecall", |bencher| {
            bencher.iter(|| {
                let read = names.iter().map(|name| match reader.read(name, MatchMode::Find) {
                    Reading::Match(captures) => {
                        captures.role.map_or(0, str::len) + captures.account_id.map_or(0, str::len)
                    }
                    _ => 0,
                });
                black_box(read.sum::<usize>())
            });
        });
        let regex = regex::Regex::new(rival).expect("the rival is legal");
        let index = |name| regex.capture_names().position(|n| n == Some(name)).expect("is there");
        let (role, account) = (index("role"), index("accountid"));
        let mut locations = regex.capture_locations();
        group.bench_function("regex captures_read", |bencher| {
            bencher.iter(|| {
                let read = names.iter().map(|name| {
                    if regex.captures_read(&mut locations, name).is_none() {
                        return 0;
                    }
                    let length = |i| locations.get(i).map_or(0, |(start, end)| end - start);
                    length(role) + length(account)
                });
                black_box(read.sum::<usize>())
            });
        });
        group.finish();
    }
}

criterion_group!(benches, filter_a_name);
criterion_main!(benches);
