"""For all tests: hypothesis measures no example by the wall clock, which a busy machine stretches; and the models are
the bundled ones, whatever somebody has fine-tuned here."""

import os

from hypothesis import settings

settings.register_profile("zoo", deadline=None)
settings.load_profile("zoo")

os.environ["ZOO_MODELS"] = os.devnull  # before the tests are collected: they are made for each model
