"""No text or file may take all the memory: music21 once laid out eight gigabytes for a bar of 999999999 beats."""

import resource

import pytest

MOST_BYTES = 2_000_000_000  # the libraries together take 0.3 GB


@pytest.fixture(autouse=True)
def little_memory():
    """Beyond it allocating fails, and so does the test; the limit goes with the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, hard))
    yield
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
