"""The corpus room: reads packaged corpora and folders of scores, cleans, and keeps to the splits."""

from zoo.corpus.load import Report, load

__all__ = ["Report", "load"]
