"""For all tests: hypothesis measures no example by the wall clock, which a busy machine stretches."""

from hypothesis import settings

settings.register_profile("zoo", deadline=None)
settings.load_profile("zoo")
