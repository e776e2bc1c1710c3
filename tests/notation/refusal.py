"""How every notation refuses what it can't read."""

import pytest

from zoo.errors import ScoreError


def assert_refused(read, data, part_of_message):
    """read(data) raises a ScoreError of one line that says the words."""
    with pytest.raises(ScoreError) as caught:
        read(data)
    assert part_of_message in str(caught.value)
    assert "\n" not in str(caught.value)
