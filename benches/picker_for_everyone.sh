#!/usr/bin/env bash
# The whole job, side by side in one run: what every user sees in the role picker, from a generated
# directory, by rolecall (from its CSV, LDIF and Okta JSON forms), DuckDB, Polars and a plain script,
# with ripgrep and cat + cp as anchors.
#
# usage: picker_for_everyone.sh DIR OUT
#   DIR   made by $ROLECALL_SHARED/perf/gen_directory.py --size S|M|L|XL --format all --out DIR
#         (csv, iam and okta-app are needed; ldif and okta are measured where they are there)
#   OUT   receives figures.json; the outputs are compared there and removed
#
# ROLECALL_SHARED   folder with perf/ (default: `shared` beside the checkout)
# ROLECALL_BIN      the program (default: a release build of this checkout)
# RUNS              timed runs of each (default 5)
# THREADS           of rolecall, DuckDB and Polars (default 2; rolecall runs with 1 as well)
# SKIP              contestants to leave out, by a comma ("python" at L and above)
#
# Every run is a whole process. Timed runs come in rounds, each in an order of its own; memory is
# sampled in further runs, so that sampling does not disturb the clock. Exit 1: some output differs.
set -euo pipefail
dir=${1:?usage: picker_for_everyone.sh DIR OUT} out=${2:?usage: picker_for_everyone.sh DIR OUT}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
shared=${ROLECALL_SHARED:-$root/../shared}
[ -f "$dir/edges.csv" ] && [ -f "$dir/users.csv" ] && [ -f "$dir/okta_app.json" ] && [ -d "$dir/iam" ] ||
  { echo "\`$dir\` lacks edges.csv, users.csv, okta_app.json or iam/" >&2; exit 2; }
[ -f "$shared/perf/rival_duckdb.py" ] || { echo "no perf/rival_duckdb.py in \`$shared\`; set ROLECALL_SHARED" >&2; exit 2; }
mkdir -p "$out"

binary=${ROLECALL_BIN:-}
if [ -z "$binary" ]; then
  (cd "$root" && cargo build --release --quiet)
  binary=${CARGO_TARGET_DIR:-$root/target}/release/rolecall
fi
python=$root/target/rivals/bin/python
if ! "$python" -c 'import duckdb, polars, orjson' 2>/dev/null; then
  python3 -m venv "$root/target/rivals"
  "$root/target/rivals/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1 polars==2.1.0 orjson==3.13.0
fi
exec "$python" - "$dir" "$out" "$binary" "$shared/perf" "${RUNS:-5}" "${THREADS:-2}" "${SKIP:-}" <<'PY'
import glob, hashlib, importlib.metadata, json, os, platform, random, shutil, stat, statistics, subprocess, sys, time

directory, out, binary, perf = sys.argv[1:5]
runs, threads, skip = int(sys.argv[5]), int(sys.argv[6]), set(sys.argv[7].split(","))
FILTER = r"^aws#[^ \t\n\x0b\x0c\r,]+#(?P<role>[A-Za-z0-9_\-]+)#(?P<acct>[0-9]+),"
COLUMNS = "user,account,role_arn,provider_arn,trust,paths"


def rolecall(inputs, count):
    command = [binary, "picker", "--all", "--sent", "--format", "csv", "--columns", COLUMNS, "--no-header", "--threads", str(count)]
    for name in [*inputs, "okta_app.json", "iam"]:
        command += ["--source", f"{directory}/{name}"]
    return {"command": command, "stdout": True}


def rival(name, *rest):
    return {"command": [sys.executable, f"{perf}/rival_{name}.py", directory, "{out}", *rest], "env": {"POLARS_MAX_THREADS": str(threads)}}


def there(*names):
    return all(os.path.exists(f"{directory}/{name}") for name in names)


CSV, LDIF = ["edges.csv", "users.csv"], ["directory.ldif"]
OKTA = ["okta_users.jsonl", "okta_groups.jsonl", "okta_members.jsonl"]
jobs = {"rolecall csv": rolecall(CSV, threads), "rolecall csv, 1 thread": rolecall(CSV, 1)}
if there(*LDIF):
    jobs["rolecall ldif"] = rolecall(LDIF, threads)
if there(*OKTA):
    jobs["rolecall okta"] = rolecall(OKTA, threads)
jobs |= {"duckdb": rival("duckdb", str(threads)), "polars": rival("polars"), "python": rival("python")}
inputs = [f"{directory}/{name}" for name in CSV + ["okta_app.json"]] + sorted(glob.glob(f"{directory}/iam/*.json"))
anchors = {"cat + cp": {"shell": f'cat "$@" >/dev/null && cp "{out}/expected.csv" "{{out}}"', "arguments": inputs}}
if shutil.which("rg"):
    anchors["rg -c"] = {"command": ["rg", "-c", FILTER, f"{directory}/edges.csv"], "stdout": True}
    anchors["rg -or"] = {"command": ["rg", "-or", "$role $acct", FILTER, f"{directory}/edges.csv"], "stdout": True}
else:
    print("SKIPPED: ripgrep is not installed", flush=True)
jobs = {name: job for name, job in jobs.items() if name not in skip}
anchors = {name: job for name, job in anchors.items() if name not in skip}


def start(job, target):
    if "shell" in job:
        command = ["sh", "-c", job["shell"].replace("{out}", target), "sh", *job["arguments"]]
    else:
        command = [word.replace("{out}", target) for word in job["command"]]
    with open(target if job.get("stdout") else os.devnull, "wb") as stdout:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, env={**os.environ, **job.get("env", {})})


def run(name, job, target):
    """Wall and CPU seconds of one whole process."""
    if target != os.devnull and os.path.exists(target):
        os.remove(target)
    begun = time.perf_counter()
    process = start(job, target)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{name} ended with {process.returncode}: {errors.decode(errors='replace')[-800:]}")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    return wall, usage.ru_utime + usage.ru_stime


def memory(job):
    """Peak and highest anonymous resident KiB of a process, sampled every 2 ms. (What wait4 says begins at this
    script's own size, which a forked child has until it becomes the program.)"""
    process, peak, anonymous = start(job, os.devnull), 0, 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status", encoding="ascii", errors="replace") as lines:
                found = {key: int(value.split()[0]) for key, _, value in (line.partition(":") for line in lines) if key in ("VmHWM", "RssAnon")}
            peak, anonymous = max(peak, found.get("VmHWM", 0)), max(anonymous, found.get("RssAnon", 0))
        except FileNotFoundError:
            pass
        time.sleep(0.002)
    process.stderr.close()
    return peak, anonymous


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_of(paths):
    return sum(os.path.getsize(path) for path in paths)


# 1. the same bytes from everybody
target, digests = f"{out}/output.csv", {}
for name, job in jobs.items():
    run(name, job, target)
    digests[name] = digest(target)
    print(f"{digests[name][:16]}  {os.path.getsize(target):>13,} bytes  {name}", flush=True)
    if name in ("duckdb", "python", "polars"):
        os.replace(target, f"{out}/expected.csv")
same = len(set(digests.values())) == 1
print("outputs: byte-identical" if same else "outputs: DIFFERENT", flush=True)
if not os.path.exists(f"{out}/expected.csv"):
    os.replace(target, f"{out}/expected.csv")
rows = 0
with open(f"{out}/expected.csv", "rb") as file:
    while block := file.read(1 << 20):
        rows += block.count(b"\n")

# 2. the clock
everybody = jobs | anchors
figures = {name: {"discarded": [], "cpu": [], "to_file": []} for name in everybody}
orders = []
for _ in range(runs):
    order = [(name, mode) for name in everybody for mode in ("discarded", "to_file")]
    random.shuffle(order)
    orders.append([f"{name}: {mode}" for name, mode in order])
    for name, mode in order:
        if mode == "to_file" and name.startswith("rg"):
            continue
        wall, cpu = run(name, everybody[name], os.devnull if mode == "discarded" and name != "cat + cp" else target)
        figures[name][mode].append(round(wall, 5))
        if mode == "discarded":
            figures[name]["cpu"].append(round(cpu, 5))

# 3. memory
for name, job in jobs.items():
    samples = [memory(job) for _ in range(2)]
    figures[name]["peak_kib"] = [peak for peak, _ in samples]
    figures[name]["anonymous_kib"] = [anonymous for _, anonymous in samples]

# 4. the table
median = {name: {key: (max if key.endswith("_kib") else statistics.median)(values) for key, values in figure.items() if values} for name, figure in figures.items()}
mib = lambda kib: f"{kib / 1024:,.1f}" if kib else ""
print(f"\n{rows:,} rows; {size_of(inputs):,} bytes in, {os.path.getsize(f'{out}/expected.csv'):,} out; medians of {runs}; {threads} threads unless said")
print(f"{'':24}{'discarded s':>12}{'to file s':>12}{'CPU s':>10}{'peak MiB':>11}{'anon MiB':>11}")
for name in everybody:
    m = median[name]
    file = f"{m['to_file']:.4f}" if "to_file" in m else ""
    print(f"{name:24}{m['discarded']:>12.4f}{file:>12}{m['cpu']:>10.3f}{mib(m.get('peak_kib')):>11}{mib(m.get('anonymous_kib')):>11}")

ratios = {}
def ratio(label, over, under, key="discarded"):
    if over in median and under in median and median[under].get(key) and median[over].get(key):
        ratios[label] = round(median[over][key] / median[under][key], 3)
faster = min((name for name in ("duckdb", "polars") if name in median), key=lambda name: median[name]["discarded"], default=None)
ratio(f"times faster than {faster}, the faster of DuckDB and Polars", faster, "rolecall csv")
ratio("times faster than DuckDB", "duckdb", "rolecall csv")
ratio("times faster than DuckDB (on CSV) from LDIF", "duckdb", "rolecall ldif")
ratio("times faster than DuckDB (on CSV) from Okta JSON", "duckdb", "rolecall okta")
ratio("two threads against one", "rolecall csv, 1 thread", "rolecall csv")
ratio("time over rg -c", "rolecall csv", "rg -c")
ratio("time over rg -or", "rolecall csv", "rg -or")
ratio("time over cat + cp, to a file", "rolecall csv", "cat + cp", "to_file")
ratio("peak memory of DuckDB over rolecall's", "duckdb", "rolecall csv", "peak_kib")
if rows:
    with open(f"{directory}/edges.csv", "rb") as file:
        edges = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1
    if "rolecall csv" in median:
        ratios["CPU ns per (edge + row)"] = round(median["rolecall csv"]["cpu"] * 1e9 / (edges + rows), 2)
print()
for label, value in ratios.items():
    print(f"{value:>10}  {label}")

versions = {name: importlib.metadata.version(name) for name in ("duckdb", "polars", "orjson")}
machine = {"cpus": os.cpu_count(), "kernel": platform.release(), "machine": platform.machine(), "python": platform.python_version()}
with open(f"{out}/figures.json", "w", encoding="utf-8") as file:
    json.dump({"rows": rows, "bytes_in": size_of(inputs), "bytes_out": os.path.getsize(f"{out}/expected.csv"), "identical": same, "sha256": digests,
               "runs": runs, "threads": threads, "machine": machine, "versions": versions, "median": median, "ratios": ratios,
               "figures": figures, "orders": orders}, file, indent=1)
    file.write("\n")
for path in (target, f"{out}/expected.csv"):
    if os.path.exists(path):
        os.remove(path)
sys.exit(0 if same else 1)
PY
