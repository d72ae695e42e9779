"""The matrices as text: for the terminal, and as docs/INTEROP.md. The same results give the same text."""

import dataclasses

from library import PROTOCOLS, SOCKETS, TRANSPORTS

LETTERS = {"tcp": "T", "tls": "S", "unix": "U"}
HEADINGS = {
    "clients": "Official clients, against one farthing",
    "servers": "farthing's client, against official servers",
}
TEXTS = {
    "clients": "All of them call **one** `farthing serve`: one TCP port and one Unix socket, whatever they speak.",
    "servers": "A row is a server on that library, started for each cell. `accel` and its like are a server's C extension.",
}
LEFT_OUT = {
    "no-uuid": "the type uuid, which it does not know",
    "no-large": "binaries of more than 4096 bytes, for which it takes longer than ten seconds",
    "no-backslash": "a backslash in a string, which it does not escape",
    "no-nul": "a NUL in a string, which it loses or writes as no JSON",
    "no-negative-zero": "-0, which comes back as 0",
    "no-infinity": "infinities and NaN, which it loses or writes as no JSON",
    "no-oneway": "oneway calls, which it never answers",
    "no-wide": "integers of more than 53 bits, which it rounds",
    "no-unknown-enum": "numbers that an enum has no name for, which come back as none",
    "no-undeclared": "an exception that the method does not declare, at which it ends the connection",
}


@dataclasses.dataclass
class Page:
    libraries: list
    versions: dict
    directions: list
    has_tls: bool

    def terminal(self):
        return "\n\n".join(f"{HEADINGS[direction.title]}\n{aligned(self.table(direction))}" for direction in self.directions)

    def table(self, direction):
        """Lists of cells, one row for each library and transport."""
        rows = [["library", "transport", *PROTOCOLS]]
        for library in self.libraries:
            for transport in TRANSPORTS:
                cells = [self.cell(direction, library, protocol, transport) for protocol in PROTOCOLS]
                if set(cells) != {"–"}:
                    rows.append([f"{library.name} {self.versions.get(library.key, '(not built)')}", transport, *cells])
        return rows

    def cell(self, direction, library, protocol, transport):
        """`T S U`: the sockets it passed on; a failure is `FAIL(T)`; `–` where there is no such thing."""
        parts = []
        for socket in SOCKETS:
            outcome = direction.outcomes.get((library.key, protocol, transport, socket))
            if outcome is not None:
                parts.append(LETTERS[socket] if outcome.passed else f"FAIL({LETTERS[socket]})")
        if parts:
            return " ".join(parts)
        if library.key not in self.versions:
            return "not built"
        return "–"

    def markdown(self):
        passed = sum(outcome.passed for direction in self.directions for outcome in direction.outcomes.values())
        failed = sum(len(direction.outcomes) for direction in self.directions) - passed
        lines = [
            "# Which official libraries work with farthing",
            "",
            "Programs written on the official Apache libraries, with stubs from Apache's compiler for `idl/conformance.thrift`, against",
            "farthing, both ways. Each cell is a run of the same calls: every type with its extremes, exceptions, oneway calls,",
            "binaries up to 131072 bytes, and two services where the protocol is multiplexed.",
            "",
            f"This page is written by `tests/run interop`, which fails where a cell does. {passed} combinations passed, {failed} failed.",
            "",
            "T: TCP; S: TLS; U: Unix socket; –: there is no such thing, for the reasons below the tables. `accel`, `accelc`, `multia` and",
            "`multiac` are C extensions of a library; `multi`, `multic`, `multij` and `multih` are multiplexed binary, compact, JSON and",
            "header.",
        ]
        if not self.has_tls:
            lines += ["", "TLS was left out: this farthing has none."]
        for direction in self.directions:
            rows = self.table(direction)
            lines += ["", f"## {HEADINGS[direction.title]}", "", TEXTS[direction.title], "", "| " + " | ".join(rows[0]) + " |"]
            lines += ["|" + "---|" * len(rows[0]), *("| " + " | ".join(row) + " |" for row in rows[1:])]
        built = [library for library in self.libraries if library.key in self.versions]
        lines += ["", "## The libraries", "", "| library | release | from |", "|---|---|---|"]
        lines += [f"| {library.name} | {self.versions[library.key]} | {library.origin} |" for library in built]
        lines += ["", "## What they do not offer", ""]
        lines += [f"- {library.name} {self.versions[library.key]}: {'; '.join(reasons(library))}." for library in built if reasons(library)]
        lines += ["", "## What farthing's client leaves out, for their servers cannot do it", ""]
        lines += [f"- {library.name} {self.versions[library.key]}: {'; '.join(left_out(library))}." for library in built if library.quirks]
        return "\n".join([*lines, ""])


def aligned(rows):
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def reasons(library):
    """Each reason once, in the recipe's order."""
    texts = [library.lacks, *library.without.values(), *(f"its server: {why}" for why in library.served_without.values())]
    return list(dict.fromkeys(text for text in texts if text))


def left_out(library):
    """What is left out, and where."""
    return [
        f"{', '.join(LEFT_OUT[name] for name in names)} {where(pattern)}".rstrip() for pattern, names in library.quirks.items()
    ]


def where(pattern):
    return " ".join(f"over {part}" for part in pattern if part != "*")
