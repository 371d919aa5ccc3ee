"""What is kept a line each stays whole, whatever its words hold."""

import json

from backhaul.domain.canonical import json_lines


def test_only_a_line_feed_ends_a_line() -> None:
    told = ["two\u2028lines of a letter", "a form\x0cfeed and\x85next line"]
    text = "\n".join(json.dumps({"text": one}, ensure_ascii=False) for one in told) + "\n\n"
    assert [json.loads(line)["text"] for line in json_lines(text)] == told
