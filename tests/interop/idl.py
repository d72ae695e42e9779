"""idl/conformance.thrift as the compilers of all ages and languages take it: what the services use, in one namespace."""

import re

BLOCK = re.compile(r"^(?:struct|union|exception|enum|service)\s+(\w+)\s*\{.*?^\}|^typedef\s+.*?(\w+)$", re.M | re.S)
NAMESPACE = "conformance"


def stub_idl(text, uuid=True):
    """The part of an IDL that its services reach. Without `uuid`, for compilers before 0.18 and libraries that never had it."""
    if not uuid:
        text = "\n".join(line for line in text.splitlines() if not re.match(r"\s*(\d+: )?uuid\b", line))
    text = re.sub(r"/\*\*.*?\*/", "", text, flags=re.S)
    blocks = {match.group(1) or match.group(2): match.group(0) for match in BLOCK.finditer(text)}
    wanted = {name for name, block in blocks.items() if block.startswith("service")}
    while True:
        used = set(re.findall(r"\w+", " ".join(blocks[name] for name in wanted))) & blocks.keys()
        if used <= wanted:
            break
        wanted |= used
    kept = [block for name, block in blocks.items() if name in wanted]
    assert len([block for block in kept if block.startswith("service")]) == 2, kept
    return f"namespace * {NAMESPACE}\n\n" + "\n\n".join(kept) + "\n"
