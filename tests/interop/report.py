"""The matrices as text: for the terminal, and as docs/INTEROP.md. The same results give the same text."""

import dataclasses

from library import PROTOCOLS, SOCKETS, TRANSPORTS, matches, packages_of
from served import OurClient

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
    "no-nul": "a NUL in a string, which it loses, or does not write as JSON",
    "no-negative-zero": "-0, which comes back as 0",
    "no-infinity": "infinities and NaN, which it does not write, or not as JSON",
    "no-oneway": "oneway calls, which it never answers",
    "no-wide": "integers of more than 53 bits, which it rounds",
    "no-unknown-enum": "numbers that an enum has no name for, which come back as none",
    "one-read": "texts and binaries of more than 8000 bytes, for it wants a message in one read",
    "no-undeclared": "an exception that the method does not declare, at which it ends the connection",
}


NOT_OFFERED, NOT_SPOKEN, NOT_RUN = "–", "(–)", "?"


@dataclasses.dataclass
class Page:
    libraries: list
    versions: dict
    directions: list
    ours: OurClient

    def terminal(self):
        return "\n\n".join(f"{HEADINGS[direction.title]}\n{aligned(self.table(direction))}" for direction in self.directions)

    def table(self, direction):
        """Lists of cells: one row for each library and transport, one for all transports that a library has not."""
        rows = [["library", "transport", *PROTOCOLS]]
        for library in self.libraries:
            name = f"{library.name} {self.versions.get(library.key, '(not built)')}"
            absent = []
            for transport in TRANSPORTS:
                cells = [self.cell(direction, library, protocol, transport) for protocol in PROTOCOLS]
                if set(cells) == {NOT_OFFERED}:
                    absent.append(transport)
                else:
                    rows.append([name, transport, *cells])
            if absent:
                rows.append([name, ", ".join(absent), *[NOT_OFFERED] * len(PROTOCOLS)])
        return rows

    def cell(self, direction, library, protocol, transport):
        """`T S U`, a place for each socket; `–` alone where there is nothing on any."""
        if library.key not in self.versions:
            return "not built"
        parts = [self.part(direction, library, (protocol, transport, socket)) for socket in SOCKETS]
        return parts[0] if len(set(parts)) == 1 and parts[0] in (NOT_OFFERED, NOT_SPOKEN) else " ".join(parts)

    def part(self, direction, library, cell):
        served = direction.title == "servers"
        why = library.reason(*cell, served=served)
        if why is not None:
            assert why, f"{library.name} does not offer {cell}, and its recipe does not say why"
            return NOT_OFFERED
        if served and not self.ours.speaks(*cell[:2]):
            return NOT_SPOKEN
        outcome = direction.outcomes.get((library.key, *cell))
        letter = LETTERS[cell[2]]
        if outcome is None:
            return NOT_RUN
        return letter if outcome.passed else f"FAIL({letter})"

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
            "T: TCP; S: TLS; U: Unix socket; –: not offered by this library, for the reasons below the tables; (–): farthing's client",
            "does not speak it. `accel`, `accelc`, `multia` and `multiac` are C extensions of a library; `multi`, `multic`, `multij` and",
            "`multih` are multiplexed binary, compact, JSON and header. `header` is a protocol to the libraries, which they put on top of",
            "other transports too. `fastframed` is a class of Java's for `framed`.",
        ]
        for direction in self.directions:
            rows = self.table(direction)
            lines += ["", f"## {HEADINGS[direction.title]}", "", TEXTS[direction.title], "", "| " + " | ".join(rows[0]) + " |"]
            lines += ["|" + "---|" * len(rows[0]), *("| " + " | ".join(row) + " |" for row in rows[1:])]
        built = [library for library in self.libraries if library.key in self.versions]
        lines += ["", "## The libraries", "", "| library | release | from |", "|---|---|---|"]
        lines += [f"| {library.name} | {self.versions[library.key]} | {library.origin} |" for library in built]
        lines += ["", "Debian packages that this installs where they are missing: " + ", ".join(f"`{name}`" for name in packages_of(self.libraries)) + "."]
        lines += ["The newest release comes as Debian's source package and compiler, unpacked and not installed; what is from PyPI, npm and"]
        lines += ["Cargo stays below `target/interop`."]
        lines += ["", "## What they do not offer", ""]
        lines += [f"- {library.name} {self.versions[library.key]}: {'; '.join(reasons(library))}." for library in built if reasons(library)]
        lines += ["", "## What farthing's client leaves out, for their servers cannot do it", ""]
        lines += self.shortcomings(built, served=True)
        lines += ["", "## What their clients leave out", ""]
        lines += self.shortcomings(built, served=False)
        return "\n".join([*lines, ""])

    def shortcomings(self, libraries, *, served):
        """A line for each library whose server, or client, cannot do all; of the combinations that it has."""
        lines = []
        for library in libraries:
            cells = library.cells(served=served)
            quirks = library.quirks if served else library.client_quirks
            texts = left_out({pattern: names for pattern, names in quirks.items() if any(matches(pattern, cell) for cell in cells)})
            if texts:
                lines.append(f"- {library.name} {self.versions[library.key]}: {'; '.join(texts)}.")
        return lines


def aligned(rows):
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def reasons(library):
    """Each reason once, in the recipe's order."""
    texts = [library.lacks, *library.without.values(), *(f"its server: {why}" for why in library.served_without.values())]
    return list(dict.fromkeys(text for text in texts if text))


def left_out(quirks):
    """What is left out, and where."""
    return [f"{', '.join(LEFT_OUT[name] for name in names)} {where(pattern)}".rstrip() for pattern, names in quirks.items()]


def where(pattern):
    return " ".join(f"over {part}" for part in pattern if part != "*")
