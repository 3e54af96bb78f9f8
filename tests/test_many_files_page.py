"""The examples of docs/many-files.md, one after the other in one folder and one store of objects."""

import re
from pathlib import Path

from tests.command import shell
from tests.test_readme import find_examples

PAGE = Path(__file__).parents[1] / "docs" / "many-files.md"


def test_the_commands_of_the_page_print_what_is_said_there(tmp_path, object_store):
    """But for how long they take."""
    examples = find_examples(PAGE)
    assert len(examples) > 5
    for example in examples:
        command, _, expected = example.partition("\n")
        found, told = (
            re.sub(r" in \d+\.\d s", " in 0.4 s", text)
            for text in (shell(command, tmp_path, object_store.env).stdout, expected)
        )
        assert found.rstrip("\n") == told.rstrip("\n"), command
