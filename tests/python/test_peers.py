"""benches/peers without servers: which rounds count, and that what is written can be read."""

import pathlib
import xml.etree.ElementTree

from folders import importing

PEERS = pathlib.Path(__file__).resolve().parents[2] / "benches/peers"


with importing(PEERS, ("measure", "report")):
    import measure as MEASURE
    import report as REPORT

GIVEN = {"command": "benches/peers/run", "rounds": 3, "seconds": 1, "load_average": 0.1, "profile": "As it ships."}


def run_of(cpu, invalid=""):
    return MEASURE.Run(cpu, 1000.0, 80.0, 100.0, invalid)


def table():
    servers = [MEASURE.Server(name, "1", ("framed",), None) for name in ("bare loop", "farthing", "other")]
    work = MEASURE.Workload("add", "framed", 64, 16)
    row = {
        "bare loop": MEASURE.result([run_of(1.0)]),
        "farthing": MEASURE.result([run_of(2.0), run_of(9.0, "3 calls failed: wrong"), run_of(4.0), run_of(3.0)]),
        "other": "it did not start",
    }
    return [(work, row)], servers


def test_a_round_with_a_wrong_answer_does_not_count_and_is_shown():
    results, servers = table()
    ours = results[0][1]["farthing"]
    assert (ours.cpu_us, ours.cpu_max, ours.rounds) == (3.0, 4.0, 3)
    text = REPORT.text(results, servers, GIVEN)
    assert "farthing: 1 × 3 calls failed: wrong" in text
    assert "other: it did not start" in text
    assert "| framed add, 64 × 16 | 1.00 | **0.33** | failed |" in text
    assert "| framed add, 64 × 16 | farthing | 3.00 (2.00–4.00) | 0.33 | 1,000 | 80 | 100 | 3 |" in text


def test_no_figure_comes_of_rounds_that_all_failed():
    assert MEASURE.result([run_of(1.0, "late")]) is None


def test_the_chart_is_xml_and_has_a_bar_for_each_figure():
    root = xml.etree.ElementTree.fromstring(REPORT.chart(*table()))
    bars = root.findall("{http://www.w3.org/2000/svg}rect")
    assert len(bars) == 1


def test_a_latency_that_nobody_knows_is_not_shown_as_none_at_all():
    assert (REPORT.latency(0.0), REPORT.latency(1234.5)) == ("–", "1,234")


def test_the_builders_are_python():
    for name in ("run", "build.py"):
        compile((PEERS / name).read_text(), name, "exec")
