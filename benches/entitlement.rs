//! The engine on one company: what belongs to groups, what each group grants, everybody, one user.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Cursor;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rolecall::entitlement::picker::RolePicker;
use rolecall::entitlement::resolve::{Entitlements, Ways, visible};
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::model::directory::UserId;
use rolecall::model::federation::Federation;
use rolecall::sources::input::{Input, SourceOptions, Stream};
use rolecall::sources::load::load;

const USERS: usize = 50_000;
const ROLE_GROUPS: usize = 6_000;
const MANAGEMENT_GROUPS: usize = 1_000;
/// Management groups in each role group.
const NESTED: usize = 8;
/// Users in each management group.
const MEMBERS: usize = 200;
const FILTER: &str = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$";

/// A number that follows no order, the same in every run.
const fn scattered(at: usize, count: usize) -> usize {
    at.wrapping_mul(0x9e37_79b1) % count
}

fn memberships() -> String {
    let mut text = "group,member,member_type\n".to_owned();
    for group in 0..ROLE_GROUPS {
        for nested in 0..NESTED {
            let inner = scattered(group * NESTED + nested, MANAGEMENT_GROUPS);
            let account = 100_000_000_000 + group / 4;
            let role = group % 4;
            let _ = writeln!(text, "aws#unit-{account}#Role-{role}#{account},Team {inner},group");
        }
    }
    for group in 0..MANAGEMENT_GROUPS {
        // One in ten is in a cycle with its neighbour.
        if group % 10 == 0 {
            let _ = writeln!(text, "Team {group},Team {},group", group + 1);
            let _ = writeln!(text, "Team {},Team {group},group", group + 1);
        }
        for member in 0..MEMBERS {
            let user = scattered(group * MEMBERS + member, USERS);
            let _ = writeln!(text, "Team {group},user.name{user}@corp.example,user");
        }
    }
    text
}

fn federation() -> Federation {
    let bytes = memberships().into_bytes();
    let open = Box::new(move || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn Stream>));
    let options = SourceOptions::default();
    let input = Input { name: "members.csv".to_owned(), open, found: false, options };
    load(vec![input]).federation
}

fn entitlement(criterion: &mut Criterion) {
    let federation = federation();
    let overrides = Overrides { group_filter: Some(FILTER.to_owned()), ..Overrides::default() };
    let Ok(mapping) = Mapping::new(None, &overrides) else { return };
    let entitlements = Entitlements::resolve(&federation, &mapping);
    let Ok(grants) = entitlements.grants(visible, Ways::DirectGroups) else { return };
    let by_user = entitlements.by_user(&grants);
    let groups = federation.directory.group_count() as u64;
    let users = federation.directory.user_count() as u64;

    let mut of_groups = criterion.benchmark_group("entitlement/groups");
    of_groups.throughput(Throughput::Elements(groups));
    of_groups.bench_function("resolve", |bencher| {
        bencher.iter(|| Entitlements::resolve(black_box(&federation), &mapping));
    });
    of_groups.bench_function("grants", |bencher| {
        bencher.iter(|| black_box(&entitlements).grants(visible, Ways::DirectGroups));
    });
    of_groups.finish();

    let mut of_users = criterion.benchmark_group("entitlement/users");
    of_users.throughput(Throughput::Elements(users));
    of_users.bench_function("by_user", |bencher| {
        bencher.iter(|| entitlements.by_user(black_box(&grants)));
    });
    of_users.bench_function("entries of everybody", |bencher| {
        let (mut direct, mut entries) = (Vec::new(), Vec::new());
        bencher.iter(|| {
            let mut total = 0;
            for (user, _) in federation.directory.users() {
                direct.clear();
                let groups = by_user.groups(user).iter();
                direct.extend(groups.copied().map(rolecall::model::directory::GroupId));
                entitlements.entries(user, &direct, &grants, &mut entries);
                total += entries.len();
            }
            black_box(total)
        });
    });
    of_users.finish();

    let user = UserId(7);
    criterion.bench_function("entitlement/one picker", |bencher| {
        bencher.iter(|| {
            let direct = entitlements.direct_groups(black_box(user));
            RolePicker::of(&entitlements, user, &direct, &grants)
        });
    });
}

criterion_group!(benches, entitlement);
criterion_main!(benches);
