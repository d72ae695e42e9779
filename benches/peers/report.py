"""The table and the chart of RESULTS.md."""

import datetime
import os
import pathlib
import platform
import re
import subprocess

BAR, GAP, LEFT, WIDTH = 13, 16, 190, 420
COLOURS = ("#4c9be8", "#e8804c", "#52b788", "#b07ce0", "#d9a441", "#e06c8f", "#5bb8c4", "#9aa65a", "#8d99ae")


def sentence_of_machine():
    info = pathlib.Path("/proc/cpuinfo").read_text()
    processor = re.search(r"model name\s*: (.*)", info)
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) >> 20
    cores = info.count("processor\t")
    name = processor.group(1) if processor else platform.machine()
    return f"{name}, {cores} cores, {memory} GiB of memory, Linux {platform.release().split('-')[0]}"


def text(results, servers, given):
    """`results`: a list of (workload, {server's name: Result or why there is none}); `given`: how it was run."""
    rust = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    lines = [
        "# Beside other servers",
        "",
        "Written by `benches/peers/run`; do not edit. CPU time that a call costs each server, as a share of what it costs a bare",
        "event loop: 1.00 is a server that costs nothing but its system calls, higher is better. The bare loop finds each message and",
        "answers with a constant, in which it patches the number of the call (and the sum, for `add`); it decodes and checks nothing.",
        "A value that is `put` it skips without keeping it, which no server may: that row is no limit for large values.",
        "",
        "![CPU per call, as a share of the bare loop](results.svg)",
        "",
        *shares(results, servers),
        "",
        "## How it was measured",
        "",
        f"- {datetime.datetime.now(datetime.UTC):%d %B %Y}, by `{given['command']}`: {given['rounds']} rounds, each as many calls as a server",
        f"  can answer in about {given['seconds']} s, the servers taking turns within a round. Medians of the rounds; ratios only within one run.",
        f"- {sentence_of_machine()}. Load average when it began: {given['load_average']}. {busy(given['load_average'])}",
        "- Server on core 0, generator (`farthing bench`, a closed loop, one thread) on core 1, over loopback. Every server is started anew",
        "  for a workload. One core each: one shard, one I/O thread, `GOMAXPROCS=1`.",
        "- CPU is the scheduler's run time of all threads of the server, from before the first connection of a round until after its last",
        "  answer, over the calls answered: what it takes to open connections is in it. Where threads end with their connections, it is",
        "  the process' own clock, in steps of 10 ms.",
        "- Every answer is compared with what it must be: kind, number and value. A round with a wrong or missing answer does not count,",
        "  and is listed below. Latencies are those of a closed loop, that is under as much load as the server bears.",
        f"- rustc {rust}. {given['profile']}",
        "- × 4 and × 16: so many calls under way on each connection. 1 × 1 is there for its latency, in the second table.",
        "- Rows by wrk have a generator that is not ours: one call over and over, and of the answers only the status is looked at. nginx",
        "  takes part in these alone: it answers with a constant, and reads no call.",
        "- " + "; ".join(f"{server.name} {server.version}" for server in servers) + ".",
        "",
        "## All figures",
        "",
        "CPU in microseconds per call: median (least to most).",
        "",
        *details(results, servers),
        "",
    ]
    left_out = [f"- {work.name}: {name}: {why}" for work, row in results for name, one in row.items() for why in reasons(one)]
    return "\n".join([*lines, "## Rounds that do not count", "", *(left_out or ["None."]), ""])


def busy(load_average):
    return "The machine was busy with other work: the second digit is noise." if load_average > 1.5 else ""


def reasons(one):
    if isinstance(one, str):
        return [one]
    return [f"{one.invalid.count(why)} × {why}" for why in sorted(set(one.invalid))]


def share(row, name):
    one, bare = row.get(name), row.get("bare loop")
    if one is None or isinstance(one, str) or bare is None or isinstance(bare, str) or not one.cpu_us:
        return None
    return bare.cpu_us / one.cpu_us


def shares(results, servers):
    """The first table: a row for a workload, a column for a server."""
    names = [server.name for server in servers if server.name != "bare loop"]
    yield f"| workload | bare loop, µs | {' | '.join(names)} |"
    yield f"|---|--:|{'--:|' * len(names)}"
    for workload, row in results:
        bare = row.get("bare loop")
        cost = f"{bare.cpu_us:.2f}" if bare is not None and not isinstance(bare, str) else "–"
        cells = []
        for name in names:
            ratio = share(row, name)
            shown = "–" if name not in row else "failed" if ratio is None else f"{ratio:.2f}"
            cells.append(f"**{shown}**" if name == "farthing" else shown)
        yield f"| {workload.name} | {cost} | {' | '.join(cells)} |"


def details(results, servers):
    yield "| workload | server | CPU, µs per call | share | calls/s | p50, µs | p99, µs | rounds |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|"
    for workload, row in results:
        for server in servers:
            one = row.get(server.name)
            if one is None or isinstance(one, str):
                continue
            ratio = share(row, server.name)
            spread = f"{one.cpu_us:.2f} ({one.cpu_min:.2f}–{one.cpu_max:.2f})"
            shown = "" if ratio is None else f"{ratio:.2f}"
            yield f"| {workload.name} | {server.name} | {spread} | {shown} | {one.rate:,.0f} | {latency(one.p50_us)} | {latency(one.p99_us)} | {one.rounds} |"


def latency(us):
    """wrk knows none where calls are pipelined, and says 0."""
    return f"{us:,.0f}" if us else "–"


STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.faint { fill: #57606a }
.line { stroke: #8c959f; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .faint { fill: #9198a1 } .line { stroke: #6e7681 } }
"""


def chart(results, servers):
    """Bars, a group for a workload. It has no background of its own, and follows the reader's colours."""
    names = [server.name for server in servers if server.name != "bare loop"]
    rows = [(work, [(name, share(row, name)) for name in names if share(row, name) is not None]) for work, row in results]
    rows = [(work, bars) for work, bars in rows if bars]
    most = max([1.0, *(ratio for _, bars in rows for _, ratio in bars)]) * 1.02
    parts, y = [], 34
    for work, bars in rows:
        parts.append(f'<text x="0" y="{y + 10}" font-weight="600">{work.name}</text>')
        y += 17
        for name, ratio in bars:
            width, colour = ratio / most * WIDTH, COLOURS[names.index(name) % len(COLOURS)]
            weight = ' font-weight="600"' if name == "farthing" else ""
            parts.append(f'<text x="{LEFT - 8}" y="{y + 10}" text-anchor="end" class="faint"{weight}>{name}</text>')
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{max(width, 1):.1f}" height="{BAR - 2}" rx="2" fill="{colour}"/>')
            parts.append(f'<text x="{LEFT + width + 5:.1f}" y="{y + 10}"{weight}>{ratio:.2f}</text>')
            y += BAR + 1
        y += GAP
    limit = LEFT + WIDTH / most
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 50} {y}" width="{LEFT + WIDTH + 50}" height="{y}">',
        f"<title>CPU per call, as a share of the bare loop</title><style>{STYLE}</style>",
        f'<line class="line" x1="{limit:.1f}" y1="20" x2="{limit:.1f}" y2="{y - GAP}"/>',
        f'<text x="{limit:.1f}" y="14" text-anchor="middle" class="faint">bare loop = 1</text>',
    ]
    return "\n".join([*head, *parts, "</svg>", ""])


def write(folder, results, servers, given):
    pathlib.Path(folder, "RESULTS.md").write_text(text(results, servers, given))
    pathlib.Path(folder, "results.svg").write_text(chart(results, servers))
    print(f"wrote {os.path.relpath(folder)}/RESULTS.md and results.svg")
