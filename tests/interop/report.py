"""The matrix as text: for the terminal, and as docs/INTEROP.md."""

from library import PROTOCOLS, SOCKETS, TRANSPORTS

LETTERS = {"tcp": "T", "tls": "S", "unix": "U"}


def cell_text(library, outcomes, protocol, transport):
    """`T S U`: the sockets it passed on; a failure is `FAIL(T)`; `–` where the library has no such thing."""
    parts = []
    for socket in SOCKETS:
        outcome = outcomes.get((library.key, protocol, transport, socket))
        if outcome is not None:
            parts.append(LETTERS[socket] if outcome.passed else f"FAIL({LETTERS[socket]})")
    if parts:
        return " ".join(parts)
    offered = any(library.reason(protocol, transport, socket) is None for socket in SOCKETS)
    return "not run" if offered else "–"


def table(libraries, versions, outcomes):
    """Lists of cells, one row for each library and transport."""
    rows = [["library", "transport", *PROTOCOLS]]
    for library in libraries:
        for transport in TRANSPORTS:
            cells = [cell_text(library, outcomes, protocol, transport) for protocol in PROTOCOLS]
            if set(cells) != {"–"}:
                rows.append([f"{library.name} {versions.get(library.key, '(not built)')}", transport, *cells])
    return rows


def aligned(rows):
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def markdown(libraries, versions, outcomes, counts):
    rows = table(libraries, versions, outcomes)
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    lacks = {(library.name, versions[library.key]): reasons(library) for library in libraries if library.key in versions}
    origins = [f"| {library.name} | {versions[library.key]} | {library.origin} |" for library in libraries if library.key in versions]
    passed, failed = counts
    return "\n".join(
        [
            "# Which official clients work",
            "",
            "Clients written on the official Apache libraries, with stubs from Apache's compiler, against **one** `farthing serve`: one TCP",
            "port and one Unix socket for all of them. Each cell is a run of the same calls: every type with its extremes,",
            "exceptions, oneway calls, binaries up to 131072 bytes, and two services side by side where the protocol is multiplexed.",
            "",
            f"This page is written by `tests/run interop`. {passed} combinations passed, {failed} failed.",
            "",
            "T: TCP; S: TLS; U: Unix socket; –: the library has no such thing, for the reason below the table. `accel`, `accelc`,",
            "`multia` and `multiac` are the C extensions of a library; `multi`, `multic`, `multij` and `multih` are multiplexed binary,",
            "compact, JSON and header.",
            "",
            *lines,
            "",
            "## The libraries",
            "",
            "| library | release | from |",
            "|---|---|---|",
            *origins,
            "",
            "## What they do not offer",
            "",
            *[f"- {name} {version}: {'; '.join(texts)}." for (name, version), texts in lacks.items()],
            "",
        ]
    )


def reasons(library):
    return [text for text in [library.lacks, *library.without.values()] if text]
